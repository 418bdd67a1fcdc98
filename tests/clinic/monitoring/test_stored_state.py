"""The site goes on from the stored filter state: findings as by a replay, at a cost that does not grow."""

from __future__ import annotations

import random
from contextlib import contextmanager
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from accord.clinic.client.checkins import actions as checkins
from accord.clinic.facts import changed
from accord.clinic.facts import current as facts
from accord.clinic.models import Assessment, Engagement, Flag, Population
from accord.clinic.models.actors import SYSTEM, Link
from accord.clinic.monitoring import assessment, assessment_checkpoint, contacts, dropout, flags, populations
from accord.clinic.monitoring.contacts import ReportedContact
from accord.instruments.catalogue import get
from accord.records.ratings import Rater
from accord.science.tracker import assess as tracker
from accord.science.tracker import filter_state
from tests.support.world import LOW, STEADY, World, days_ago, fill, steady_then

pytestmark = pytest.mark.django_db
CLIENTS, CLINICIANS = get("session-checkin"), get("session-checkin-clinician")
ATTENDANCE = ("attended", "late", "missed_client", "missed_clinician", "announced", "announced")


@pytest.fixture
def world() -> World:
    return World()


def _findings(engagement):
    return facts.newest_assessments([engagement.pk])[engagement.pk].findings


def _replayed(engagement, monkeypatch):
    """The findings of the whole course, assessed from its first session."""
    with monkeypatch.context() as patch:
        patch.setattr(assessment, "resumable_assessment", lambda *_: None)
        flags.reassess(engagement=Engagement.objects.get(pk=engagement.pk))
    return _findings(engagement)


def _rate(contact, rater, answers):
    by = Link(contact.engagement.client) if rater is Rater.CLIENT else contact.engagement.clinician
    form = CLIENTS if rater is Rater.CLIENT else CLINICIANS
    checkins.submit(checkin_id=uuid4(), contact=contact, rater=rater, instrument=form, answers=answers, by=by)


def _act(engagement, chance, days):
    """Something that happens in a treatment: a contact, a form, a late form, a correction."""
    known = list(facts.current_contacts().filter(engagement=engagement).order_by("session"))
    answers = {n: chance.randint(1, 7) for n in range(1, 6)} | {6: chance.choice((0, 0, 1, 2))}
    deed = chance.choice(("new", "new", "new", "missing", "clinician", "late", "report"))
    if deed == "new" or not known:
        fill(engagement, answers, days)
    elif deed == "missing":
        told = ReportedContact(chance.choice(ATTENDANCE), "individual")
        contacts.log(contact_id=uuid4(), engagement=engagement, day=days_ago(days), reported=told,
                     by=engagement.clinician)  # fmt: skip
    elif deed == "clinician":
        _rate(known[-1], Rater.CLINICIAN, {n: chance.randint(1, 7) for n in range(1, 4)})
    elif deed == "late":
        _rate(chance.choice(known), Rater.CLIENT, answers)
    else:
        contact = chance.choice(known)
        seen = facts.current_reports().filter(contact=contact, side="clinician").first()
        told = ReportedContact(chance.choice(ATTENDANCE), "individual")
        contacts.correct(
            contact=contact, reported=told, seen=seen.pk if seen else None, by=engagement.clinician
        )


def _same(found, replayed):
    assert [one["session"] for one in found] == [one["session"] for one in replayed]
    for one, other in zip(found, replayed, strict=True):
        for name in one:
            if isinstance(one[name], float):
                assert one[name] == pytest.approx(other[name], abs=1e-9), (one["session"], name)
            elif name == "said":
                assert one[name] == pytest.approx(other[name], abs=1e-5)
            else:
                assert one[name] == other[name], (one["session"], name)


@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_the_stored_state_leads_to_what_a_replay_finds(world, monkeypatch, seed):
    chance = random.Random(seed)
    for step in range(14):
        _act(world.with_lind, chance, 7 * (14 - step))
    assert Assessment.objects.filter(begins__isnull=False).exists()
    found = _findings(world.with_lind)
    _same(found, _replayed(world.with_lind, monkeypatch))


def test_a_stale_state_used_after_a_correction_would_be_found(world, monkeypatch):
    """The planted fault: whoever corrects session 3 says that only the newest session changed."""
    steady_then(world.with_lind)
    monkeypatch.setattr(
        changed, "facts_changed",
        lambda held, _: Engagement.objects.filter(pk=held.pk).update(revision=99, changed_from=9),
    )  # fmt: skip
    third = facts.current_contacts().get(engagement=world.with_lind, session=3)
    _rate(third, Rater.CLIENT, LOW)
    found = _findings(world.with_lind)
    with pytest.raises(AssertionError):
        _same(found, _replayed(world.with_lind, monkeypatch))


