"""The log of who did what: unbroken while nobody touches it, and seen to be broken once somebody did."""

from __future__ import annotations

import threading
from datetime import timedelta
from importlib import import_module

import pytest
from django.conf import settings
from django.db import connection, models, transaction
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from accord.clinic.audit import chain, verification, verify_when_due
from accord.clinic.audit.write import record_event, record_event_for_each
from accord.clinic.models import AuditEvent, AuditHead, Heartbeat
from accord.clinic.models import guards as append_only
from accord.clinic.models.actors import SYSTEM
from accord.clinic.site import health
from accord.clinic.site.commands import audit as command
from tests.proofs import tampering
from tests.support.thorough import PROOF
from tests.support.world import HURT, World, fill, signed_in

BEGINS = "0006_audit_chain_begins"
TAMPERINGS = 1000 if PROOF else 60


def _wrong() -> list[str]:
    return [chain.wrong for chain in verification.verify() if chain.wrong]


def _recorded() -> World:
    """The small programme, with the events of its beginnings."""
    world = World()
    for person in (world.ana, world.ben, world.lind, world.ito, world.okafor):
        record_event(by=SYSTEM, action="person.add", subject=person, fields=["kind", "code", "name"])
    return world


def _read(world: World) -> AuditEvent:
    return record_event(by=world.lind, action="client.read", subject=world.ana, client_id=world.ana.pk)


@pytest.mark.django_db
def test_what_people_and_the_site_do_makes_one_unbroken_chain_for_each_organisation():
    here, there = _recorded(), _recorded()
    fill(here.with_lind, HURT)
    fill(there.with_ito, HURT)
    for world in (here, there):
        events = AuditEvent.objects.filter(organisation_id=world.organisation.pk).order_by("sequence")
        assert [event.sequence for event in events] == list(range(1, len(events) + 1))
        assert {event.actor_kind for event in events} == {"system", "link"}
        assert [event.at for event in events] == sorted(event.at for event in events)
        assert events[0].previous == chain.BEGINNING
        assert [event.previous for event in events][1:] == [event.digest for event in events][:-1]
    assert _wrong() == []
    assert sum(chain.events for chain in verification.verify()) == AuditEvent.objects.count()


@pytest.mark.django_db
def test_an_act_that_is_taken_back_leaves_neither_an_event_nor_a_gap():
    world = _recorded()
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        _read(world)
        raise ZeroDivisionError
    _read(world)
    assert _wrong() == []
    assert AuditEvent.objects.filter(action="client.read").count() == 1


@pytest.mark.django_db
def test_one_act_about_many_clients_is_one_event_in_the_record_of_each():
    world = _recorded()
    clients = {world.ana.pk: "engaged", world.ben.pk: None}
    record_event_for_each(by=world.lead, action="import.rows", subject=world.lead, clients=clients)
    record_event_for_each(by=world.lead, action="import.rows", subject=world.lead, clients={})
    noted = AuditEvent.objects.filter(action="import.rows").values_list("client_id", "relation")
    assert dict(noted) == clients
    assert _wrong() == []


@pytest.mark.django_db
def test_random_tampering_is_seen_every_time():
    world = _recorded()
    unseen = tampering.run(TAMPERINGS, [world.lind, world.ito, world.ana, world.ben])
    assert unseen == {}


@pytest.mark.django_db
def test_a_column_that_is_left_out_of_the_digest_lets_tampering_through_unseen(monkeypatch):
    whole = chain.columns
    left_out = {"actor_id", "client_id", "at"}
    monkeypatch.setattr(
        chain, "columns", lambda event: {k: v for k, v in whole(event).items() if k not in left_out}
    )
    world = _recorded()
    unseen = tampering.run(120, [world.lind, world.ito, world.ana, world.ben])
    assert unseen["change"] > 0


