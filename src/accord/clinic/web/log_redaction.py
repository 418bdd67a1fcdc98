"""Log lines without secrets: anybody who has the address of a check-in link or an invitation can use it.

Redaction happens where a line is written, after the message, its arguments and a traceback were put together,
so that no logger has to know of it. Patterns find what looks like a secret or the id of a record wherever it
comes from; what the present request brought along is removed whatever it looks like.
"""

from __future__ import annotations

import logging
import re
import sys
import threading
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any

from django.http import HttpRequest, HttpResponse, QueryDict

REMOVED, RECORD = "[removed]", "[id]"
# The part of an address after these is the secret itself, whatever its form.
ADDRESSES = re.compile(r"(/(?:c|%63|invitation)/)[^/\s\"'<>\])]+", re.IGNORECASE)
QUERIES = re.compile(r"(/[\w/%.:@~-]*\?)[^\s\"'<>\])]+")  # names and codes of people are searched for there
# Values signed as this site signs them: content, time and signature between colons (also written as %3A).
SIGNED = re.compile(r"[\w.=-]{8,}(?:(?::|%3A)[\w-]{5,8})?(?::|%3A)[\w-]{40,}")
# Sessions, form tokens and the like: long runs of letters and digits.
RUN = re.compile(r"(?<![\w-])(?=[\w-]*\d)(?=[\w-]*[A-Za-z])[\w-]{32,}(?![\w-])")
RECORD_ID = re.compile(r"(?<![\w-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![\w-])", re.IGNORECASE)
NAMED = re.compile(
    r"(\b\w*(?:password|passwd|secret|token|otp)\w*[\"']?\s*(?:=|:|=>)\s*)(\[[^\]]*\]|\"[^\"]*\"|'[^']*'|[^\s,;&)\]}]+)",
    re.IGNORECASE,
)
# PostgreSQL repeats the whole row there which a constraint refused.
ROWS = re.compile(r"^(\s*(?:DETAIL|CONTEXT):).*$", re.MULTILINE)
SECRET_FIELD = re.compile(r"password|code|token|link|pasted|held|secret", re.IGNORECASE)
SHORTEST, SHORTEST_OF_OTHERS = 4, 8  # characters of a sent value that is removed

_request: ContextVar[HttpRequest | None] = ContextVar("request", default=None)
log = logging.getLogger(__name__)


def redact(text: str) -> str:
    """The text with every secret and every id of a record replaced."""
    text = ADDRESSES.sub(rf"\1{REMOVED}", text)
    text = QUERIES.sub(rf"\1{REMOVED}", text)
    text = SIGNED.sub(REMOVED, text)
    text = RECORD_ID.sub(RECORD, text)
    text = NAMED.sub(rf"\1{REMOVED}", text)
    text = ROWS.sub(rf"\1 {REMOVED}", text)
    return RUN.sub(REMOVED, text)


class Formatter(logging.Formatter):
    """Format a line, then redact it."""

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        for value in _sent_with(getattr(record, "request", None) or _request.get()):
            text = text.replace(value, REMOVED)
        return redact(text)


class Handler(logging.StreamHandler):  # type: ignore[type-arg]
    """A handler that does not print the arguments of a line which cannot be written."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 (the name that logging calls)
        error = sys.exc_info()[0]
        place = f"{record.pathname}, line {record.lineno}"
        sys.stderr.write(
            f"accord: a line of the log could not be written ({error and error.__name__}, {place})\n"
        )


class PresentRequest:
    """Middleware: while a request is answered, what it sent is removed from whatever is logged."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        before = _request.set(request)
        try:
            return self.get_response(request)
        finally:
            _request.reset(before)


def redact_faults() -> None:
    """Send through the log what Python itself would print: uncaught errors, also of threads, and warnings.

    Nothing is changed where somebody else looks after them already, such as a runner of tests.
    """
    if threading.excepthook is not threading.__excepthook__:
        return
    logging.captureWarnings(True)
    sys.excepthook = lambda kind, error, trace: log.critical(
        "stopped by an error", exc_info=(kind, error, trace)
    )
    threading.excepthook = lambda ended: log.critical(
        "a thread was stopped by an error",
        exc_info=(ended.exc_type, ended.exc_value or ended.exc_type(), ended.exc_traceback),
    )


def logging_settings() -> dict[str, Any]:
    """Django's `LOGGING`: a single handler for every logger. Those that Django sets up itself are undone."""
    through_root = {"handlers": [], "propagate": True}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"redacted": {"()": Formatter}},
        "handlers": {"console": {"()": Handler, "formatter": "redacted"}},
        "root": {"handlers": ["console"], "level": "WARNING"},
        "loggers": {
            "accord": {"level": "INFO"},
            "django": {**through_root, "level": "WARNING"},
            "django.server": {**through_root, "level": "WARNING"},
            "waitress.queue": {"level": "ERROR"},  # it warns of each request that waits for a moment
        },
    }


def _sent_with(request: Any) -> list[str]:
    """What this request brought along, the longest first; nothing is read for it that was not read before."""
    values = set(_values(request)) if isinstance(request, HttpRequest) else set()
    return sorted(values, key=len, reverse=True)


def _values(request: HttpRequest) -> Iterator[str]:
    yield from _long_enough(request.COOKIES.values())
    if request.resolver_match is not None:
        yield from _long_enough(request.resolver_match.kwargs.values())
    posted = getattr(request, "_post", None)  # `request.POST` would read the body now
    for fields in (request.GET, posted):
        for name, sent in fields.lists() if isinstance(fields, QueryDict) else ():
            shortest = SHORTEST if SECRET_FIELD.search(name) else SHORTEST_OF_OTHERS
            yield from _long_enough(sent, shortest)


def _long_enough(values: Any, shortest: int = SHORTEST) -> Iterator[str]:
    return (value for value in values if isinstance(value, str) and len(value) >= shortest)
