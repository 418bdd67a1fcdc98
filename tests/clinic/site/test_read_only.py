"""In read-only mode pages show and no path can write; in trouble nothing is half-written."""

from __future__ import annotations

import errno
import re
import sqlite3
import threading
import time
from functools import partial
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.urls import get_resolver
from django.utils import timezone

from accord.clinic.accounts import sessions
from accord.clinic.audit import read_only_audit_buffer, verification
from accord.clinic.client.checkins import actions as checkins
from accord.clinic.models import AuditEvent, CheckIn, Contact, Heartbeat, Organisation, Worker, read_only
from accord.clinic.models.actors import SYSTEM
from accord.clinic.monitoring import contacts
from accord.clinic.site import mode as site_mode
from accord.clinic.web.unavailability import is_temporarily_unavailable
from tests.support.world import PASSWORD, STEADY, World, days_ago, fill, signed_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    made = World()
    fill(made.with_lind, STEADY)
    return made


@pytest.fixture
def link(world):
    return checkins.ask(engagement=world.with_lind, day=days_ago(0), by=world.lind)[1]


def _on(where):
    """The mode by one of its switches, as it is at this server."""
    site_mode.turn_on(by=SYSTEM, here=where == "here")
    if where == "elsewhere":
        read_only.turn_off()  # the file is at the server where it was turned on


def _off():
    read_only.turn_off_everywhere()
    read_only.turn_off()


@pytest.fixture(params=["here", "elsewhere"])
def paused(request, settings):
    """Read-only mode by the file or by the row; turned off again whatever happens."""
    yield partial(_on, request.param)
    _off()
    read_only_audit_buffer.clear()
    connection.close()


def _browser(person=None):
    browser = signed_in(person)
    browser.raise_request_exception = False
    return browser


def _health() -> str:
    from accord.clinic.site import health

    return health.health(timezone.now(), settings.ACCORD.folder).as_text()


def _form(token, name=None):
    return f"/c/{token}/", {"checkin_id": str(name or uuid4()), "item_1": "4", "item_2": "6"}


def test_no_path_can_write_whatever_it_is(world, paused):
    paused()
    for write in (
        lambda: Organisation.objects.create(name="new"),
        lambda: Heartbeat.objects.update_or_create(name="x", defaults={"at": world.flag_time}),
        lambda: contacts.record(engagement=world.with_lind, day=days_ago(0), by=SYSTEM),
        lambda: _raw("DELETE FROM clinic_heartbeat"),
        lambda: _raw("UPDATE clinic_person SET name = 'x'"),
    ):
        world.flag_time = "2026-01-01T00:00:00Z"
        with pytest.raises(DatabaseError) as refusal:
            write()
        assert is_temporarily_unavailable(refusal.value)
    assert world.with_lind.contacts.count() == 1


def _raw(sql):
    with connection.cursor() as cursor:
        cursor.execute(sql)


def test_a_connection_that_is_open_already_and_one_that_comes_later_obey_at_once(world, paused):
    _raw("SELECT 1")
    paused()
    with pytest.raises(DatabaseError):
        Organisation.objects.create(name="open already")
    connection.close()
    with pytest.raises(DatabaseError):
        Organisation.objects.create(name="made later")
    _off()
    Organisation.objects.create(name="writes again")


def test_a_transaction_under_way_ends_as_it_began(world, paused):
    with transaction.atomic():
        Organisation.objects.create(name="before")
        read_only.turn_on()
        read_only.row.note(True)
        Organisation.objects.create(name="after")
    assert Organisation.objects.filter(name__in=["before", "after"]).count() == 2


def test_pages_show_and_who_reads_is_in_the_log_afterwards_in_its_own_time(world, link, paused):
    lind, anybody = _browser(world.lind), _browser()
    before = AuditEvent.objects.count()
    paused()
    noted = AuditEvent.objects.count()
    assert noted == before + Organisation.objects.count()
    page = lind.get(f"/clients/{world.ana.pk}/")
    assert (page.status_code, "Read-only for now" in page.content.decode()) == (200, True)
    assert lind.get("/worklist/").status_code == 200
    form = anybody.get(f"/c/{link}/", follow=True)
    assert (form.status_code, "cannot save it" in form.content.decode()) == (200, True)
    assert AuditEvent.objects.count() == noted
    kept = read_only_audit_buffer.read_events()
    assert [one.client_id for one in kept if one.action == "client.read"] == [world.ana.pk]
    call_command("read_only", "off", verbosity=0)
    entered = AuditEvent.objects.get(action="client.read")
    assert (entered.pk in {one.pk for one in kept}, entered.actor_id) == (True, world.lind.pk)
    assert entered.at == next(one.at for one in kept if one.pk == entered.pk)
    assert not read_only_audit_buffer.path().exists()
    assert not any(one.wrong for one in verification.verify([]))


