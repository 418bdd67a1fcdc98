"""Sessions in the database, which in read-only mode are read and not written: who is signed in stays so.

Signing out then takes the cookie from the browser; the session's row goes when it is over.
"""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as InDatabase

from accord.clinic import read_only


class SessionStore(InDatabase):
    def save(self, *args: Any, **kwargs: Any) -> None:
        if not read_only.is_on():
            super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> None:
        if not read_only.is_on():
            super().delete(*args, **kwargs)
