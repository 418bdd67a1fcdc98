"""Pages for what the web server refuses before any view sees it, made once, when it starts."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest

from accord.clinic.web import errors


def pages() -> Mapping[int, bytes]:
    """The body of each refusal by its status: each has the numbers to call."""
    nobody = HttpRequest()
    unreadable = errors.not_readable(nobody).content
    return {
        400: unreadable,
        413: errors.too_large(nobody).content,
        431: unreadable,
        501: unreadable,
        503: errors.busy(nobody).content,
    }
