"""No page answers with any status in a way that leaves a token, a password or a client's id in the log.

Every logger writes at its most talkative level, and what is printed past the loggers is looked at too.
"""

from __future__ import annotations

import errno
import io
import logging
import logging.config
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client
from django.urls import get_resolver, reverse

from accord.clinic.web import errors, log_redaction
from tests.support.thorough import PROOF

pytestmark = pytest.mark.django_db
TOKEN = "WyIzYTdlMGM4NiJd:1vPqXz:dQw4w9WgXcQ8f2hT5kL0mN7bV3cX6zA1sD9gH4jK2pR"
SHORT = "canary-token"  # as one that was cut on its way
CLIENT = UUID("3a7e0c86-1b2c-4d5e-8f90-a1b2c3d4e5f6")
PASSWORD, CODE, WORDS, COOKIE = "Canary2!", "774411", "canary words of a client", "canary-cookie"
SENT = {"password": PASSWORD, "password1": PASSWORD, "code": CODE, "line_text": WORDS, "link": TOKEN}
CANARIES = (TOKEN, TOKEN.rpartition(":")[2], SHORT, str(CLIENT), CLIENT.hex, PASSWORD, CODE, WORDS, COOKIE)


def _raises(error: Callable[[str], Exception]) -> Callable[[HttpRequest, str], HttpResponse]:
    def answer(request: HttpRequest, secrets: str) -> HttpResponse:
        raise error(secrets)

    return answer


STATUSES: dict[int, Callable[[HttpRequest, str], HttpResponse]] = {
    400: _raises(BadRequest),
    401: lambda request, secrets: HttpResponse(status=401),
    403: _raises(PermissionDenied),
    404: _raises(Http404),
    409: lambda request, secrets: HttpResponse(status=409),
    410: lambda request, secrets: HttpResponse(status=410),
    413: lambda request, secrets: HttpResponse(status=413),
    429: lambda request, secrets: errors.too_many(request),
    500: _raises(ValueError),
    503: _raises(lambda secrets: OSError(errno.ENOSPC, secrets)),
}
MORE = (SuspiciousOperation, IntegrityError)


class Planted:
    """Middleware that answers in the status asked for, and says all it knows in doing so."""

    answer: Callable[[HttpRequest, str], HttpResponse] = STATUSES[500]

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view, args, kwargs) -> HttpResponse:
        secrets = f"{request.get_full_path()} {kwargs} {request.POST} {request.COOKIES} {CLIENT}"
        logging.getLogger("django.planted").debug("asked for %s", secrets)
        logging.getLogger("accord.planted").info("and for %r", dict(request.POST.items()))
        return Planted.answer(request, secrets)


@contextmanager
def everything_written(monkeypatch) -> Iterator[Callable[[], str]]:
    """What the site's own handler writes, with every logger at DEBUG, and whatever else is printed."""
    known = [logging.getLogger(), *(logging.getLogger(name) for name in logging.root.manager.loggerDict)]
    kept = {logger: (logger.handlers[:], logger.level, logger.propagate) for logger in known}
    out = io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    logging.config.dictConfig(settings.LOGGING)
    for logger in known:
        logger.setLevel(logging.DEBUG)
    try:
        yield out.getvalue
    finally:
        for logger, (handlers, level, propagate) in kept.items():
            logger.handlers[:], logger.level, logger.propagate = handlers, level, propagate
            logger.setLevel(level)  # also forgets what it has worked out about levels


def _addresses() -> Iterator[str]:
    values = {"token": TOKEN, "session_id": 7, "pk": 7}
    for pattern in get_resolver().url_patterns:
        named = {name: values.get(name, CLIENT) for name in pattern.pattern.converters}
        yield reverse(pattern.name, kwargs=named)
        if "token" in named:
            yield reverse(pattern.name, kwargs={"token": SHORT})


def _walk(answers) -> int:
    """Every page in every status; everyday, a page without a token in one of them in turn."""
    browser = Client(raise_request_exception=False)
    browser.cookies["session"] = COOKIE
    asked = 0
    for at, address in enumerate(_addresses()):
        of_a_link = address.startswith(("/c/", "/invitation/"))
        for answer in answers if PROOF or of_a_link else [answers[at % len(answers)]]:
            Planted.answer = answer
            browser.post(f"{address}?client={SHORT}", SENT)
            asked += 1
    return asked


@pytest.fixture
def planted(settings):
    settings.MIDDLEWARE = [*settings.MIDDLEWARE[:-1], f"{__name__}.Planted"]
    sys.modules.setdefault(Planted.__module__, sys.modules[__name__])


def _found(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text]


def test_no_status_of_any_page_leaves_a_token_a_password_or_an_id_in_the_log(planted, monkeypatch):
    with everything_written(monkeypatch) as written:
        asked = _walk([*STATUSES.values(), *map(_raises, MORE)])
    text = written()
    assert asked > (600 if PROOF else 150)
    assert text.count("asked for") == asked
    for kind in ("ValueError", "IntegrityError", "Not Found", "Service Unavailable"):
        assert kind in text
    bad = [line[:600] for line in text.splitlines() if _found(line)][:4]
    assert not bad, "\n".join(bad)


@pytest.mark.parametrize(
    ("part", "found"),
    [("redact", (TOKEN, str(CLIENT))), ("_sent_with", (PASSWORD, WORDS, COOKIE))],
)
def test_the_walk_notices_when_a_part_of_the_redaction_is_missing(planted, monkeypatch, part, found):
    """Planted fault."""
    without = {"redact": lambda text: text, "_sent_with": lambda request: []}
    monkeypatch.setattr(log_redaction, part, without[part])
    with everything_written(monkeypatch) as written:
        _walk([STATUSES[500]])
    assert set(found) & set(_found(written()))


def test_what_postgresql_repeats_of_a_refused_row_is_left_out():
    line = "duplicate key\nDETAIL:  Key (email)=(ana@test.example) already exists.\nafter"
    assert log_redaction.redact(line) == f"duplicate key\nDETAIL: {log_redaction.REMOVED}\nafter"


def test_a_line_that_cannot_be_written_prints_none_of_its_arguments(monkeypatch):
    with everything_written(monkeypatch) as written:
        logging.getLogger("accord.planted").error("%d and %d", TOKEN, PASSWORD)
    assert "could not be written" in written()
    assert _found(written()) == []


def test_errors_that_nobody_caught_and_warnings_pass_through_the_log(monkeypatch):
    for hook in (sys, "excepthook"), (threading, "excepthook"), (warnings, "showwarning"):
        monkeypatch.setattr(*hook, getattr(*hook))
    monkeypatch.setattr(threading, "excepthook", threading.__excepthook__)
    logging.captureWarnings(False)

    def fails() -> None:
        raise ValueError(TOKEN)

    with everything_written(monkeypatch) as written:
        log_redaction.redact_faults()
        thread = threading.Thread(target=fails)
        thread.start()
        thread.join()
        try:
            fails()
        except ValueError as error:
            sys.excepthook(type(error), error, error.__traceback__)
        warnings.showwarning(f"about {TOKEN}", UserWarning, "place.py", 1)
        logging.captureWarnings(False)
    assert written().count("ValueError") >= 2
    assert "place.py" in written()
    assert _found(written()) == []
