"""The form of a backup: lines of text under age encryption, with digests of every row, table and the whole.

    #{"accord-backup": 1, "vendor": ..., "made_at": ..., "migrations": [[app, name], ...]}
    #{"table": ..., "columns": [...]}
    =a row                                   one line each, in the order of the table's key
    #{"end": {table: {"rows": n, "digest": ...}, ...}}
    #{"signed": {"by": the site's public key, "signature": over every line above that begins with #}}

Form 1, of earlier versions, has no signature and says nothing of organisations.

A row is written as its database writes it: JSON on SQLite, the text of COPY on PostgreSQL. The digest of a
table is SHA-256 over the SHA-256 of each row.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

FORMAT, UNSIGNED = 2, 1
TELLS, ROW = b"#", b"="  # how lines begin: about the backup, or a row


class BadBackup(Exception):
    """Not a backup, or not as it was made."""


@dataclass(frozen=True)
class Of:
    """An organisation in a backup, with the number and digest of the newest event in its audit log."""

    name: str
    events: int
    digest: str


@dataclass(frozen=True)
class Head:
    """What a backup says of itself. `migrations` are the names that its database had been brought to.

    `form`: of the archive it was read from; `signed_by`: the public key of a signature that holds, or empty.
    """

    vendor: str
    made_at: str
    version: str
    migrations: tuple[tuple[str, str], ...]
    organisations: tuple[Of, ...] = ()
    form: int = field(default=FORMAT, compare=False)
    signed_by: str = field(default="", compare=False)

    def to_dict(self) -> dict[str, Any]:
        return {
            "accord-backup": FORMAT,
            "vendor": self.vendor,
            "made_at": self.made_at,
            "version": self.version,
            "migrations": self.migrations,
            "organisations": [vars(of) for of in self.organisations],
        }


class Digest:
    """Row count and digest of a table, in this order of rows."""

    def __init__(self) -> None:
        self.rows, self._sum = 0, sha256()

    def add(self, row: bytes) -> None:
        self.rows += 1
        self._sum.update(sha256(row).digest())

    def to_dict(self) -> dict[str, Any]:
        return {"rows": self.rows, "digest": self._sum.hexdigest()}


Manifest = Mapping[str, Mapping[str, Any]]
Table = tuple[str, list[str], Iterable[bytes]]  # name, columns, rows


Signature = Mapping[str, str]  # "by", "signature"


def lines(head: Head, tables: Iterable[Table], sign: Callable[[bytes], Signature]) -> Iterator[bytes]:
    """A backup, line by line. `sign` gets the digest of what the backup says of itself and of its rows."""
    said = sha256()
    for line in _unsigned(head, tables):
        if line.startswith(TELLS):
            said.update(line)
        yield line
    yield _line({"signed": sign(said.digest())})


def _unsigned(head: Head, tables: Iterable[Table]) -> Iterator[bytes]:
    yield _line(head.to_dict())
    manifest = {}
    for name, columns, rows in tables:
        yield _line({"table": name, "columns": columns})
        digest = Digest()
        for row in rows:
            digest.add(row)
            yield ROW + row + b"\n"
        manifest[name] = digest.to_dict()
    yield _line({"end": manifest})


def _line(content: Mapping[str, Any]) -> bytes:
    return TELLS + json.dumps(content).encode() + b"\n"


def head_of(line: bytes) -> Head:
    """Raises `BadBackup` for anything but the first line of a backup that this version can read."""
    content = about(line)
    form = content.get("accord-backup")
    if form not in (FORMAT, UNSIGNED):
        raise BadBackup(f"found a backup of form {form}, expected {FORMAT}")
    migrations = tuple((app, name) for app, name in content["migrations"])
    organisations = tuple(Of(**of) for of in content.get("organisations", ()))
    return Head(content["vendor"], content["made_at"], content["version"], migrations, organisations, form)


def about(line: bytes) -> dict[str, Any]:
    if not line.startswith(TELLS):
        raise BadBackup("found something else, expected a backup of accord")
    content: dict[str, Any] = json.loads(line[len(TELLS) :])
    return content


def compare(found: Manifest, expected: Manifest) -> None:
    """Raises `BadBackup` naming the tables that differ."""
    wrong = sorted(name for name in {*found, *expected} if found.get(name) != expected.get(name))
    if wrong:
        raise BadBackup(f"rows differ from those that were backed up, in {', '.join(wrong)}")
