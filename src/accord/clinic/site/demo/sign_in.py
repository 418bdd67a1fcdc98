"""Sign-ins of the demonstration: their codes are shown to anybody, which real use must never do."""

from __future__ import annotations

import time
from dataclasses import dataclass

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.core.cache import cache
from django.db.models import QuerySet

from accord.clinic.accounts.adapters import used_code_key
from accord.clinic.models import Account

DOMAIN = "@demo.example"
PASSWORD = "only-for-the-demo"  # noqa: S105  (printed on the screen; nobody here is real)
STEP = 30  # seconds


@dataclass(frozen=True)
class Login:
    """`code`: the next one that was not used; empty when those of now all are."""

    email: str
    has_code: bool
    code: str


def logins() -> list[Login]:
    """Who can sign in to the demonstration; nobody anywhere else."""
    if settings.ACCORD.use != "demo":
        return []
    return [_login(account) for account in accounts().order_by("date_joined")]


def accounts() -> QuerySet[Account]:
    return Account.objects.filter(email__iendswith=DOMAIN)


def _login(account: Account) -> Login:
    factor = Authenticator.objects.filter(user=account, type=Authenticator.Type.TOTP).first()
    return Login(account.email, factor is not None, _code(account, factor) if factor else "")


def _code(account: Account, factor: Authenticator) -> str:
    now = int(time.time()) // STEP
    secret = decrypt(factor.data["secret"])
    codes = (format_hotp_value(hotp_value(secret, step)) for step in (now, now + 1))
    return next((code for code in codes if not cache.get(used_code_key(account, code))), "")