def test_a_new_check_in_goes_on_from_the_session_before_and_so_does_the_second_form_about_it(world):
    steady_then(world.with_lind)
    newest = facts.newest_assessment(world.with_lind)
    assert (newest.first, newest.listed, len(newest.findings)) == (8, 8, 1)
    last = facts.current_contacts().get(engagement=world.with_lind, session=8)
    _rate(last, Rater.CLINICIAN, {1: 5, 2: 5, 3: 5})
    again = facts.newest_assessment(world.with_lind)
    assert (again.first, again.listed, again.begins_id) == (8, 8, newest.begins_id)
    assert [one["session"] for one in _findings(world.with_lind)] == list(range(1, 9))


@pytest.mark.parametrize("what", ["correction", "population", "method", "import", "state"])
def test_what_the_state_rests_on_has_changed_so_the_whole_course_is_replayed(world, monkeypatch, what):
    steady_then(world.with_lind)
    if what == "correction":
        second = facts.current_contacts().get(engagement=world.with_lind, session=1)
        _rate(second, Rater.CLIENT, STEADY)
        assert facts.newest_assessment(world.with_lind).begins_id is None
        return
    if what == "population":
        Population.objects.create(
            organisation=world.organisation, instrument=CLIENTS.id, rater="client", relationships=40,
            values=tracker.prior(CLIENTS).to_json(), made_at=timezone.now(),
        )  # fmt: skip
    if what == "method":
        monkeypatch.setattr(assessment, "METHOD_VERSION", "another")
    if what == "import":
        changed.many_changed([world.with_lind.pk])
    if what == "state":
        monkeypatch.setattr(filter_state, "FORMAT", 99)
    before = set(Assessment.objects.values_list("pk", flat=True))
    fill(world.with_lind, STEADY)
    newest = facts.newest_assessment(world.with_lind)
    assert newest.begins_id is None
    assert len(newest.findings) == 9
    assert before < set(Assessment.objects.values_list("pk", flat=True))


def test_earlier_assessments_keep_the_values_they_were_made_with(world):
    for number in range(populations.ENOUGH):
        steady_then(world.engage(world.client_person(f"c{number}"), world.lind, world.first), before=4)
    steady_then(world.with_lind)
    before = {one.pk: (one.population_id, one.findings) for one in Assessment.objects.all()}
    row = populations.refit(
        organisation_id=world.organisation.pk, instrument=CLIENTS, rater=Rater.CLIENT, by=SYSTEM
    )
    fill(world.with_lind, STEADY)
    assert facts.newest_assessment(world.with_lind).population == row
    assert before == {
        one.pk: (one.population_id, one.findings) for one in Assessment.objects.filter(pk__in=before)
    }


@contextmanager
def _rows_read():
    """Counts the rows that every SELECT gives back, by asking the database for their number as well."""
    counted = []

    def count(execute, sql, params, many, context):
        answer = execute(sql, params, many, context)
        if sql.startswith("SELECT") and not counting:
            counting.append(True)
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT COUNT(*) FROM ({sql}) AS told", params)
                counted.append(cursor.fetchone()[0])
            counting.clear()
        return answer

    counting = []
    with connection.execute_wrapper(count):
        yield counted


def test_a_new_check_in_reads_as_many_rows_after_forty_sessions_as_after_ten(world, monkeypatch):
    # Storing and assessing; the estimate of leaving, in the same job, rests on all contacts of the client.
    monkeypatch.setattr(dropout, "refresh", lambda **told: [])
    costs = []
    for sessions in (10, 40):
        engagement = world.engage(world.client_person(f"{sessions}"), world.lind, world.first)
        steady_then(engagement, before=sessions)
        contact = contacts.record(engagement=engagement, day=days_ago(0), by=SYSTEM)
        with _rows_read() as counted:
            _rate(contact, Rater.CLIENT, LOW)
        assert Flag.objects.filter(engagement=engagement, session=sessions + 1).exists()
        costs.append((len(counted), sum(counted)))
    assert costs[0] == costs[1]
    assert costs[1][1] <= 5 * assessment_checkpoint.LOOK_BACK
