"""Headers that keep pages about people out of caches and other sites' logs."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

LINK_PREFIX = "/c/"


class PrivatePages:
    """No page is kept by a browser or proxy, and a check-in link is never sent on as a referrer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path.startswith("/static/"):
            response["Cache-Control"] = "no-store"
        if request.path.startswith(LINK_PREFIX):
            response["Referrer-Policy"] = "no-referrer"
        return response
