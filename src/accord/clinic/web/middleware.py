"""Headers that keep pages about people out of caches and logs, and a site that takes no writes."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accord.clinic.models import read_only
from accord.clinic.policy import policy_read_once
from accord.clinic.web.errors import unavailable, wrong_method

LINK_PREFIX = "/c/"
INVITATION_PREFIX = "/invitation/"
SIGN_OUT = "/accounts/logout/"
NOT_ALLOWED = 405


class PrivatePages:
    """No page is kept by a browser or proxy, and a link is never sent on as a referrer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith("/static/"):
            response["Cache-Control"] = "no-store"
        if request.path.startswith((LINK_PREFIX, INVITATION_PREFIX)):
            response["Referrer-Policy"] = "no-referrer"
        return response


class HelpOnRefusals:
    """Answer a method that an address does not know with a page of help instead of an empty one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        return wrong_method(response) if response.status_code == NOT_ALLOWED else response


class ReadOnlySite:
    """In read-only mode whatever would write is answered before anything looks at it: also a sign-in, whose
    tries could not be counted. A check-in goes on to its form, which keeps what was typed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        reads = request.method in ("GET", "HEAD", "OPTIONS")
        if reads or not read_only.is_on() or _keeps_what_was_typed(request.path) or request.path == SIGN_OUT:
            return self.get_response(request)
        return unavailable(request)


class PolicyReadOnce:
    """For a request that only reads, the policy reads each person's roles once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        with policy_read_once():
            return self.get_response(request)


def _keeps_what_was_typed(path: str) -> bool:
    answers = path.startswith(LINK_PREFIX) and not path.endswith("/uses/")
    return answers or (path.startswith("/engagements/") and path.endswith("/own/"))
