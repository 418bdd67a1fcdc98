"""The day a client was last heard of: an answer or a line of theirs, and never an empty form."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db.models import Q
from django.utils import timezone

from accord.clinic.client.own_notes import actions as own_notes
from accord.clinic.client.own_notes.queries import shared_with
from accord.clinic.clinician.worklist.queries import worklist
from accord.clinic.facts import heard, treatment_history
from accord.clinic.facts.heard import last_heard
from accord.clinic.models import CheckIn, Contact, LineSharing, Person
from accord.clinic.models.line import Line
from accord.records.ratings import Rater
from tests.support.world import STEADY, World, days_ago, fill


@pytest.fixture
def world(db) -> World:
    return World()


def _imported(world: World, session: int, days: int | None, score: float | None, **fields) -> CheckIn:
    """A row of a file, about a contact so many days ago; score None: the form came back empty."""
    engagement = world.with_lind
    contact = Contact.objects.create(
        organisation=world.organisation, engagement=engagement, session=session, made_at=timezone.now(),
        day=None if days is None else days_ago(days),
    )  # fmt: skip
    return CheckIn.objects.create(
        organisation=world.organisation, contact=contact, rater=Rater.CLIENT, instrument="session-checkin",
        instrument_version="1", answers={}, given_score=score, received_at=timezone.now(), body_hash="",
        via=CheckIn.Via.IMPORT, **fields,
    )  # fmt: skip


def _heard(world: World):
    return last_heard([world.with_lind], shared_with(world.lind)).get(world.with_lind.pk)


def _silent(world: World):
    listed = worklist(world.lind, timezone.now()).no_recent_contact
    return [entry.last_day for entry in listed if entry.viewer_is_clinician]


def test_an_empty_form_of_yesterday_leaves_a_silent_client_silent(world):
    _imported(world, 1, 30, 24.0)
    _imported(world, 2, 1, None)
    assert _heard(world) == days_ago(30)
    assert _silent(world) == [days_ago(30)]


def test_an_empty_form_that_counted_would_be_seen(world, monkeypatch):
    """The planted fault: every form counts, as it once did."""
    monkeypatch.setattr(heard, "answered", Q)
    _imported(world, 1, 30, 24.0)
    _imported(world, 2, 1, None)
    assert _silent(world) == []


def test_a_form_that_was_filled_here_counts_on_the_day_it_arrived(world):
    fill(world.with_lind, STEADY, 30)
    late = Contact.objects.get()
    assert _heard(world) == days_ago(30)
    fill(world.with_lind, {**STEADY, 1: 5}, 2, contact=late)
    assert _heard(world) == days_ago(2)


def test_an_imported_session_without_a_day_is_no_report_of_today(world):
    _imported(world, 1, None, 24.0)
    assert _heard(world) is None


def test_a_shared_line_counts_for_those_who_may_open_it_and_a_private_one_for_nobody(world):
    fill(world.with_lind, STEADY, 30)
    line = own_notes.write(checkin=CheckIn.objects.get(), line=Line("words", LineSharing.Audience.ONLY_ME))
    assert _heard(world) == days_ago(30)
    first = LineSharing.objects.get(line=line)
    LineSharing.objects.create(
        organisation=world.organisation, line=line, audience=LineSharing.Audience.CLINICIAN,
        at=timezone.now() - timedelta(days=3), predecessor=first,
    )  # fmt: skip
    assert _heard(world) == days_ago(3)
    assert last_heard([world.with_lind], shared_with(world.supervisor)) == {world.with_lind.pk: days_ago(30)}


def test_no_answer_of_another_relationship_counts(world):
    fill(world.with_ito, STEADY, 2)
    assert _heard(world) is None
    assert uuid4() not in last_heard([world.with_ito], shared_with(world.lind))


def test_an_empty_form_is_no_sign_that_somebody_came(world):
    empty = _imported(world, 1, 9, None).contact_id
    filled = _imported(world, 2, 2, 24.0).contact_id
    history = treatment_history.of(Person.objects.filter(pk=world.ana.pk))
    assert {contact.contact: contact.came for contact in history.contacts} == {empty: None, filled: True}