@pytest.mark.django_db
def test_the_first_broken_place_is_named():
    world = _recorded()
    events = [_read(world) for _ in range(5)]
    append_only.take_down(connection)
    tampering.rows().filter(pk=events[2].pk).update(action="client.shown")
    (result,) = verification.verify()
    assert result.events == events[2].sequence - 1
    assert result.wrong == f"event {events[2].sequence} is not as it was written"


@pytest.mark.django_db
def test_a_head_without_its_events_and_events_without_a_head_are_both_seen():
    world = _recorded()
    append_only.take_down(connection)
    with transaction.atomic():
        AuditHead.objects.all().delete()
        assert "is behind the head" in _wrong()[0]
        transaction.set_rollback(True)
    tampering.rows().all().delete()
    assert "missing at the end" in _wrong()[0]
    assert AuditHead.objects.get().pk == world.organisation.pk


@pytest.mark.django_db
def test_every_column_is_in_the_digest_and_one_that_is_added_later_can_be_absent():
    named = {field.attname for field in AuditEvent._meta.concrete_fields}
    assert set(chain.columns(AuditEvent())) == named - {"digest"}
    columns = chain.columns(_read(_recorded()))
    assert chain.digest(columns) == chain.digest({**columns, "added_later": None})
    assert chain.digest(columns) != chain.digest({**columns, "added_later": ""})


def test_the_digest_is_that_of_a_canonical_text_written_out_here_by_hand():
    from datetime import datetime, timedelta, timezone
    from hashlib import sha256
    from uuid import UUID

    item, at = UUID(int=1), datetime(2026, 3, 14, 13, 2, tzinfo=timezone(timedelta(hours=1)))
    columns = {"sequence": 7, "at": at, "actor_id": item, "client_id": None, "fields": ["day", "é"]}
    written = (
        '{"actor_id":"00000000000000000000000000000001","at":"2026-03-14T12:02:00.000000+00:00",'
        '"fields":["day","\\u00e9"],"sequence":7}'
    )
    assert chain.digest(columns) == sha256(written.encode()).hexdigest()


