"""How often a password may be wrong: counted for an account together with where it was tried from.

Tries from elsewhere do not lock a colleague out. A browser in which somebody has signed in before
is known to be theirs and counts by itself, also while others try the same account from many addresses.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta

from allauth.core.internal import ratelimit
from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

APP, SALT = "accord", "accord.clinic.device"
KNOWN_FOR = timedelta(days=180)
MOST_ACCOUNTS = 8  # of one browser, such as that of a ward
WINDOW = 5 * 60  # seconds
HERE = "5/5m/key"  # for an account, from one address
ADDRESS = "10/m/ip"  # from one address, whatever the account
ACCOUNT = "100/h/key"  # for an account, from all browsers that are not known: many cannot share the work
KNOWN = "10/5m/key"  # for an account, from a browser that is known to be its person's


@dataclass(frozen=True)
class Limit:
    name: str
    rate: str
    key: str | None


class Attempt:
    """A password that is tried. It counts until it is shown to be right."""

    def __init__(self, request: HttpRequest, email: str) -> None:
        self._request, self.email = request, email.strip().lower()
        self._usages: list[ratelimit.RateLimitUsage] = []

    def is_allowed(self) -> bool:
        """Count it. False: it is one too many, and nothing is counted for it."""
        for limit in self._limits():
            usage = ratelimit.consume(
                self._request, app=APP, action=limit.name, config={limit.name: limit.rate}, key=limit.key
            )
            if usage is None:
                self.was_right()
                return False
            self._usages.append(usage)
        return True

    def was_right(self) -> None:
        """Take back what was counted for it."""
        for usage in self._usages:
            usage.rollback()
        self._usages.clear()

    def is_first_refused(self) -> bool:
        """Whether none was refused for being one too many from here in this while: that is noted once."""
        place = salted_hmac(SALT, f"{self.email}|{ratelimit.get_ip(self._request)}").hexdigest()
        return bool(cache.add(f"accord.refused.{place}", True, timeout=WINDOW))

    def _limits(self) -> tuple[Limit, ...]:
        device, accounts = _known(self._request)
        if digest(self.email) in accounts:
            return (Limit("known", KNOWN, f"{device}|{self.email}"),)
        here = f"{self.email}|{ratelimit.get_ip(self._request)}"
        return (
            Limit("address", ADDRESS, None),
            Limit("here", HERE, here),
            Limit("account", ACCOUNT, self.email),
        )


def remember_device(request: HttpRequest, response: HttpResponse, email: str) -> None:
    """Keep in a cookie that this account's person has signed in here."""
    device, accounts = _known(request)
    others = [account for account in accounts if account != digest(email)]
    value = signing.dumps(
        [device or secrets.token_hex(8), [digest(email), *others][:MOST_ACCOUNTS]], salt=SALT
    )
    response.set_cookie(
        _cookie(), value, max_age=KNOWN_FOR, secure=settings.ACCORD.https, httponly=True, samesite="Lax"
    )


def digest(email: str) -> str:
    return salted_hmac(SALT, email.strip().lower(), algorithm="sha256").hexdigest()[:16]


def _known(request: HttpRequest) -> tuple[str, list[str]]:
    """The device's name, and digests of the accounts that have signed in on it."""
    try:
        device, accounts = signing.loads(request.COOKIES.get(_cookie(), ""), salt=SALT, max_age=KNOWN_FOR)
    except signing.BadSignature:
        return "", []
    return device, accounts


def _cookie() -> str:
    return f"{'__Host-' if settings.ACCORD.https else ''}device"
