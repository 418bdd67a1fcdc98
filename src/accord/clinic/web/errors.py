"""Error pages. A denied record looks like a missing one."""

from __future__ import annotations

import sys

from django.conf import settings
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.shortcuts import render
from django.template.loader import render_to_string

from accord.clinic.models import read_only
from accord.clinic.web.unavailability import RETRY_AFTER, is_temporarily_unavailable


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "clinic/404.html", status=404)


def broken(request: HttpRequest) -> HttpResponse:
    """Django calls this while the error is being handled."""
    error = sys.exc_info()[1]
    if isinstance(error, UnreadablePostError):  # cut off on its way; the sender is gone
        return HttpResponse("the request ended early", content_type="text/plain", status=400)
    if is_temporarily_unavailable(error):
        return unavailable(request)
    return HttpResponse(render_to_string("clinic/500.html", _help()), status=500)


def unavailable(request: HttpRequest) -> HttpResponse:
    context = {**_help(), "read_only": read_only.is_on()}
    return later(HttpResponse(render_to_string("clinic/503.html", context), status=503))


def busy(request: HttpRequest) -> HttpResponse:
    """More arrives at once than is taken; it passes by itself."""
    return later(HttpResponse(render_to_string("clinic/503.html", _help()), status=503))


def too_large(request: HttpRequest) -> HttpResponse:
    return HttpResponse(render_to_string("clinic/413.html", _help()), status=413)


def _help() -> dict[str, object]:
    """Where to turn, without the request's own context, which may need what is the trouble.

    They say nothing about who is on duty: the rota is in the database, which may be away.
    """
    return {"crisis": settings.ACCORD.crisis_numbers}


def later(response: HttpResponse) -> HttpResponse:
    response["Retry-After"] = str(RETRY_AFTER)
    return response


def not_readable(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return HttpResponse(render_to_string("clinic/400.html", _help()), status=400)


def wrong_method(response: HttpResponse) -> HttpResponse:
    """Give the answer to a method that an address does not know a page with help; status and headers stay."""
    response.content = render_to_string("clinic/405.html", _help()).encode()
    response["Content-Length"] = str(len(response.content))  # it was set for the empty answer
    return response


def csrf(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "clinic/csrf.html", status=403)


def too_many(request: HttpRequest) -> HttpResponse:
    return render(request, "clinic/429.html", status=429)
