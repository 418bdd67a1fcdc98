"""Whether what lies on the disk is for its owner only, and can be written."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.core.checks import CheckMessage, Error

from accord.clinic.environment import KEY_FILE, Environment

OTHERS = 0o077  # what group and others may do
BESIDE = ("", "-wal", "-shm", "-journal")  # files that SQLite keeps beside its own


def problems(site: Environment) -> Iterator[CheckMessage]:
    """Every reason why the data folder cannot be trusted with a record; a missing folder is none."""
    if not site.folder.is_dir():
        return
    if _is_open(site.folder):
        yield _error(
            "E030", f"Others may look into the data folder {site.folder}.", f"chmod 700 {site.folder}"
        )
    for path in [site.folder / KEY_FILE, *database_files(site)]:
        if path.is_file() and _is_open(path):
            yield _error("E031", f"Others may read {path}.", f"chmod 600 {path}")
    for folder in {site.folder, *(path.parent for path in database_files(site))}:
        if folder.is_dir() and not _can_be_written(folder):
            hint = (
                f"Give {folder} to the user who runs the site, on a disk that is not read-only and not full."
            )
            yield _error("E032", f"Nothing can be written into {folder}.", hint)


def database_files(site: Environment) -> list[Path]:
    """SQLite's files, there or not; none for a database elsewhere."""
    if not site.database["ENGINE"].endswith("sqlite3"):
        return []
    return [Path(f"{site.database['NAME']}{end}") for end in BESIDE]


def _is_open(path: Path) -> bool:
    return bool(path.stat().st_mode & OTHERS)


def _can_be_written(folder: Path) -> bool:
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".accord-may-write-") as file:
            file.write(b"x" * 4096)
            file.flush()
    except OSError:
        return False
    return True


def _error(id: str, message: str, hint: str) -> Error:
    return Error(message, hint=hint, id=f"accord.{id}")
