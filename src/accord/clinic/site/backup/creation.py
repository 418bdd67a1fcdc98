"""Create a backup while the site runs: a consistent snapshot, encrypted as it is read."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pyrage
from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from accord.clinic.site.backup import archive, signing, tables
from accord.exchange.atomic import replacing_bytes


class BadKey(Exception):
    """Not a key of this kind, or not the one the backup was made for."""


def new_key() -> tuple[str, str]:
    """A private key and the public one that belongs to it, in age's own form."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def make(path: Path, recipient: str) -> datetime:
    """Write a backup of this moment to `path`, which appears whole or not at all. Returns the moment.

    Raises `BadKey` for a recipient that is none, `InputError` where the place cannot be written.
    """
    try:
        whom = pyrage.x25519.Recipient.from_str(recipient)
    except pyrage.RecipientError as error:
        raise BadKey("expected a public key that begins with age1") from error
    with replacing_bytes(path) as file, _moment() as (tables_read, at):
        head = archive.Head(
            connection.vendor, at.isoformat(), version("accord"), _migrations(), _organisations(tables_read)
        )
        contents = (
            (name, (columns := tables_read.columns(name)), tables_read.rows(name, columns))
            for name in tables_read.names()
        )
        pyrage.encrypt_io(Reading(archive.lines(head, contents, _signature)), file, [whom])
    return at


def signer() -> str:
    """The public half of the key that signs this site's backups."""
    return signing.public_of(signing.key_of(Path(settings.ACCORD.folder)))


def _signature(content: bytes) -> archive.Signature:
    key = signing.key_of(Path(settings.ACCORD.folder))
    return {"by": signing.public_of(key), "signature": signing.sign(key, content)}


def _organisations(read: tables.Tables) -> tuple[archive.Of, ...]:
    """Those of the moment, each with the head of its audit log."""
    rows = read.raw.execute(
        "SELECT name, sequence, digest FROM clinic_organisation "
        "LEFT JOIN clinic_audithead ON organisation_id = id ORDER BY name"
    )
    return tuple(archive.Of(name, events or 0, digest or "") for name, events, digest in rows.fetchall())


def _migrations() -> tuple[tuple[str, str], ...]:
    return tuple(sorted(MigrationRecorder(connection).applied_migrations()))


@contextmanager
def _moment() -> Iterator[tuple[tables.Tables, datetime]]:
    """The database as it is at one moment, which goes on for everybody else."""
    connection.ensure_connection()
    if connection.vendor == "sqlite":
        with _copied() as raw:
            yield tables.SQLite(raw), timezone.now()
        return
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT 1")  # the moment is that of the first statement
        yield tables.of(connection), timezone.now()


@contextmanager
def _copied() -> Iterator[Any]:
    # Reading for long would hold up who writes; SQLite's own copy takes a moment, and is read at leisure.
    live = connection.connection
    place = Path(str(connection.settings_dict["NAME"])).with_name(".accord-moment.sqlite3")
    place.unlink(missing_ok=True)
    place.touch(mode=0o600)
    try:
        with closing(sqlite3.connect(place)) as copy:
            live.backup(copy)
            yield copy
    finally:
        place.unlink(missing_ok=True)


class Reading:
    """Lines as a file that is read, a block at a time."""

    def __init__(self, lines: Iterator[bytes]) -> None:
        self._lines, self._rest = lines, b""

    def read(self, size: int) -> bytes:
        parts, length = [self._rest], len(self._rest)
        while length < size and (line := next(self._lines, b"")):
            parts.append(line)
            length += len(line)
        whole = b"".join(parts)
        self._rest = whole[size:]
        return whole[:size]
