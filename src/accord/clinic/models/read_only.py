"""Read-only mode, for migrations and in trouble: pages still show, and no path can write.

The mode is a file in the data folder, so that it can be turned on when the database or its disk is the
trouble. Each connection looks at it before each statement outside a transaction and tells the database
itself to refuse writes (`query_only` on SQLite, a read-only session on PostgreSQL). Several servers have a
folder each: the mode is turned on at every one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

FILE = "read-only"
IDLE = 0  # what the driver says of a connection on which no transaction has begun
SAYS = {
    ("sqlite", True): "PRAGMA query_only = ON",
    ("sqlite", False): "PRAGMA query_only = OFF",
    ("postgresql", True): "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
    ("postgresql", False): "SET SESSION CHARACTERISTICS AS TRANSACTION READ WRITE",
}


def marker() -> Path:
    return Path(settings.ACCORD.folder) / FILE


def is_on() -> bool:
    return marker().exists()


def turn_on() -> None:
    marker().touch(mode=0o600)


def turn_off() -> None:
    marker().unlink(missing_ok=True)


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
    wanted, raw = is_on(), connection.connection
    if raw is None or getattr(connection, "accord_read_only", False) == wanted:
        return
    if not connection.in_atomic_block:
        raw.execute(SAYS[connection.vendor, wanted])
        connection.accord_read_only = wanted  # type: ignore[attr-defined]
    elif connection.vendor == "postgresql" and raw.info.transaction_status == IDLE:
        # The first statement of a transaction. One that is under way ends as it began.
        raw.execute(f"SET TRANSACTION READ {'ONLY' if wanted else 'WRITE'}")
