"""Servers with a folder each on one database: read-only mode holds at all, uploads are confirmed at any."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accord.clinic.audit import read_only_audit_buffer
from accord.clinic.audit import verification as audit_log
from accord.clinic.audit.write import enter_waiting, record_event
from accord.clinic.models import AuditEvent, ImportBatch, Organisation, UploadedFile, read_only
from accord.clinic.models.actors import SYSTEM
from accord.clinic.programme.imports import uploads
from accord.clinic.site import health
from accord.clinic.site.worker import Worker
from accord.clinic.web.jobs import Job
from tests.support import clinic_environment
from tests.support.world import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.no_worker]

# A second server: it does what its lines of input say, and answers each with a line.
SERVER = """
import sys
from accord.clinic.site.commands import site
site.load()
from django.db import DatabaseError, connection
from accord.clinic.audit.write import record_event
from accord.clinic.models import AuditEvent, Organisation, Person, read_only
from accord.clinic.models.actors import SYSTEM
from accord.clinic.programme.imports import ratings_import, uploads
from accord.clinic.site import mode
now = [0.0]
read_only.row.clock = lambda: now[0]
{planted}
def writes(name):
    try:
        Organisation.objects.create(name=name)
    except DatabaseError:
        return "refused"
    return "written"
def reads():
    one = Organisation.objects.order_by("name").first()
    record_event(by=SYSTEM, action="site.read_only_on", subject=one, organisation_id=one.pk)
    return "read"
def later():
    now[0] += read_only.KNOWN_FOR
    return "later"
def confirms(code, token):
    by = Person.objects.get(pk=code)
    upload = uploads.held(token, by=by)
    shown = ratings_import.preview(upload=upload, by=by)
    batch = ratings_import.commit(upload=upload, by=by,
                                  confirmed={{*shown.ticks.values(), "confirmed_not_real"}})
    return str(batch.rows)
def takes_in():
    mode.take_in()
    return "taken in"
print("ready", flush=True)
for line in sys.stdin:
    name, *given = line.split()
    print(locals()[name](*given), flush=True)
