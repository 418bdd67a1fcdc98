"""Acts and safety answers newly on record wait until somebody who treats the client has answered."""

from __future__ import annotations

from datetime import date, timedelta
from importlib import import_module
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.loader import MigrationLoader
from django.urls import reverse
from django.utils import timezone

from accord.clinic.client.own_record.opened import who_opened
from accord.clinic.clinician.worklist.queries import worklist
from accord.clinic.models import ActResponse, AuditEvent, Event, FactIsFixed, Membership
from accord.clinic.monitoring import acts
from accord.clinic.policy import Denied
from accord.clinic.programme.imports import batch_actions, uploads
from accord.errors import FormError
from tests.support.imports import confirm
from tests.support.world import LOW, World, days_ago, fill, signed_in, steady_then

ITEMS = ",".join(f"item_{n}" for n in range(1, 10))
PHQ = "Patient Health Questionnaire, nine items"
HEADER = f"client,clinician,session,date,rater,instrument,{ITEMS}"


@pytest.fixture
def world(db) -> World:
    return World()


def _act(world: World, days: int, kind: str = "self-injury", made_days_ago: int = 0) -> Event:
    return Event.objects.create(
        organisation=world.organisation, client=world.ana, day=days_ago(days), kind=kind, count=1,
        made_at=timezone.now() - timedelta(days=made_days_ago),
    )  # fmt: skip


def _rows(world: World, viewer=None):
    return worklist(viewer or world.lind, timezone.now()).acts


def _said(world: World) -> list[str]:
    return [act.said for row in _rows(world) for act in row.acts]


def _form(world: World) -> dict[str, Any]:
    """What the worklist's form about Ana sends: exactly the acts that the page shows."""
    [row] = _rows(world)
    return {
        "done": "reached_out",
        "next": reverse("worklist"),
        "shown": [key for act in row.acts for key in act.keys],
    }


def _answer(world: World, sent=None, by=None):
    address = reverse("respond-acts", args=[world.ana.pk])
    return signed_in(by or world.lind).post(address, sent or _form(world))


def _phq(world: World, day: date | str, last: int, session: int = 1, items: str = "1,1,1,1,1,1,1,1"):
    row = f"{world.ana.code},{world.lind.code},{session},{day},client,PHQ-9,{items},{last}"
    upload = uploads.hold(
        chunks=[f"{HEADER}\n{row}\n".encode()], filename="phq.csv", team=world.first.pk, clinician=None,
        scale=None, by=world.lead,
    )  # fmt: skip
    return confirm(upload, world.lead)


def test_an_act_comes_first_and_waits_however_often_the_page_is_opened(world):
    steady_then(world.with_lind, {**LOW, 6: 2, 7: 0})
    _act(world, 12)
    for person in (world.lind, world.ito, world.supervisor):
        signed_in(person).get(reverse("client", args=[world.ana.pk]))
    [row] = _rows(world)
    assert [(act.said, act.day) for act in row.acts] == [("self-injury", days_ago(12))]
    assert row.also, "and the word and the rupture are beside it"
    assert not worklist(world.lind, timezone.now()).sections


def test_an_answer_of_anybody_who_treats_the_client_covers_all_that_was_shown_and_returns_to_the_list(world):
    acts_shown = [_act(world, 12), _act(world, 3), _act(world, 2, "attempt")]
    assert [len(row.acts) for row in _rows(world)] == [3], "one person, one row"
    assert _answer(world, by=world.ito)["Location"] == reverse("worklist")
    assert _rows(world) == _rows(world, world.ito) == ()
    kept = ActResponse.objects.all()
    assert {row.event for row in kept} == set(acts_shown)
    assert {(row.by, row.done, row.day) for row in kept} == {(world.ito, "reached_out", days_ago(0))}
    assert len({row.made_at for row in kept}) == 1


def _arrives_between(world: World) -> list[str]:
    """An attempt comes on record after the page was shown, and before its form was sent."""
    _act(world, 3)
    sent = _form(world)
    _act(world, 1, "attempt")
    _answer(world, sent)
    return _said(world)


