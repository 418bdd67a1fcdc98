"""Migrate the database, one process at a time: servers that start together wait in turn."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.core.management import call_command
from django.db import connection

LOCK = 0x6163636F7264  # "accord", among the advisory locks of this database
FILE = "migrating.lock"


def migrate() -> None:
    with alone():
        call_command("migrate", interactive=False, verbosity=0)
        call_command("createcachetable", verbosity=0)


@contextmanager
def alone() -> Iterator[None]:
    """Hold the migration lock. It is released when the process ends, however that happens."""
    with _on_the_server() if connection.vendor == "postgresql" else _in_the_folder():
        yield


@contextmanager
def _on_the_server() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])


@contextmanager
def _in_the_folder() -> Iterator[None]:
    with (settings.ACCORD.folder / FILE).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
