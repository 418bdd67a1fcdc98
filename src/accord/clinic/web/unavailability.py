"""Errors that pass by themselves: a full disk, or a database that is locked, away or read-only.

Pages answer them with 503 and calm words; any other error is a fault of the program and answers 500.
"""

from __future__ import annotations

import errno
import sqlite3
import sys

SQLITE_TEMPORARY = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EROFS}
RETRY_AFTER = 120  # seconds after which a program may send again


def is_temporarily_unavailable(error: BaseException | None) -> bool:
    """Whether this error, or one that led to it, will pass without a change of the program."""
    while error is not None:
        if _is_itself_temporary(error):
            return True
        error = error.__cause__ or error.__context__
    return False


def _is_itself_temporary(error: BaseException) -> bool:
    if isinstance(error, sqlite3.Error):
        return (
            getattr(error, "sqlite_errorcode", 0) & 0xFF in SQLITE_TEMPORARY
        )  # the rest is the finer reason
    if isinstance(error, OSError):
        return error.errno in NO_ROOM
    psycopg = sys.modules.get("psycopg")  # only a site on PostgreSQL has it loaded
    kinds = (psycopg.OperationalError, psycopg.errors.ReadOnlySqlTransaction) if psycopg else ()
    return isinstance(error, kinds)
