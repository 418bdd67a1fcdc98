"""Read a password: typed twice, or one line of standard input."""

from __future__ import annotations

import getpass
import sys

from django.core.management.base import CommandError


def ask_password() -> str:
    """The password. Raises `CommandError` when the two differ or there is none."""
    if not sys.stdin.isatty():
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = getpass.getpass("Password: ")
        if password != getpass.getpass("Once more: "):
            raise CommandError("found two different passwords, expected the same one twice")
    if not password:
        raise CommandError("found no password, expected one (typed, or as one line of standard input)")
    return password
