"""No secret is ever in a log: not of a check-in link, an invitation, a session or a form."""

from __future__ import annotations

import io
import logging
import logging.config
import re
import socket
import subprocess
import sys

import pytest
from django.conf import settings
from django.core import signing
from django.test import Client, RequestFactory

from accord.clinic.accounts.invitations import actions as invitation_actions
from accord.clinic.facts.links import make_token
from accord.clinic.models import Invitation
from accord.clinic.models.actors import SYSTEM
from accord.clinic.monitoring import contacts
from accord.clinic.site.commands.processes import web_command
from accord.clinic.web.log_redaction import REMOVED, redact
from tests.support.world import World, days_ago

PLANTED = "WyIzYTdlMGM4NiJd:1vPqXz:dQw4w9WgXcQ8f2hT5kL0mN7bV3cX6zA1sD9gH4jK2pR"


@pytest.fixture
def log():
    """What the site's own settings of logging write, in place of the tests' handlers."""
    names = ("", *settings.LOGGING["loggers"])
    kept = {name: (logging.getLogger(name).handlers[:], logging.getLogger(name).level) for name in names}
    logging.config.dictConfig(settings.LOGGING)
    out = io.StringIO()
    console = logging.getLogger().handlers[0]
    assert isinstance(console, logging.StreamHandler)
    console.setStream(out)
    yield out
    for name, (handlers, level) in kept.items():
        logging.getLogger(name).handlers[:] = handlers
        logging.getLogger(name).setLevel(level)


def _real_tokens():
    world = World()
    contact = contacts.record(engagement=world.with_lind, day=days_ago(1), by=SYSTEM)
    invitation = Invitation(person=world.ana)
    return make_token(contact, "session-checkin"), invitation_actions.token_of(invitation)


@pytest.mark.django_db
def test_the_addresses_of_links_and_invitations_are_written_without_their_secret(log):
    link, invitation = _real_tokens()
    client = Client(enforce_csrf_checks=True)
    for path in (f"/c/{PLANTED}/", f"/c/{link}x/", f"/c/{link}/nothing/", f"/invitation/{PLANTED}/more/",
                 f"/invitation/{invitation}/more/", f"/%63/{PLANTED}/", f"/nothing/{PLANTED}/"):  # fmt: skip
        client.get(path)
        client.post(path, {"a": "b"})
    written = log.getvalue()
    assert "/c/" in written
    assert "/invitation/" in written
    assert REMOVED in written
    for secret in (PLANTED, link, invitation):
        assert secret not in written
        assert secret.rpartition(":")[2] not in written


def test_a_fault_behind_a_link_is_written_without_its_secret(log):
    logging.getLogger("django.request").error(
        "Internal Server Error: %s", f"/c/{PLANTED}/", exc_info=_fault(PLANTED),
        extra={"request": RequestFactory().get("/")},
    )  # fmt: skip
    assert "ValueError" in log.getvalue()
    assert PLANTED not in log.getvalue()


def _fault(secret):
    try:
        raise ValueError(f"no such token: {secret}")
    except ValueError as error:
        return type(error), error, error.__traceback__


@pytest.mark.parametrize(
    "line",
    [
        "session 7k2m9x4c1v8b5n3q6w0e7r2t9y4u1i8o",
        "csrf xK9mP2vL5nQ8wR3tY6uI1oA4sD7fG0hJxK9mP2vL5nQ8wR3tY6uI1oA4sD7fG0hJ",
        "reset /accounts/reset/bx1a2b-6f0e9d8c7b6a5f4e3d2c1b0a9f8e7d6c/",
        f"Invalid HTTP request line: 'GET /c/{PLANTED}/ HTP'",
        f"GET /c/{PLANTED.replace(':', '%3A')}/?next=/c/{PLANTED}/",
        f"signed {signing.dumps([1, 'a'])} and {signing.Signer(key='k').sign('ab12cd34')}",
    ],
)
def test_a_session_a_form_token_a_reset_and_a_signed_value_are_removed_wherever_they_are(line):
    written = redact(line)
    assert REMOVED in written
    for piece in line.replace("/", " ").replace(":", " ").split():
        if len(piece) >= 27 and piece.isascii():
            assert piece not in written


def test_the_id_of_a_record_is_removed_and_the_page_it_was_asked_for_is_left():
    record = "3a7e0c86-1b2c-4d5e-8f90-a1b2c3d4e5f6"
    for written in (record, record.upper(), record.replace("-", "")):
        assert written not in redact(f"Not Found: /clients/{written}/events/ of {written}")
    assert redact(f"Not Found: /clients/{record}/events/") == "Not Found: /clients/[id]/events/"


def test_what_an_operator_needs_is_left_as_it_was():
    line = (
        "Not Found: /clients/ in accord.clinic.web.unavailability, "
        "function test_what_an_operator_needs_is_left_as_it_was, line 1200, 2026-11-30 18:56:01"
    )
    assert redact(line) == line


def test_what_the_web_server_logs_is_redacted(log):
    logging.getLogger("waitress").error("Exception while serving %s", f"/c/{PLANTED}/")
    assert log.getvalue().count(REMOVED) == 1
    assert PLANTED not in log.getvalue()


def test_every_handler_of_the_site_redacts_and_no_other_logger_has_its_own():
    script = (
        "import logging, django; django.setup();"
        "from accord.clinic.web.log_redaction import Formatter as F;"
        "loggers = [logging.getLogger(), *(l for l in logging.root.manager.loggerDict.values()"
        " if isinstance(l, logging.Logger))];"
        "print([(l.name, h) for l in loggers for h in l.handlers"
        " if not isinstance(h.formatter, F) and not isinstance(h, logging.NullHandler)])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_served_site_writes_no_secret_of_a_request_it_cannot_even_read(tmp_path):
    """The web server's own process, asked in broken lines."""
    with socket.socket() as free:
        free.bind(("localhost", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(web_command("localhost", port), stderr=subprocess.PIPE, text=True)
    try:
        _ask_until_refused(port, f"GET /c/{PLANTED}/ NOT-HTTP\r\n\r\n")
        _ask_until_refused(port, f"/c/{PLANTED}/\r\n\r\n")
    finally:
        process.terminate()
        _, written = process.communicate(timeout=40)
    assert PLANTED not in written


def _ask_until_refused(port, line):
    import time

    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            with socket.create_connection(("localhost", port), timeout=10) as asked:
                asked.sendall(line.encode())
                if re.match(rb"HTTP/1.. 4", asked.recv(1000)):
                    return
        except OSError:
            time.sleep(0.3)
    pytest.fail("the web server did not answer")
