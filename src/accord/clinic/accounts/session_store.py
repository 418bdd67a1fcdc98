"""Sessions in the database, which in read-only mode are read and not written: who is signed in stays so.

Signing out then takes the cookie from the browser; the session's row goes when it is over. The secret of an
authenticator app that is being set up waits there for its first code, sealed like those that are set up.
"""

from __future__ import annotations

from typing import Any

from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore as InDatabase

from accord.clinic.encryption import factor_secrets
from accord.clinic.encryption.envelope import CannotRead
from accord.clinic.models import read_only


class SessionStore(InDatabase):
    def save(self, *args: Any, **kwargs: Any) -> None:
        if not read_only.is_on():
            super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> None:
        if not read_only.is_on():
            super().delete(*args, **kwargs)

    def encode(self, session_dict: dict[str, Any]) -> str:
        """Raises `KeyProblem` where a secret cannot be sealed: it is not kept then."""
        secret = session_dict.get(SECRET_SESSION_KEY)
        if secret is not None:
            session_dict = {**session_dict, SECRET_SESSION_KEY: factor_secrets.seal(secret)}
        return super().encode(session_dict)

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        session: dict[str, Any] = super().decode(session_data)
        if SECRET_SESSION_KEY in session:
            try:
                session[SECRET_SESSION_KEY] = factor_secrets.opened(session[SECRET_SESSION_KEY])
            except CannotRead:  # a new one is made when the page is asked for again
                del session[SECRET_SESSION_KEY]
        return session
