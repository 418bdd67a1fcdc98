"""The secret of a link leaves the address bar at its first use.

A browser that opens a link is sent on to an address that holds a name of it in place of its secret. The
secret goes into a cookie, which no script and no later reader of the browser's history sees, and into the
forms of its pages. What is sent needs no cookie: a form that was left open overnight, or that a browser
without cookies sends, arrives as it always did. A cookie alone never sends anything, so a foreign page has
nothing to borrow.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare, salted_hmac

KEPT_FOR = timedelta(hours=1)  # from the last page of a link that was shown; then the link is opened again
FIELD, PASTED = "link", "pasted"
OPENED_BY = "opened_by"  # attribute of a request that shows the page of a link
NAME = re.compile(r"[0-9a-f]{20}")
IN_ADDRESS = re.compile(r"/(?:c|invitation)/([^/\s]+)")

View = Callable[..., HttpResponse]


def name_of(secret: str) -> str:
    """The name of a link: always the same for it, and of no use to anybody without its cookie."""
    return salted_hmac("accord.clinic.link-name", secret, algorithm="sha256").hexdigest()[:20]


def exchanging(
    opens: Callable[[str], bool], lost: Callable[[HttpRequest, str], HttpResponse]
) -> Callable[[View], View]:
    """A view of a link, called with the link's secret wherever the request holds it.

    `opens`: whether a secret opens anything; one that does not is nothing to hide, and the view says what is
    wrong. `lost` answers an address whose cookie is gone; it is given the name of the link.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, token: str) -> HttpResponse:
            sends, is_name = request.method == "POST", NAME.fullmatch(token)
            secret = _sent(request, token) if sends else _kept(request, token) if is_name else token
            if secret is None:
                return lost(request, token)
            if not opens(secret):
                return shown(request, secret)
            if not sends and not is_name:
                return _sent_on(request, secret)
            return _remembered(shown(request, secret), secret)

        def shown(request: HttpRequest, secret: str) -> HttpResponse:
            setattr(request, OPENED_BY, secret)
            return view(request, secret)

        return answer

    return decorate


def arrives_without_cookie(request: HttpRequest) -> bool:
    """Whether this was sent from a link's own page by a browser that does not hold the link's cookie."""
    secret = request.POST.get(FIELD, "")
    return bool(secret) and _kept(request, name_of(secret)) is None


def secret_of(request: HttpRequest) -> str | None:
    """The secret of the link whose page this is; None on any other page."""
    secret: str | None = getattr(request, OPENED_BY, None)
    return secret


def is_only_opened(request: HttpRequest) -> bool:
    """Whether the page is asked for and nothing is sent, be it with a link that was pasted."""
    return request.method != "POST" or PASTED in request.POST


def forget_links(request: HttpRequest, response: HttpResponse) -> None:
    """Take the cookies of links from the browser."""
    for cookie in request.COOKIES:
        if cookie.startswith(_cookie("")):
            response.delete_cookie(cookie, samesite="Lax")


def _sent(request: HttpRequest, token: str) -> str:
    """The secret of what was sent: pasted by a person, or carried by the form, or in the address."""
    pasted = request.POST.get(PASTED, "").strip()
    address = IN_ADDRESS.search(pasted)
    return address[1] if address else pasted or request.POST.get(FIELD) or token


def _kept(request: HttpRequest, name: str) -> str | None:
    """The secret that a cookie holds under this name. A cookie of another link opens nothing here."""
    secret = request.COOKIES.get(_cookie(name), "")
    return secret if constant_time_compare(name_of(secret), name) else None


def _sent_on(request: HttpRequest, secret: str) -> HttpResponse:
    """To the same page under the name of the link."""
    name = name_of(secret)
    return _remembered(redirect(request.path.replace(secret, name)), secret)


def _remembered(response: HttpResponse, secret: str) -> HttpResponse:
    response.set_cookie(
        _cookie(name_of(secret)), secret, max_age=KEPT_FOR, secure=settings.ACCORD.https,
        httponly=True, samesite="Lax",
    )  # fmt: skip
    return response


def _cookie(name: str) -> str:
    return f"{'__Host-' if settings.ACCORD.https else ''}link-{name}"
