"""A test site's database with every migration applied: made once, then copied as long as nothing changes it.

Applying all migrations takes about ten seconds of processor time, and every process of the tests that makes a
site of its own would spend them anew. The copy is kept under the digest of all that decides what is in it, in
`test-results`, which `make clean` removes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "test-results" / "ready-made"
CLINIC = ROOT / "src" / "accord" / "clinic"
PACKAGES = ("django", "django-allauth")
NAME = "accord.sqlite3"  # of the database in a site's folder


def prepare() -> Path:
    """Make this process's own SQLite site ready to serve, as `site.prepare` does. Returns its database."""
    from django.conf import settings
    from django.db import connection

    from accord.clinic.site.commands import site

    place, kept = Path(settings.DATABASES["default"]["NAME"]), _kept()
    if kept.exists() and not place.exists():
        shutil.copy(kept, place)
        site.prepare(migrate=False)
        return place
    site.prepare()
    connection.close()  # what a journal still holds goes into the file
    if not kept.exists():
        _keep(place, kept)
    return place


def put_into(folder: Path) -> None:
    """The database of a site that another process will start there; none, to be migrated, if none is kept."""
    kept = _kept()
    if kept.exists():
        shutil.copy(kept, folder / NAME)


def _kept() -> Path:
    return KEPT / f"{_digest()}.sqlite3"


def _digest() -> str:
    """Of the migrations, of the models and guards, and of the programs that make tables of them."""
    told = hashlib.sha256(repr([sqlite3.sqlite_version, *map(version, PACKAGES)]).encode())
    for path in _decisive():
        told.update(path.name.encode() + path.read_bytes())
    return told.hexdigest()[:24]


def _decisive() -> Iterator[Path]:
    for folder in ("migrations", "models", "encryption"):
        yield from sorted((CLINIC / folder).rglob("*.py"))
    yield CLINIC / "settings.py"


def _keep(place: Path, kept: Path) -> None:
    """Under its name only when it is whole, since other processes look for it meanwhile."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    half = kept.with_suffix(f".{os.getpid()}")
    shutil.copy(place, half)
    half.replace(kept)