def test_an_act_that_comes_on_record_between_the_page_and_the_answer_goes_on_waiting(world):
    assert _arrives_between(world) == ["attempt to end their life"]


def test_an_answer_that_covered_all_that_is_on_record_would_be_seen_by_that_test(world, monkeypatch):
    """The planted fault: what was shown is not asked for."""
    monkeypatch.setattr(acts, "was_shown", lambda key, shown: True)
    assert _arrives_between(world) == []


def test_two_people_who_answer_the_same_act_at_once_are_both_kept(world):
    _act(world, 3)
    sent = _form(world)
    _answer(world, sent)
    _answer(world, {**sent, "done": "team"}, by=world.ito)
    assert set(ActResponse.objects.values_list("by__name", "done")) == {
        ("Lind", "reached_out"),
        ("Ito", "team"),
    }


def test_an_answer_is_audited_act_by_act_and_in_the_client_s_own_record(world):
    _act(world, 3), _act(world, 2)
    _answer(world)
    events = AuditEvent.objects.filter(action="act.respond", client_id=world.ana.pk)
    assert [(event.actor_id, event.fields, event.relation) for event in events] == [
        (world.lind.pk, ["done"], "engaged")
    ] * 2
    assert {event.subject_id for event in events} == set(ActResponse.objects.values_list("pk", flat=True))
    [opening] = who_opened(world.ana).days[0].openings
    assert (opening.name, opening.what[-1]) == ("Lind", "entered or changed something")


def test_the_page_about_the_client_asks_for_the_answer_and_then_shows_it(world):
    _act(world, 3)
    address = reverse("client", args=[world.ana.pk])
    page = signed_in(world.lind).get(address).content.decode()
    assert "Nobody has answered this yet" in page
    assert f'action="{reverse("respond-acts", args=[world.ana.pk])}"' in page
    sent = {key: value for key, value in _form(world).items() if key != "next"}
    assert _answer(world, sent)["Location"] == address
    page = signed_in(world.ito).get(address).content.decode()
    assert "Done: called or wrote; Lind" in page
    assert "Nobody has answered this yet" not in page


def test_a_supervisor_a_peer_worker_and_the_other_team_neither_see_nor_answer_acts(world):
    _act(world, 2)
    peer = world.staff("Peer")
    world.join(peer, world.first, Membership.Role.PEER)
    world.engage(world.ana, peer, world.first, "peer")
    sent = _form(world)
    for person in (peer, world.supervisor, world.okafor, world.lead, world.ana):
        assert not person.is_staff or _rows(world, person) == ()
        assert _answer(world, sent, by=person).status_code == 404
        with pytest.raises(Denied):
            acts.respond(client=world.ana, shown=sent["shown"], done="team", by=person)
    assert not ActResponse.objects.exists()


def test_ids_of_another_client_s_acts_answer_nothing(world):
    event = Event.objects.create(
        organisation=world.organisation, client=world.ben, day=days_ago(2), kind="attempt", count=1,
        made_at=timezone.now(),
    )  # fmt: skip
    with pytest.raises(FormError):
        acts.respond(client=world.ana, shown=[acts.event_key(event.pk)], done="team", by=world.lind)
    sent = {"done": "team", "shown": [acts.event_key(event.pk), "event:", str(uuid4())]}
    page = signed_in(world.lind).post(reverse("respond-acts", args=[world.ana.pk]), sent, follow=True)
    assert "no longer on record" in page.content.decode()
    assert not ActResponse.objects.exists()


@pytest.mark.parametrize("done", ["opened", "settled", "?", ""])
def test_only_an_answer_of_the_list_is_taken(world, done):
    _act(world, 2)
    assert _answer(world, {**_form(world), "done": done}).status_code == 400
    assert _rows(world)


def test_an_answer_is_written_once_and_about_one_thing(world):
    event = _act(world, 2)
    _answer(world)
    row = ActResponse.objects.get()
    with pytest.raises(FactIsFixed):
        row.delete()
    common = {"organisation": world.organisation, "client": world.ana, "by": world.lind, "done": "team"}
    with pytest.raises(IntegrityError), transaction.atomic():
        ActResponse.objects.create(**common, day=days_ago(0), made_at=timezone.now())
    assert row.about == event.pk