def test_entering_twice_enters_once(world, paused):
    browser = _browser(world.lind)
    paused()
    browser.get(f"/clients/{world.ana.pk}/")
    told = read_only_audit_buffer.path().read_bytes()
    _off()
    site_mode.take_in()
    read_only_audit_buffer.path().write_bytes(
        told
    )  # as after a stop between the commit and the removal of the file
    site_mode.take_in()
    assert AuditEvent.objects.filter(action="client.read").count() == 1


def test_a_record_is_not_shown_where_its_reading_cannot_be_kept(world, paused, monkeypatch):
    browser = _browser(world.lind)
    paused()

    def full(events):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(read_only_audit_buffer, "append", full)
    page = browser.get(f"/clients/{world.ana.pk}/")
    assert page.status_code == 503
    assert "CANARY-ANA" not in page.content.decode()


def test_a_check_in_says_not_saved_keeps_the_answers_on_the_page_and_arrives_later(link, paused):
    paused()
    address, body = _form(link)
    page = _browser().post(address, body)
    told = page.content.decode()
    assert (page.status_code, page["Retry-After"]) == (503, "120")
    assert "Not saved." in told
    assert body["checkin_id"] in told
    assert len(re.findall(r"<input[^>]*item_[^>]* checked", told)) == 2
    site_mode.turn_off(by=SYSTEM)
    assert _browser().post(address, body).status_code == 302
    assert CheckIn.objects.filter(pk=body["checkin_id"]).count() == 1


def test_every_other_write_answers_503_with_calm_words_and_changes_nothing(world, paused):
    browser = _browser(world.lind)
    paused()
    before = _everything()
    for pattern in get_resolver().url_patterns:
        name = getattr(pattern, "name", None) or ""
        if name in ("checkin", "checkin-sent", "own-checkin", "account_logout"):
            continue
        page = browser.post("/" + _filled(str(pattern.pattern), world))
        assert page.status_code == 503, pattern
        assert "Not available at the moment" in page.content.decode()
    assert _everything() == before


def _filled(pattern, world):
    return re.sub(r"<uuid:\w+>", str(world.with_lind.pk), re.sub(r"<str:\w+>", "x", pattern))


def _everything():
    return (
        CheckIn.objects.count(),
        Contact.objects.count(),
        AuditEvent.objects.count(),
        Heartbeat.objects.count(),
    )


def test_signing_in_waits_without_saying_whether_the_password_was_right(world, paused):
    signed_in(world.lind)
    paused()
    for password in (PASSWORD, "wrong"):
        page = _browser().post("/accounts/login/", {"login": world.lind.account.email, "password": password})
        assert page.status_code == 503
        assert "signing in has to wait" in page.content.decode()


def test_signing_out_takes_the_browser_out(world, paused):
    browser = _browser(world.lind)
    paused()
    assert browser.post("/accounts/logout/").status_code == 302
    assert browser.get("/worklist/").status_code == 302


def test_a_page_that_nobody_used_locks_in_read_only_mode_too_and_opens_once_it_is_over(world, paused):
    browser = _browser(world.lind)
    session = browser.session
    session[sessions.SEEN] = time.time() - sessions.IDLE["staff"]
    session[sessions.BEGAN] = session[sessions.SEEN]
    session.save()
    paused()
    for _ in range(2):
        assert browser.get(f"/clients/{world.ana.pk}/")["Location"].startswith("/locked/")
        told = browser.get("/locked/")
        assert world.ana.name not in told.content.decode()
    assert browser.post("/locked/", {"password": PASSWORD}).status_code == 503
    assert browser.get(f"/clients/{world.ana.pk}/").status_code == 302
    _off()
    connection.close()
    browser.post("/locked/", {"password": PASSWORD})
    assert browser.get(f"/clients/{world.ana.pk}/").status_code == 200


def test_the_health_page_tells_the_mode_and_the_watcher_pauses(world, paused):
    paused()
    assert _browser().get("/health/").status_code == 200
    assert "read-only: on" in _health()
    assert "run_due: paused" in _health()
    call_command("run_due", verbosity=0)
    assert not Worker.objects.exists()