"""
IGNORES = "read_only._answer = lambda connection, raw: False"


class Server:
    """A process with a folder of its own and the same keys, on this test's database."""

    def __init__(self, folder, planted=""):
        shutil.copytree(settings.ACCORD.folder / "keys", folder / "keys")
        folder.chmod(0o700)
        told = clinic_environment.variables(_this_database(), str(folder))
        self.process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", SERVER.format(planted=planted)], text=True,
            env=clinic_environment.without_accord(dict(os.environ)) | told,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self.process.stdout.readline() == "ready\n"

    def does(self, *words):
        self.process.stdin.write(" ".join(words) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def end(self):
        self.process.communicate()


def _this_database():
    if connection.vendor == "sqlite":
        return f"sqlite:///{connection.settings_dict['NAME']}"
    return os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{connection.settings_dict['NAME']}"


@pytest.fixture
def server(tmp_path):
    started = []

    def start(planted=""):
        started.append(Server(tmp_path, planted))
        return started[-1]

    yield start
    for one in started:
        one.end()


@pytest.fixture
def clock(monkeypatch):
    """The time of this process's row; this test begins with a process that knows nothing of the mode."""
    now = [100.0]
    monkeypatch.setattr(read_only, "row", read_only.Row(lambda: now[0]))
    yield now
    read_only.turn_off_everywhere()
    read_only.turn_off()
    read_only_audit_buffer.clear()
    connection.close()


@pytest.fixture
def organisation():
    return Organisation.objects.create(name="A")


def _another_server_turns_it(on):
    """The row changes, and this process is not told."""
    with read_only._past_the_mode():
        if on:
            read_only.ReadOnlyMode.objects.create(since=timezone.now())
        else:
            read_only.ReadOnlyMode.objects.all().delete()


def _writes(name):
    try:
        Organisation.objects.create(name=name)
    except DatabaseError:
        return False
    return True


@pytest.mark.parametrize("planted", ["", IGNORES])
def test_the_mode_holds_at_every_server_and_ends_at_every_server(server, organisation, clock, planted):
    """Planted: a server that ignores the row goes on writing, and is noticed here."""
    other = server(planted)
    assert other.does("writes", "before") == "written"
    call_command("read_only", "on", verbosity=0)
    assert other.does("later") == "later"
    assert (other.does("writes", "meanwhile") == "refused") == (not planted)
    call_command("read_only", "off", verbosity=0)
    other.does("later")
    assert other.does("writes", "after") == "written"
    assert _writes("here too")


def test_what_was_read_at_each_server_is_in_the_log_afterwards(server, organisation, clock, tmp_path):
    other = server()
    call_command("read_only", "on", verbosity=0)
    before = AuditEvent.objects.count()
    other.does("later")
    assert other.does("reads") == "read"
    assert (tmp_path / read_only_audit_buffer.FILE).exists()
    assert other.does("takes_in") == "taken in"
    assert AuditEvent.objects.count() == before  # not while it is on
    call_command("read_only", "off", verbosity=0)
    told_here = AuditEvent.objects.count()
    other.does("later")
    assert other.does("takes_in") == "taken in"
    assert AuditEvent.objects.count() == told_here + 1
    assert not (tmp_path / read_only_audit_buffer.FILE).exists()
    assert not any(one.wrong for one in audit_log.verify([]))


def test_a_file_that_one_server_took_is_confirmed_at_another(server):
    world = World()
    rows = "\n".join(f"CANARY-N1,code-Lind,{at},2025-01-0{at},client,SRS,3{at}" for at in range(1, 6))
    content = b"client,clinician,session,date,rater,instrument,score\n" + rows.encode() + b"\n"
    upload = uploads.hold(
        chunks=[content], filename="CANARY-FILE.csv", team=world.first.pk, clinician=None, scale=None,
        by=world.lead,
    )  # fmt: skip
    _holds_no_canary()
    other = server()
    assert other.does("confirms", str(world.lead.pk), upload.token()) == "5"
    assert ImportBatch.objects.get().rows == 5
    assert not UploadedFile.objects.exists()


def _holds_no_canary():
    """Neither the database's own file nor any row tells what a file that waits says, or its name."""
    for row in UploadedFile.objects.values_list():
        assert "CANARY-N1" not in str(row)
        assert "CANARY-FILE" not in str(row)
    if connection.vendor == "sqlite":
        for end in ("", "-wal", "-journal"):
            path = Path(f"{connection.settings_dict['NAME']}{end}")
            content = path.read_bytes() if path.exists() else b""
            assert b"CANARY-N1" not in content
            assert b"CANARY-FILE" not in content


def test_the_row_is_read_again_after_two_seconds_and_not_before(clock, organisation):
    assert _writes("reads the row")
    _another_server_turns_it(on=True)
    clock[0] += read_only.KNOWN_FOR - 0.1
    assert not read_only.is_on()
    clock[0] += 0.1
    assert not _writes("meanwhile")
    _another_server_turns_it(on=False)
    assert read_only.is_on()
    clock[0] += read_only.KNOWN_FOR
    assert _writes("after")


def test_a_process_that_writes_in_transactions_only_obeys_too(clock, organisation):
    for on in (True, False, True):
        _another_server_turns_it(on)
        clock[0] += read_only.KNOWN_FOR
        try:
            with transaction.atomic():
                Organisation.objects.create(name=f"on: {on}")
        except DatabaseError:
            assert on
        else:
            assert not on


def test_a_transaction_under_way_does_not_make_the_row_look_newly_read(clock, organisation):
    assert _writes("reads the row")
    _another_server_turns_it(on=True)
    with transaction.atomic():
        Organisation.objects.count()  # with its first statement it is under way
        clock[0] += read_only.KNOWN_FOR
        assert _writes("ends as it began")
    assert not _writes("the next one")


def test_a_transaction_may_say_first_how_it_is_to_be(clock, organisation):
    connection.ensure_connection()
    clock[0] += read_only.KNOWN_FOR
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            cursor.execute("SELECT 1")
    assert _writes("after")


def test_reading_the_row_is_no_statement_of_a_page(clock, organisation):
    clock[0] += read_only.KNOWN_FOR
    with CaptureQueriesContext(connection) as counted:
        assert not read_only.is_on()
        Organisation.objects.count()
    assert len(counted) == 1


def test_while_the_database_does_not_answer_the_file_alone_decides(clock, monkeypatch):
    _another_server_turns_it(on=True)
    clock[0] += read_only.KNOWN_FOR
    assert read_only.is_on()

    def away():
        raise OperationalError("away")

    with monkeypatch.context() as planted:
        planted.setattr(connection, "ensure_connection", away)
        clock[0] += read_only.KNOWN_FOR
        assert not read_only.is_on()
        read_only.turn_on()
        assert read_only.is_on()
        read_only.turn_off()
    assert not _writes("as soon as it answers, the row holds")


def test_a_connection_that_gets_no_answer_stays_as_it_is(clock, organisation, monkeypatch):
    with monkeypatch.context() as planted:
        planted.setattr(read_only, "_answer", lambda connection, raw: None)
        clock[0] += read_only.KNOWN_FOR
        assert _writes("no row is known, as before a migration")
    _another_server_turns_it(on=True)
    assert not _writes("known at the next statement")
    clock[0] += read_only.KNOWN_FOR
    with monkeypatch.context() as planted:
        planted.setattr(read_only, "_answer", lambda connection, raw: None)
        assert not _writes("it was on when it was last known")


def test_a_database_without_the_table_works_as_before(clock, organisation, monkeypatch):
    monkeypatch.setattr(read_only.ReadOnlyMode._meta, "db_table", "clinic_not_there_yet")
    with transaction.atomic():
        assert _writes("A site that is brought up to date")
    assert not read_only.is_on()
    monkeypatch.undo()


@pytest.mark.parametrize("planted", [False, True])
def test_no_job_runs_while_the_row_says_so(clock, monkeypatch, planted):
    """Planted: a worker that asks only its own server's file starts the job, and is noticed here."""
    done = threading.Event()
    worker = Worker([Job("quick", timedelta(hours=1), done.set)])
    _another_server_turns_it(on=True)
    clock[0] += read_only.KNOWN_FOR
    if planted:
        monkeypatch.setattr(read_only, "is_on_everywhere", lambda: False)
    try:
        worker.look()
    except DatabaseError:
        assert planted  # the database itself refuses what a worker notes first
    else:
        assert not planted
    assert worker.lanes == []
    assert not done.is_set()


def test_health_tells_which_of_the_two_is_on(clock):
    def status():
        found = health.health(timezone.now(), settings.ACCORD.folder).lines
        return next(line for line in found if line.startswith("read-only"))

    assert status() == "read-only: off"
    call_command("read_only", "on", "--here", verbosity=0)
    assert status() == "read-only: on (this server)"
    call_command("read_only", "on", verbosity=0)
    assert status() == "read-only: on (this server, every server)"
    call_command("read_only", "off", "--here", verbosity=0)
    assert status() == "read-only: on (every server)"
    assert not _writes("still")
    call_command("read_only", "off", verbosity=0)
    assert status() == "read-only: off"


def test_turned_on_for_this_server_it_does_not_hold_elsewhere(clock):
    call_command("read_only", "on", "--here", verbosity=0)
    assert read_only.is_on_here()
    assert not read_only.is_on_everywhere()


def test_where_the_others_cannot_be_told_this_server_is_read_only_and_the_command_says_so(clock, monkeypatch):
    def away():
        raise OperationalError("away")

    monkeypatch.setattr(read_only, "turn_on_everywhere", away)
    monkeypatch.setattr(read_only, "turn_off_everywhere", away)
    with pytest.raises(CommandError, match="could not tell the others"):
        call_command("read_only", "on", verbosity=0)
    assert read_only.is_on_here()
    with pytest.raises(CommandError, match="does not answer"):
        call_command("read_only", "off", verbosity=0)
    assert read_only.is_on_here()  # nothing is half turned off
    monkeypatch.undo()


@pytest.mark.parametrize("planted", [False, True])
def test_what_is_read_while_others_are_entered_is_not_lost(clock, organisation, monkeypatch, planted):
    """A process of this server does not know yet that the mode is off. Planted: without the lock."""
    read_only.turn_on()
    _reads(organisation)
    read_only.turn_off()
    later = threading.Thread(target=read_only_audit_buffer.append, args=([_event(organisation)],))
    found = read_only_audit_buffer.read_events

    def kept():
        events = found()
        later.start()
        if planted:
            later.join()
        return events

    if planted:
        monkeypatch.setattr(read_only_audit_buffer, "locked", nullcontext)
    monkeypatch.setattr(read_only_audit_buffer, "read_events", kept)
    assert enter_waiting() == 1
    later.join()
    assert read_only_audit_buffer.path().exists() == (not planted)


def _reads(organisation):
    record_event(by=SYSTEM, action="site.read_only_on", subject=organisation, organisation_id=organisation.pk)


def _event(organisation):
    return AuditEvent(
        organisation_id=organisation.pk, actor_kind="system", action="site.read_only_on",
        subject_type="Organisation", subject_id=organisation.pk, fields=[],
    )  # fmt: skip
