"""A test site's database with every migration applied: made once, then copied as long as nothing changes it.

Applying all migrations takes about ten seconds of processor time, and every process of the tests that makes a
site of its own would spend them anew. The copy, a file of SQLite or a dump of PostgreSQL, is kept under the
digest of all that decides what is in it, in `test-results`, which `make clean` removes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.support import postgres

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


def prepare_on_postgres() -> None:
    """Make this process's own PostgreSQL site ready to serve, as `site.prepare` does; its database is empty.

    What a dump was restored to is migrated all the same, which finds nothing to do.
    """
    from django.conf import settings

    from accord.clinic.site.commands import site

    told, kept = settings.DATABASES["default"], _kept("sql")
    if kept.exists():
        _run("psql", told, "--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--single-transaction",
             "--output", os.devnull, "--file", str(kept))  # fmt: skip
    site.prepare()
    if not kept.exists():
        half = _half(kept)
        _run("pg_dump", told, "--no-owner", "--file", str(half))
        half.replace(kept)


def _run(program: str, told: Mapping[str, Any], *arguments: str) -> None:
    """One of PostgreSQL's own programs, for the database of these settings."""
    where = ["--host", told["HOST"], "--port", str(told["PORT"]), "--username", told["USER"]]
    command = [str(postgres.binaries() / program), *where, *arguments, told["NAME"]]
    subprocess.run(command, env={"PGPASSWORD": told["PASSWORD"]}, check=True)


def put_into(folder: Path) -> None:
    """The database of a site that another process will start there; none, to be migrated, if none is kept."""
    kept = _kept()
    if kept.exists():
        shutil.copy(kept, folder / NAME)


def _kept(kind: str = "sqlite3") -> Path:
    return KEPT / f"{_digest()}.{kind}"


def _digest() -> str:
    """Of the migrations, of the models and guards, and of the programs that make tables of them."""
    programs = [sqlite3.sqlite_version, str(postgres.installed()), *map(version, PACKAGES)]
    told = hashlib.sha256(repr(programs).encode())
    for path in _decisive():
        told.update(path.name.encode() + path.read_bytes())
    return told.hexdigest()[:24]


def _decisive() -> Iterator[Path]:
    for folder in ("migrations", "models", "encryption"):
        yield from sorted((CLINIC / folder).rglob("*.py"))
    yield CLINIC / "settings.py"


def _keep(place: Path, kept: Path) -> None:
    half = _half(kept)
    shutil.copy(place, half)
    half.replace(kept)


def _half(kept: Path) -> Path:
    """A place until it is whole, since other processes look for it meanwhile."""
    kept.parent.mkdir(parents=True, exist_ok=True)
    return kept.with_suffix(f".{os.getpid()}")
