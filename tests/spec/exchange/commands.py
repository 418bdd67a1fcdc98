"""Runs the commands of a page as its reader would, with this checkout's `accord`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.support.shared_data import ROOT


def shell_blocks(page: str) -> list[str]:
    """The shell commands on a page of the docs, block by block."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(r"^```sh\n(.*?)^```", text, flags=re.DOTALL | re.MULTILINE)


def run(block: str, folder: Path) -> str:
    """Run a block in `folder`, stopping at its first error, and give what it printed."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", "-ec", block], cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