def test_an_act_that_nobody_answers_waits_beyond_four_weeks_and_one_of_an_old_file_never_does(world):
    _act(world, 60, made_days_ago=50)  # ten days old when it came on record
    _act(world, 90, "attempt", made_days_ago=50)  # forty days old when it came on record
    assert _said(world) == ["self-injury"]
    _act(world, 28), _act(world, 29)
    assert {act.day for row in _rows(world) for act in row.acts} == {days_ago(60), days_ago(28)}


def test_a_safety_answer_of_a_file_waits_until_it_is_answered(world):
    _phq(world, days_ago(5), 3)
    [row] = _rows(world)
    [act] = row.acts
    assert (act.said, act.day) == (f"{PHQ}: thoughts of death or self-harm 3", days_ago(5))
    _answer(world)
    assert _rows(world) == ()
    page = signed_in(world.lind).get(reverse("client", args=[world.ana.pk])).content.decode()
    assert "Done: called or wrote; Lind" in page


@pytest.mark.parametrize(("day", "waits"), [(27, True), (40, False)])
def test_a_safety_answer_of_a_row_that_was_not_taken_waits_too_unless_it_is_old(world, day, waits):
    _phq(world, days_ago(day), 2, items="1,1,1,1,1,1,1,9")  # no such answer, so the row is not taken
    assert [act.said for row in _rows(world) for act in row.acts] == (
        [f"{PHQ}: an answer above 0 to item 9"] if waits else []
    )


def test_a_safety_answer_without_a_day_that_can_be_read_waits(world):
    _phq(world, "yesterday", 2)
    assert _said(world) == [f"{PHQ}: an answer above 0 to item 9"]
    _answer(world)
    assert _said(world) == []


def test_a_year_of_old_answers_floods_no_list(world):
    _phq(world, days_ago(200), 3)
    assert _rows(world) == ()


def test_what_an_undone_import_brought_waits_no_longer_and_waits_again_when_it_is_put_back(world):
    batch = _phq(world, days_ago(5), 3)
    sent = _form(world)
    batch_actions.undo(batch=batch, by=world.lead)
    assert _rows(world) == ()
    _answer(world, sent)
    assert not ActResponse.objects.exists()
    batch_actions.put_back(batch=batch, by=world.lead)
    [row] = _rows(world)
    assert [key for act in row.acts for key in act.keys] == sent["shown"]


def test_acts_come_before_answers_to_forms_and_then_the_longest_waiting(world):
    cleo = world.client_person("Cleo")
    world.engage(cleo, world.lind, world.first)
    _phq(world, days_ago(5), 3)
    Event.objects.create(
        organisation=world.organisation, client=cleo, day=days_ago(1), kind="self-injury", count=2,
        made_at=timezone.now(),
    )  # fmt: skip
    assert [row.client_name for row in _rows(world)] == ["Cleo", "CANARY-ANA"]
    _act(world, 9, made_days_ago=6)
    assert [row.client_name for row in _rows(world)] == ["CANARY-ANA", "Cleo"]
    page = signed_in(world.lind).get(reverse("worklist")).content.decode()
    assert "the longest has waited for 6 days" in page


def test_acts_whose_page_was_opened_before_this_version_count_as_answered_and_others_wait(world):
    fill(world.with_lind, LOW)
    _act(world, 9, made_days_ago=6), _act(world, 90, made_days_ago=6)
    signed_in(world.lind).get(reverse("client", args=[world.ana.pk]))
    _act(world, 1, "attempt", made_days_ago=-1)
    migration = import_module("accord.clinic.migrations.0029_acts_opened_before")
    migration.note_openings(MigrationLoader(connection).project_state().apps, None)
    [row] = ActResponse.objects.all()
    assert (row.by, row.done, row.event.day) == (world.lind, "opened", days_ago(9))
    assert _said(world) == ["attempt to end their life"]
