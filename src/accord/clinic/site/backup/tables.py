"""The rows of each table as lines of text, and back, exactly. What passes with a session or a process is left
out."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from django.db.backends.base.base import BaseDatabaseWrapper

# Who was signed in, and how often somebody tried: a restored site asks everybody to sign in anew. Which
# processes ran and what they had claimed: the rows of facts say what is due. Files that wait to be imported:
# the person who uploaded one still has it. Read-only mode: it is about the site at that time, and not the
# record.
LEFT_OUT = frozenset({
    "clinic_cache", "clinic_jobstate", "clinic_readonlymode", "clinic_uploadedfile", "clinic_worker",
    "django_session",
})  # fmt: skip
AT_ONCE = 500  # rows in one statement


class Tables(Protocol):
    """A database as a backup sees it. `raw`: the connection of its driver, which takes plain SQL."""

    raw: Any

    def names(self) -> list[str]: ...

    def columns(self, table: str) -> list[str]: ...

    def rows(self, table: str, columns: list[str]) -> Iterator[bytes]: ...

    def fill(self, table: str, columns: list[str], rows: Iterable[bytes]) -> None: ...


class SQLite:
    """`raw`: a connection of the sqlite3 module."""

    def __init__(self, raw: Any) -> None:
        self.raw = raw

    def names(self) -> list[str]:
        rows = self.raw.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        )
        return sorted(name for (name,) in rows if name not in LEFT_OUT)

    def columns(self, table: str) -> list[str]:
        return [row[1] for row in self.raw.execute(f'PRAGMA table_info("{table}")')]

    def rows(self, table: str, columns: list[str]) -> Iterator[bytes]:
        keys = [row[1] for row in self.raw.execute(f'PRAGMA table_info("{table}")') if row[5]]
        # The plus keeps the value and hides the column's declared type, which would turn text into dates.
        plain = ", ".join(f'+"{name}"' for name in columns)
        sql = f"SELECT {plain} FROM {_listed([table])} ORDER BY {_listed(keys or columns)}"  # noqa: S608
        for row in self.raw.execute(sql):
            yield json.dumps([_to_json(value) for value in row]).encode()

    def fill(self, table: str, columns: list[str], rows: Iterable[bytes]) -> None:
        holes = ", ".join("?" * len(columns))
        sql = f"INSERT INTO {_listed([table])} ({_listed(columns)}) VALUES ({holes})"  # noqa: S608
        self.raw.executemany(sql, ([_from_json(value) for value in json.loads(row)] for row in rows))


def _to_json(value: Any) -> Any:
    return {"bytes": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


def _from_json(value: Any) -> Any:
    return base64.b64decode(value["bytes"]) if isinstance(value, dict) else value


class PostgreSQL:
    """`raw`: a connection of psycopg."""

    def __init__(self, raw: Any) -> None:
        self.raw = raw

    def names(self) -> list[str]:
        rows = self.raw.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        return sorted(name for (name,) in rows if name not in LEFT_OUT)

    def columns(self, table: str) -> list[str]:
        rows = self.raw.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 "
            "AND NOT attisdropped ORDER BY attnum",
            [table],
        )
        return [name for (name,) in rows]

    def rows(self, table: str, columns: list[str]) -> Iterator[bytes]:
        keys = self.raw.execute(
            "SELECT attname FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY(indkey) "
            "WHERE indrelid = %s::regclass AND indisprimary ORDER BY array_position(indkey::int2[], attnum)",
            [table],
        )
        order = _listed([name for (name,) in keys] or columns)
        query = f"SELECT {_listed(columns)} FROM {_listed([table])} ORDER BY {order}"  # noqa: S608
        with self.raw.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT") as copy:
            yield from _split(bytes(block) for block in copy)

    def fill(self, table: str, columns: list[str], rows: Iterable[bytes]) -> None:
        command = f"COPY {_listed([table])} ({_listed(columns)}) FROM STDIN"
        with self.raw.cursor() as cursor, cursor.copy(command) as copy:
            for row in rows:
                copy.write(row + b"\n")


def _split(blocks: Iterable[bytes]) -> Iterator[bytes]:
    rest = b""
    for block in blocks:
        *whole, rest = (rest + block).split(b"\n")
        yield from whole


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def of(connection: BaseDatabaseWrapper) -> Tables:
    """The tables behind a connection of Django's."""
    connection.ensure_connection()
    return (SQLite if connection.vendor == "sqlite" else PostgreSQL)(connection.connection)
