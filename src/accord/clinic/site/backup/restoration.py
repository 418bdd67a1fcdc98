"""Restoring a backup into an empty place: built beside, compared row by row, and only then put in place.

A backup that was changed, cut off or made for another key leaves nothing behind, and a place that holds a
record already is never touched.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyrage
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor

from accord.clinic.models import guards as append_only
from accord.clinic.site.backup import signing, tables
from accord.clinic.site.backup.archive import (
    ROW,
    UNSIGNED,
    BadBackup,
    Digest,
    Head,
    about,
    compare,
    head_of,
)
from accord.clinic.site.backup.creation import BadKey


class NotEmpty(Exception):
    """The place holds something already."""


def identity_of(path: Path) -> Any:
    """The private key in a file. Raises `BadKey` when there is none."""
    try:
        lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line[:1] not in ("", "#")]
        return pyrage.x25519.Identity.from_str(lines[0])
    except (OSError, UnicodeDecodeError, IndexError, pyrage.IdentityError) as error:
        raise BadKey(f"{path}: expected a file with a private key (AGE-SECRET-KEY-...)") from error


def check(path: Path, identity: Any, signed_by: str = "") -> tuple[Head, dict[str, int]]:
    """Read a whole backup and compare it with its own digests. Returns what it is and the rows of each table.

    Raises `BadBackup` for one that is not as it was made, holds no record, or was not signed by the key
    `signed_by` where one is given, and `BadKey` for another private key.
    """
    reader = Reader()
    _decrypt(path, identity, reader)
    counts = {name: table["rows"] for name, table in reader.end().items()}
    if signed_by and reader.head.signed_by != signed_by:
        found = reader.head.signed_by or "no signature"
        raise BadBackup(f"found {found}, expected one by {signed_by}: this site did not make it")
    if not counts.get("clinic_organisation"):
        raise BadBackup("the backup holds no record: it was made of a database that was never set up")
    return reader.head, counts


def restore(path: Path, identity: Any, signed_by: str = "") -> tuple[Head, dict[str, int]]:
    """Restore into the site's own database, which must be empty. Raises as `check`, and `NotEmpty`."""
    head, counts = check(path, identity, signed_by)  # reading twice is cheaper than building in vain
    with _empty_place():
        loader = Loader()
        _decrypt(path, identity, loader)
        manifest = loader.end()
        loader.finish()
        compare(_read_back(loader.columns), manifest)
    return head, counts


def _decrypt(path: Path, identity: Any, reader: Reader) -> None:
    try:
        with path.open("rb") as file:
            pyrage.decrypt_io(file, reader, [identity])
    except pyrage.DecryptError as error:
        raise BadKey("this key does not open the backup, or the backup is not as it was made") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadBackup(f"the backup is not as it was made ({error})") from error


class Reader:
    """Takes the text of a backup as it is decrypted, and compares each table with the manifest at its end."""

    head: Head

    def __init__(self) -> None:
        self.columns: dict[str, list[str]] = {}
        self._said = sha256()
        self._signature: dict[str, str] | None = None
        self._rest, self._digests, self._manifest = b"", {}, None  # type: ignore[var-annotated]
        self._table = ""

    def write(self, data: bytes) -> int:
        *whole, self._rest = (self._rest + bytes(data)).split(b"\n")
        self.take(whole)
        return len(data)

    def flush(self) -> None:
        """Nothing is kept back."""

    def take(self, lines: list[bytes]) -> None:
        for line in lines:
            if line.startswith(ROW) and self._table:
                self._digests[self._table].add(line[len(ROW) :])
                self.row(line[len(ROW) :])
            else:
                self._about(line)

    def _about(self, line: bytes) -> None:
        content = about(line)
        if "signed" in content and self._manifest is not None and self._signature is None:
            self._signature = content["signed"]
            return
        if self._manifest is not None:
            raise BadBackup("the backup goes on after its end")
        self._said.update(line + b"\n")
        if not hasattr(self, "head"):
            self.head = head_of(line)
            self.begin()
            return
        self.table_ends()
        if "end" in content:
            self._table, self._manifest = "", content["end"]
        else:
            self._table = content["table"]
            self.columns[self._table], self._digests[self._table] = content["columns"], Digest()

    def begin(self) -> None:
        """The head was read."""

    def row(self, row: bytes) -> None:
        """A row of `self._table`."""

    def table_ends(self) -> None:
        """No more rows of it."""

    def end(self) -> dict[str, dict[str, Any]]:
        """The manifest. Raises `BadBackup` when it did not come, or tells something else than the rows."""
        if self._manifest is None or self._rest:
            raise BadBackup("the backup ends before its end")
        compare({name: digest.to_dict() for name, digest in self._digests.items()}, self._manifest)
        self._check_signature()
        return self._manifest

    def _check_signature(self) -> None:
        """Note who signed it. Raises `BadBackup` where the signature is missing or does not hold."""
        if self.head.form == UNSIGNED and self._signature is None:
            return
        signed = self._signature or {}
        by, signature = signed.get("by", ""), signed.get("signature", "")
        if not signing.is_signed_by(by, self._said.digest(), signature):
            raise BadBackup("the signature under the backup does not hold")
        self.head = replace(self.head, signed_by=by)


