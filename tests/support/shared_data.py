"""Data of other people's studies, kept beside the repository, never in it. No test skips anywhere else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def folder() -> Path:
    return Path(os.environ.get("ACCORD_SHARED_DATA", ROOT.parent / "shared" / "data"))


def folder_or_skip() -> Path:
    found = folder()
    if not found.is_dir():
        pytest.skip(
            f"no data at {found}: set ACCORD_SHARED_DATA to the folder that holds real/ and reference/"
        )
    return found