@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_leave_no_gap_and_no_fork():
    world = _recorded()
    before = AuditEvent.objects.count()
    wrong: list[BaseException] = []

    def write() -> None:
        try:
            for _ in range(10):
                _read(world)
        except BaseException as error:
            wrong.append(error)
        finally:
            connection.close()

    writers = [threading.Thread(target=write) for _ in range(6)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert wrong == []
    assert AuditEvent.objects.count() == before + 60
    assert _wrong() == []


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_without_holding_the_head_two_writers_would_take_the_same_place(monkeypatch):
    """The planted fault for the test above, where the database lets two write at once."""
    from django.db import IntegrityError

    from accord.clinic.audit import write as audit

    world = _recorded()
    both = threading.Barrier(2)
    refused: list[IntegrityError] = []

    def unheld(organisation_id):
        head = AuditHead.objects.get(pk=organisation_id)
        both.wait()
        return head

    monkeypatch.setattr(audit, "_locked_head", unheld)

    def write() -> None:
        try:
            _read(world)
        except IntegrityError as error:
            refused.append(error)
        finally:
            connection.close()

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(refused) == 1


@pytest.mark.django_db
def test_events_from_before_there_was_a_chain_become_its_beginning():
    world = _recorded()
    for _ in range(3):
        _read(world)
    append_only.take_down(connection)
    tampering.rows().update(previous="", digest="")
    AuditHead.objects.all().delete()
    assert _wrong()
    tampering.rows().update(sequence=models.F("sequence") + tampering.FAR)
    as_migrated = MigrationLoader(connection).project_state().apps
    import_module(f"accord.clinic.migrations.{BEGINS}").begin(as_migrated, None)
    assert _wrong() == []
    record_event(by=SYSTEM, action="organisation.set_up", subject=world.ana)
    assert _wrong() == []


@pytest.mark.django_db
def test_the_command_tells_the_first_broken_place_and_an_anchor_tells_a_cut_end(tmp_path, capsys):
    world = _recorded()
    anchor = tmp_path / "heads"
    assert command.main(["head"]) == 0
    anchor.write_text(capsys.readouterr().out)
    assert command.main(["verify", "--anchor", str(anchor)]) == 0
    assert "unbroken" in capsys.readouterr().out
    append_only.take_down(connection)
    events = list(AuditEvent.objects.order_by("sequence"))
    kept = events[-2]
    tampering.rows().filter(pk=events[-1].pk).delete()
    AuditHead.objects.update(sequence=kept.sequence, digest=kept.digest)
    assert command.main(["verify"]) == 0
    assert "Without --anchor" in capsys.readouterr().out
    assert command.main(["verify", "--anchor", str(anchor)]) == 1
    sentence = f"events {events[-1].sequence} to {events[-1].sequence} are missing at the end"
    assert sentence in capsys.readouterr().out
    assert world.organisation.pk == kept.organisation_id


def _health() -> str:
    return health.health(timezone.now(), settings.ACCORD.folder).as_text()


@pytest.mark.django_db
def test_health_tells_when_the_log_was_last_found_unbroken_and_a_lead_sees_when_it_was_not(capsys):
    world = _recorded()
    assert "audit: last found unbroken: not yet" in _health()
    assert command.main(["verify"]) == 0
    result = Heartbeat.objects.get(name=Heartbeat.UNBROKEN).at
    assert f"audit: last found unbroken: {result:%Y-%m-%dT%H:%M:%S}" in _health()
    append_only.take_down(connection)
    tampering.rows().filter(sequence=2).delete()
    assert command.main(["verify"]) == 1
    assert "audit: BROKEN, found" in _health()
    assert "was not intact" in signed_in(world.lead).get("/people/").content.decode()
    assert "was not intact" not in signed_in(world.lind).get("/worklist/").content.decode()


@pytest.mark.django_db
def test_the_watcher_reads_the_log_once_a_day(monkeypatch):
    _recorded()
    read = []

    def verify(anchors):
        read.append(anchors)
        return []

    monkeypatch.setattr(verification, "verify", verify)
    now = timezone.now()
    for hours in (0, 1, 23, 25):
        verify_when_due.verify_if_due(now + timedelta(hours=hours))
    assert len(read) == 2


@pytest.mark.django_db
def test_an_anchor_as_verify_prints_it_serves_too(tmp_path, capsys):
    _recorded()
    assert command.main(["verify"]) == 0
    anchor = tmp_path / "heads"
    anchor.write_text(
        "\n".join(line for line in capsys.readouterr().out.splitlines() if line.startswith("head:"))
    )
    assert command.main(["verify", "--anchor", str(anchor)]) == 0


@pytest.mark.django_db
@pytest.mark.parametrize("text", [None, "", "not a head\n", "00000000-0000-0000-0000-000000000001 x 00\n"])
def test_an_anchor_that_cannot_be_read_is_refused_and_says_what_was_expected(tmp_path, capsys, text):
    _recorded()
    anchor = tmp_path / "heads"
    if text is not None:
        anchor.write_text(text)
    assert command.main(["verify", "--anchor", str(anchor)]) == 2
    assert "expected" in capsys.readouterr().err


@pytest.mark.django_db
def test_a_row_that_cannot_be_read_at_all_is_a_broken_place():
    world = _recorded()
    events = [_read(world) for _ in range(3)]
    append_only.take_down(connection)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE clinic_auditevent SET fields = '7' WHERE id = %s", [_raw(events[1].pk)])
    assert _wrong() == [f"event {events[1].sequence} is not as it was written"]
    if connection.vendor == "sqlite":  # PostgreSQL's types take no such value
        with connection.cursor() as cursor:
            cursor.execute("UPDATE clinic_auditevent SET actor_id = 'x' WHERE id = %s", [_raw(events[0].pk)])
        assert _wrong() == [f"event {events[0].sequence} cannot be read"]


def _raw(pk):
    return pk.hex if connection.vendor == "sqlite" else pk
