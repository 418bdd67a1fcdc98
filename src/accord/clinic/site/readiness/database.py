"""Whether the database keeps what it acknowledges: read back from the live connection."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.checks import CheckMessage, Error
from django.db.backends.base.base import BaseDatabaseWrapper

from accord.clinic.environment import wal_is_safe

LEVELS = ("OFF", "NORMAL", "FULL", "EXTRA")  # as SQLite counts `synchronous`
OLDEST_POSTGRESQL = 15
MUST_BE_ON = ("fsync", "full_page_writes")


def problems(connection: BaseDatabaseWrapper) -> Iterator[CheckMessage]:
    """Every reason why an answer that was acknowledged here could be gone tomorrow, or be read on its way."""
    if connection.vendor == "sqlite":
        import sqlite3

        yield from sqlite_problems(read_sqlite(connection), sqlite3.sqlite_version_info)
    else:
        yield from postgresql_problems(read_postgresql(connection))


@dataclass(frozen=True)
class SQLite:
    journal: str
    synchronous: str
    foreign_keys: bool


def read_sqlite(connection: BaseDatabaseWrapper) -> SQLite:
    journal, synchronous, foreign_keys = (
        _single_value(connection, f"PRAGMA {name}")
        for name in ("journal_mode", "synchronous", "foreign_keys")
    )
    return SQLite(str(journal).upper(), LEVELS[int(synchronous)], bool(foreign_keys))


def sqlite_problems(found: SQLite, version: tuple[int, ...]) -> Iterator[CheckMessage]:
    """The write-ahead log is durable at FULL. A rollback journal is only at EXTRA: at FULL its removal, which
    is the commit, may not have reached the disk when the power goes."""
    enough = ("FULL", "EXTRA") if found.journal == "WAL" else ("EXTRA",)
    if found.journal not in ("WAL", "DELETE") or found.synchronous not in enough:
        message = f"SQLite runs with journal {found.journal} and synchronous {found.synchronous}."
        hint = "Expected WAL with FULL or EXTRA, or DELETE with EXTRA, as the site itself sets it."
        yield _error("E040", f"{message} A power cut could take what was acknowledged.", hint)
    if found.journal == "WAL" and not wal_is_safe(version):
        shown = ".".join(map(str, version))
        hint = "Use SQLite 3.51.3, 3.50.7 or 3.44.6 or later, or let the site choose the rollback journal."
        yield _error("E041", f"SQLite {shown} can lose a commit when its write-ahead log is reset.", hint)
    if not found.foreign_keys:
        yield _error(
            "E042", "SQLite does not hold references.", "Run PRAGMA foreign_keys=ON on each connection."
        )


@dataclass(frozen=True)
class PostgreSQL:
    version: int
    settings: Mapping[str, str]
    address: str  # of the server; empty for a socket on this machine
    tls: bool
    standby: bool


def read_postgresql(connection: BaseDatabaseWrapper) -> PostgreSQL:
    names = (*MUST_BE_ON, "synchronous_commit")
    raw = connection.connection.info  # the driver's own view of the connection
    address = "" if raw.host.startswith("/") else raw.hostaddr
    return PostgreSQL(
        version=raw.server_version // 10_000,
        settings={name: str(_single_value(connection, f"SHOW {name}")) for name in names},
        address=address,
        tls=bool(_single_value(connection, "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")),
        standby=bool(_single_value(connection, "SELECT pg_is_in_recovery()")),
    )


def postgresql_problems(found: PostgreSQL) -> Iterator[CheckMessage]:
    if found.version < OLDEST_POSTGRESQL:
        hint = f"Expected {OLDEST_POSTGRESQL} or later."
        yield _error("E050", f"The database server is PostgreSQL {found.version}.", hint)
    for name in MUST_BE_ON:
        if found.settings[name] != "on":
            message = f"The database server runs with {name} = {found.settings[name]}."
            yield _error(
                "E051", f"{message} A power cut could take or spoil the record.", f"Set {name} = on."
            )
    if found.settings["synchronous_commit"] == "off":
        hint = "Set synchronous_commit = on (for the server, the database and the site's user)."
        yield _error("E052", "The database server acknowledges before it has written.", hint)
    if not found.tls and _is_public(found.address):
        hint = "Add ?sslmode=verify-full to DATABASE_URL and set up TLS, or use a private address."
        yield _error("E053", f"The database at {found.address} is reached without encryption.", hint)
    if found.standby:
        hint = "Let DATABASE_URL name the primary server."
        yield _error("E054", "The database server is a standby and takes no writes.", hint)


def _is_public(address: str) -> bool:
    return bool(address) and ipaddress.ip_address(address).is_global


def _single_value(connection: BaseDatabaseWrapper, sql: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()[0]


def _error(id: str, message: str, hint: str) -> Error:
    return Error(message, hint=hint, id=f"accord.{id}")