class Loader(Reader):
    """Puts the rows into the database, whose tables it makes as they were."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[bytes] = []

    def begin(self) -> None:
        if self.head.vendor != connection.vendor:
            raise BadBackup(f"found a backup of {self.head.vendor}, expected one of {connection.vendor}")
        _make_tables(self.head)

    def row(self, row: bytes) -> None:
        self._waiting.append(row)
        if len(self._waiting) >= tables.AT_ONCE:
            self._fill()

    def table_ends(self) -> None:
        self._fill()

    def _fill(self) -> None:
        if self._waiting:
            tables.of(connection).fill(self._table, self.columns[self._table], self._waiting)
            self._waiting = []

    def finish(self) -> None:
        """What rows do not hold: the numbers that come next, references, and the guards of facts."""
        models = (
            MigrationExecutor(connection).loader.project_state().apps.get_models(include_auto_created=True)
        )
        with connection.cursor() as cursor:
            for sql in connection.ops.sequence_reset_sql(no_style(), list(models)):
                cursor.execute(sql)
        connection.check_constraints()
        append_only.put_up(connection)


def _make_tables(head: Head) -> None:
    """Tables as the backed-up database had them, empty."""
    executor = MigrationExecutor(connection)
    unknown = sorted({*head.migrations} - {*executor.loader.disk_migrations})
    if unknown:
        raise BadBackup(
            f"made by a later version of accord ({head.version}); it knows {'.'.join(unknown[0])}"
        )
    graph = executor.loader.graph.node_map
    followed = {parent.key for key in head.migrations for parent in graph[key].parents}
    executor.migrate(sorted({*head.migrations} - followed))
    append_only.take_down(connection)
    with connection.cursor() as cursor:
        for name in tables.of(connection).names():
            cursor.execute(f'DELETE FROM "{name}"')  # noqa: S608  (what the migrations themselves put there)
        if connection.vendor == "postgresql":  # some migrations make them immediate
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _read_back(columns: dict[str, list[str]]) -> dict[str, dict[str, Any]]:
    result = {}
    stored = tables.of(connection)
    for name in stored.names():
        digest = Digest()
        for row in stored.rows(name, columns.get(name) or stored.columns(name)):
            digest.add(row)
        result[name] = digest.to_dict()
    return result


@contextmanager
def _empty_place() -> Iterator[None]:
    """The site's database, empty, in which everything that follows happens whole or not at all."""
    if connection.vendor == "sqlite":
        with _beside(Path(str(connection.settings_dict["NAME"]))), transaction.atomic():
            yield
        return
    if connection.introspection.table_names():
        raise NotEmpty("found tables in the database, expected an empty one")
    with transaction.atomic():
        yield


@contextmanager
def _beside(place: Path) -> Iterator[None]:
    """A file beside the place, which takes it once it is whole and on the disk."""
    if place.exists():
        raise NotEmpty(f"found {place}, expected no file there: move it away first")
    built = place.with_name(f".{place.name}.restoring")
    _remove(built)
    built.touch(mode=0o600)
    connection.close()
    connection.settings_dict["NAME"] = str(built)
    try:
        # References are held again afterwards; while rows come table by table they cannot be.
        with connection.constraint_checks_disabled():
            yield
        connection.close()
        _settle(built)
        os.link(built, place)  # unlike a renaming, this never takes the place of a file that came meanwhile
        _settle(place.parent)
    finally:
        connection.close()
        connection.settings_dict["NAME"] = str(place)
        _remove(built)


def _settle(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _remove(built: Path) -> None:
    for end in ("", "-journal", "-wal", "-shm"):
        Path(f"{built}{end}").unlink(missing_ok=True)
