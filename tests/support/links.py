"""Links as a browser opens them: it is sent on to an address without the secret, with a cookie for it."""

from __future__ import annotations

from django.test import Client

from accord.clinic.web.link_exchange import name_of


def named(token: str, page: str = "") -> str:
    """The address at which a check-in link shows its pages."""
    return f"/c/{name_of(token)}/{page}"


def opened(browser: Client, address: str) -> str:
    """The address that a browser is at once it has opened a link."""
    answer = browser.get(address)
    assert answer.status_code == 302, answer.status_code
    return str(answer["Location"])
