"""A check-in is stored before anything is computed, exactly once, and never lost."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.management import call_command
from django.utils import timezone

from accord.clinic.client.checkins import actions as checkins
from accord.clinic.clinician.worklist.queries import watcher_late, worklist
from accord.clinic.facts import current as facts
from accord.clinic.models import Assessment, AuditEvent, CheckIn, Engagement, Flag
from accord.clinic.models.actors import SYSTEM, Link
from accord.clinic.monitoring import assessment, contacts
from accord.clinic.policy import Denied
from accord.clinic.site.due import run_due
from accord.errors import InputError
from accord.instruments.catalogue import get
from accord.records.ratings import Rater
from tests.support.world import HURT, STEADY, World, days_ago, fill

pytestmark = pytest.mark.django_db
FORM = get("session-checkin")


@pytest.fixture
def world() -> World:
    return World()


def _submit(
    engagement, answers, *, checkin_id=None, contact=None, by=None, rater=Rater.CLIENT, instrument=FORM
):
    return checkins.submit(
        checkin_id=checkin_id or uuid4(),
        contact=contact or contacts.record(engagement=engagement, day=days_ago(0), by=SYSTEM),
        rater=rater,
        instrument=instrument,
        answers=answers,
        by=by or Link(engagement.client),
    )


def test_the_same_form_sent_twice_is_stored_once_and_succeeds_twice(world):
    contact = contacts.record(engagement=world.with_lind, day=days_ago(0), by=SYSTEM)
    name = uuid4()
    first = _submit(world.with_lind, STEADY, checkin_id=name, contact=contact)
    again = _submit(world.with_lind, STEADY, checkin_id=name, contact=contact)
    assert first.pk == again.pk == name
    assert CheckIn.objects.count() == 1
    assert AuditEvent.objects.filter(action="checkin.submit").count() == 1


def test_the_same_id_with_other_answers_is_a_conflict_and_changes_nothing(world):
    contact = contacts.record(engagement=world.with_lind, day=days_ago(0), by=SYSTEM)
    name = uuid4()
    _submit(world.with_lind, STEADY, checkin_id=name, contact=contact)
    with pytest.raises(checkins.Conflict):
        _submit(world.with_lind, HURT, checkin_id=name, contact=contact)
    assert CheckIn.objects.get().answers == {str(item): value for item, value in STEADY.items()}


def test_an_id_of_another_relationship_is_a_conflict_too(world):
    name = uuid4()
    _submit(world.with_lind, STEADY, checkin_id=name)
    with pytest.raises(checkins.Conflict):
        _submit(world.with_okafor, STEADY, checkin_id=name)
    assert CheckIn.objects.count() == 1


def test_answering_again_succeeds_the_earlier_answer_and_keeps_it(world):
    contact = contacts.record(engagement=world.with_lind, day=days_ago(0), by=SYSTEM)
    first = fill(world.with_lind, STEADY, contact=contact)
    second = fill(world.with_lind, HURT, contact=contact)
    assert second.predecessor == first
    assert list(facts.current_checkins()) == [second]
    assert CheckIn.objects.count() == 2


def test_every_question_may_be_skipped_and_nothing_is_made_up_for_it(world):
    checkin = _submit(world.with_lind, {})
    assert checkin.answers == {}
    assert assessment.score_of(checkin) is None


def test_an_answer_to_a_question_that_was_not_asked_is_dropped(world):
    checkin = _submit(world.with_lind, {**STEADY, 6: 0, 7: 2})
    assert "7" not in checkin.answers
    assert _submit(world.with_ito, {**STEADY, 6: 1, 7: 2}).answers["7"] == 2


@pytest.mark.parametrize("answers", [{1: 8}, {1: 0}, {99: 1}, {6: 3}, {1: float("nan")}])
def test_a_value_that_is_no_option_is_refused_and_nothing_is_written(world, answers):
    with pytest.raises(InputError):
        _submit(world.with_lind, answers)
    assert not CheckIn.objects.exists()


@pytest.mark.parametrize("instrument", ["PHQ-9", "BSL-23", "WAI-SR", "attendance"])
def test_forms_with_safety_items_or_without_own_wording_are_never_offered(world, instrument):
    with pytest.raises(Denied):
        _submit(world.with_lind, {1: 1}, instrument=get(instrument))


def test_a_clinician_cannot_fill_the_clients_form_nor_another_clinicians(world):
    with pytest.raises(Denied):
        _submit(world.with_lind, STEADY, by=world.lind)
    own = get("session-checkin-clinician")
    with pytest.raises(Denied):
        _submit(world.with_lind, STEADY, by=world.ito, rater=Rater.CLINICIAN, instrument=own)
    checkin = _submit(world.with_lind, STEADY, by=world.lind, rater=Rater.CLINICIAN, instrument=own)
    assert checkin.via == CheckIn.Via.STAFF


def test_a_link_of_one_client_cannot_write_into_the_record_of_another(world):
    with pytest.raises(Denied):
        _submit(world.with_okafor, STEADY, by=Link(world.ana))
    assert not CheckIn.objects.exists()


@pytest.fixture
def broken_method(monkeypatch):
    def fails(*args, **kwargs):
        raise RuntimeError("planted")

    monkeypatch.setattr(assessment, "assess", fails)
    return monkeypatch


def test_a_failing_method_loses_no_answer_and_the_worklist_says_not_yet_assessed(world, broken_method):
    checkin = fill(world.with_lind, STEADY)
    assert CheckIn.objects.get() == checkin
    assert not Assessment.objects.exists()
    assert worklist(world.lind, timezone.now()).unassessed == 1


def test_what_a_client_said_is_flagged_even_when_the_method_fails(world, broken_method):
    fill(world.with_lind, HURT)
    flag = Flag.objects.get()
    assert (flag.kind, flag.session, flag.assessment) == ("said", 1, None)
    section = worklist(world.lind, timezone.now()).sections[0]
    assert section.key == "said"
    assert "tension" in section.entries[0].reason


def test_the_watcher_retries_until_it_works_and_then_has_nothing_left(world, broken_method):
    fill(world.with_lind, STEADY)
    assert run_due() == (1, 0)
    broken_method.undo()
    assert run_due() == (1, 1)
    assert run_due() == (0, 0)
    assert worklist(world.lind, timezone.now()).unassessed == 0
    assert Assessment.objects.get().checkins_seen == 1


def test_the_watcher_runs_as_a_command_and_leaves_its_heartbeat(world):
    assert watcher_late(timezone.now())
    call_command("run_due", verbosity=0)
    assert not watcher_late(timezone.now())


def test_the_watcher_assesses_anew_what_an_earlier_method_assessed(world, monkeypatch):
    fill(world.with_lind, STEADY)
    monkeypatch.setattr(assessment, "METHOD_VERSION", "level-2-of-a-test")
    assert run_due() == (1, 1)
    assert Assessment.objects.order_by("-made_at")[0].method_version == "level-2-of-a-test"


def test_audit_names_the_fields_and_never_the_answers(world):
    fill(world.with_lind, HURT)
    event = AuditEvent.objects.get(action="checkin.submit")
    assert event.fields == [f"item_{number}" for number in range(1, 8)]
    assert (event.actor_kind, event.actor_id, event.client_id) == ("link", world.ana.pk, world.ana.pk)


def test_asking_twice_on_a_day_leads_to_one_contact_until_it_is_answered(world):
    first, _ = checkins.ask(engagement=world.with_lind, day=days_ago(0), by=world.lind)
    second, _ = checkins.ask(engagement=world.with_lind, day=days_ago(0), by=world.lind)
    assert first == second
    fill(world.with_lind, STEADY, contact=first)
    third, _ = checkins.ask(engagement=world.with_lind, day=days_ago(0), by=world.lind)
    assert third.session == first.session + 1


def test_a_contact_is_never_recorded_before_the_latest_one(world):
    contacts.record(engagement=world.with_lind, day=days_ago(1), by=SYSTEM)
    with pytest.raises(InputError):
        contacts.record(engagement=world.with_lind, day=days_ago(2), by=SYSTEM)


def test_a_relationship_counts_its_changes(world):
    fill(world.with_lind, STEADY)
    fill(world.with_lind, STEADY)
    assert Engagement.objects.get(pk=world.with_lind.pk).revision == 2