def _fails_with(error):
    """From now on storing a check-in meets this error."""

    def wrapper(execute, sql, params, many, context):
        if sql.startswith("INSERT") and "clinic_checkin" in sql:
            raise error
        return execute(sql, params, many, context)

    return connection.execute_wrapper(wrapper)


def _not_stored(link, status, words):
    before = _everything()
    address, body = _form(link)
    page = _browser().post(address, body)
    assert page.status_code == status
    assert words in page.content.decode()
    assert _everything() == before
    return address, body


def test_a_full_disk_answers_503_keeps_nothing_half_and_takes_the_same_form_once_there_is_room(link):
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA page_count")
            cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0]}")  # the file may not grow
        while _browser().post(*_form(link)).status_code == 302:
            assert CheckIn.objects.count() < 500
        address, body = _not_stored(link, 503, "Not saved.")
        connection.close()
    else:
        import psycopg

        with _fails_with(psycopg.errors.DiskFull("no space left on device")):
            address, body = _not_stored(link, 503, "Not saved.")
    assert _browser().post(address, body).status_code == 302


def test_a_database_that_somebody_else_holds_answers_503_and_takes_the_same_form_later(link):
    with _held():
        address, body = _not_stored(link, 503, "Not saved.")
    assert _browser().post(address, body).status_code == 302


class _held:  # noqa: N801  (reads as what it does)
    """Another process's write is under way, and this connection's patience is short."""

    def __enter__(self):
        self.done, began = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._hold, args=(began,))
        self.thread.start()
        assert began.wait(20)
        _raw("PRAGMA busy_timeout = 100" if connection.vendor == "sqlite" else "SET lock_timeout = '100ms'")

    def _hold(self, began):
        with transaction.atomic():
            if connection.vendor == "postgresql":
                _raw("LOCK TABLE clinic_engagement IN EXCLUSIVE MODE")
            began.set()
            self.done.wait(60)
        connection.close()

    def __exit__(self, *args):
        self.done.set()
        self.thread.join()
        connection.close()


def test_an_error_of_the_program_is_a_500_and_no_matter_of_patience(link):
    with _fails_with(sqlite3.OperationalError("no such table: clinic_checkin")):
        page = _browser().post(*_form(link))
    assert (page.status_code, "Something broke on our side" in page.content.decode()) == (500, True)


@pytest.mark.parametrize(
    ("code", "not_now"),
    [
        (5, True),
        (517, True),
        (6, True),
        (8, True),
        (10, True),
        (13, True),
        (14, True),
        (1, False),
        (11, False),
        (19, False),
    ],
)
def test_only_errors_that_pass_are_answered_with_patience(code, not_now):
    error = sqlite3.OperationalError("as SQLite says")
    error.sqlite_errorcode = code
    assert is_temporarily_unavailable(error) == not_now
    told = DatabaseError("wrapped")
    told.__cause__ = error
    assert is_temporarily_unavailable(told) == not_now


def test_a_last_backup_is_told_to_the_lead_and_in_health(world):
    from accord.clinic.site import backups

    lead = _browser(world.lead)
    assert "No backup has been made yet." in lead.get("/imports/").content.decode()
    backups.note(at=AuditEvent.objects.first().at, by=SYSTEM)
    assert "Last backup:" in lead.get("/imports/").content.decode()
    assert "Last backup:" not in _browser(world.lind).get("/worklist/").content.decode()
    assert "backup: none yet" not in _health()


def test_staff_see_on_every_page_that_the_watcher_is_late_and_clients_do_not(world):
    words = "jobs have not run lately"
    pages = {world.lind: "/worklist/", world.lead: "/imports/", world.ana: "/forms/"}
    told = {
        person.name: words in _browser(person).get(page).content.decode() for person, page in pages.items()
    }
    assert told == {"Lind": True, "Lead": True, "CANARY-ANA": False}
    call_command("run_due", verbosity=0)
    assert words not in _browser(world.lind).get("/worklist/").content.decode()
    assert _browser().get("/health/").status_code == 200


def test_health_tells_a_full_disk_and_a_database_that_is_away(world, monkeypatch):
    from collections import namedtuple

    from accord.clinic.site import health

    call_command("run_due", verbosity=0)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(health, "disk_usage", lambda _: usage(100, 99, 1))
    page = _browser().get("/health/")
    assert (page.status_code, "disk: nearly full" in _health()) == (503, True)

    def away(*args):
        raise DatabaseError("away")

    monkeypatch.setattr(health, "_with_database", away)
    page = _browser().get("/health/")
    assert (page.status_code, _health().startswith("database: no answer")) == (503, True)
