"""Read-only mode, for migrations and in trouble: pages still show, and no path can write.

Two switches turn it on, and either is enough. A file in the data folder, for this server: it works when the
database or its disk is the trouble. A row, for every server of the database. Each connection looks at both
before each statement outside a transaction and tells the database itself to refuse writes (`query_only` on
SQLite, a read-only session on PostgreSQL). The row is read again when a process last read it 2 seconds ago,
on the driver's own connection and outside transactions.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, connection, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.utils import timezone

from accord.clinic.models.record_path import RecordPath

FILE = "read-only"
KNOWN_FOR = 2.0  # seconds after which the row is read again
IDLE = 0  # state of a driver's connection on which no transaction has begun
SAYS = {
    ("sqlite", True): "PRAGMA query_only = ON",
    ("sqlite", False): "PRAGMA query_only = OFF",
    ("postgresql", True): "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
    ("postgresql", False): "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
}


class ReadOnlyMode(models.Model):
    """The row that turns the mode on at every server: it is there, or it is not."""

    record_path = RecordPath()

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    since = models.DateTimeField()


class Row:
    """What this process knows of the row. `clock`: seconds that only ever increase."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self.on: bool | None = None  # None: the database did not answer
        self.asked: float | None = None

    @property
    def is_old(self) -> bool:
        return self.asked is None or self.clock() - self.asked >= KNOWN_FOR

    def note(self, on: bool | None) -> None:
        self.on, self.asked = on, self.clock()


row = Row()
_turning: ContextVar[bool] = ContextVar("turning", default=False)


def marker() -> Path:
    return Path(settings.ACCORD.folder) / FILE


def is_on() -> bool:
    return is_on_here() or is_on_everywhere()


def is_on_here() -> bool:
    """Whether this server's file turns it on."""
    return marker().exists()


def is_on_everywhere() -> bool:
    """Whether the row turns it on; False while the database does not answer."""
    if row.is_old:
        try:
            connection.ensure_connection()
            _ask(connection)
        except DatabaseError:  # it is away, and is tried again in 2 seconds
            row.note(None)
    return bool(row.on)


def turn_on() -> None:
    """At this server."""
    marker().touch(mode=0o600)


def turn_off() -> None:
    """At this server."""
    marker().unlink(missing_ok=True)


def turn_on_everywhere() -> None:
    """Raises `DatabaseError` where the database cannot be written."""
    with _past_the_mode():
        ReadOnlyMode.objects.get_or_create(pk=ReadOnlyMode.ONLY, defaults={"since": timezone.now()})
    row.note(True)


def turn_off_everywhere() -> None:
    """Raises `DatabaseError` where the database cannot be written."""
    with _past_the_mode():
        ReadOnlyMode.objects.all().delete()
    row.note(False)


@contextmanager
def _past_the_mode() -> Iterator[None]:
    """The one write that the mode itself must not refuse: of its own row."""
    before = _turning.set(True)
    try:
        yield
    finally:
        _turning.reset(before)


def watch(*, connection: BaseDatabaseWrapper, **kwargs: Any) -> None:
    """A connection was made: from now on it obeys the mode."""
    connection.accord_read_only = False  # type: ignore[attr-defined]
    if listen not in connection.execute_wrappers:
        connection.execute_wrappers.append(listen)
    _obey(connection)


def listen(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    connection = context["connection"]
    _obey(connection)
    if sql == "BEGIN IMMEDIATE" and getattr(connection, "accord_read_only", False):
        sql = "BEGIN"  # a page that reads may use a transaction; SQLite refuses one that announces a write
    return execute(sql, params, many, context)


def _obey(connection: BaseDatabaseWrapper) -> None:
    raw = connection.connection
    if raw is None or _is_under_way(connection, raw):
        return
    wanted = _wanted(connection)
    if getattr(connection, "accord_read_only", False) == wanted:
        return
    if not connection.in_atomic_block:
        raw.execute(SAYS[connection.vendor, wanted])
        connection.accord_read_only = wanted  # type: ignore[attr-defined]
    else:  # the first statement of a transaction
        raw.execute(f"SET TRANSACTION READ {'ONLY' if wanted else 'WRITE'}")


def _is_under_way(connection: BaseDatabaseWrapper, raw: Any) -> bool:
    """Whether a transaction has begun, which ends as it began; on PostgreSQL with its first statement."""
    if not connection.in_atomic_block:
        return False
    return connection.vendor != "postgresql" or raw.info.transaction_status != IDLE


def _wanted(connection: BaseDatabaseWrapper) -> bool:
    """Whether this connection is to refuse writes. While the row is unknown, it stays as it is."""
    if _turning.get():
        return False
    if row.on is None or row.is_old:
        _ask(connection)
    known = getattr(connection, "accord_read_only", False) if row.on is None else row.on
    return is_on_here() or known


def _ask(connection: BaseDatabaseWrapper) -> None:
    """Read the row, unless a transaction is under way: that ends as it began.

    It goes past Django's connection, so that a page has as many statements as without it.
    """
    raw = connection.connection
    if not _is_in_transaction(connection, raw):
        row.note(_answer(connection, raw))


def _is_in_transaction(connection: BaseDatabaseWrapper, raw: Any) -> bool:
    if connection.vendor == "postgresql":
        return not raw.closed and raw.info.transaction_status != IDLE
    return bool(raw.in_transaction)


def _answer(connection: Any, raw: Any) -> bool | None:
    """None: the database does not answer, or has no such table yet."""
    with suppress(connection.Database.Error), _outside_transactions(connection, raw):
        return raw.execute(f"SELECT 1 FROM {ReadOnlyMode._meta.db_table}").fetchone() is not None  # noqa: S608
    return None


@contextmanager
def _outside_transactions(connection: BaseDatabaseWrapper, raw: Any) -> Iterator[None]:
    """On PostgreSQL a statement before the first of a transaction would begin it."""
    if connection.vendor != "postgresql" or raw.autocommit:
        yield
        return
    raw.autocommit = True
    try:
        yield
    finally:
        raw.autocommit = False
