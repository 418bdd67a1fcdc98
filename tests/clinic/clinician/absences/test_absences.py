"""Announced absences: silence is expected on these days, and nothing else is taken for calm."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accord.clinic.client.checkins import actions as checkins
from accord.clinic.clinician.absences import actions as absences
from accord.clinic.clinician.worklist import queries as worklist_queries
from accord.clinic.clinician.worklist.rows import Worklist
from accord.clinic.facts import changed
from accord.clinic.facts import current as facts
from accord.clinic.models import Absence, AuditEvent, CheckIn, ContactReport
from accord.clinic.monitoring import contacts
from accord.clinic.policy import Denied
from accord.errors import InputError
from accord.instruments.catalogue import get
from accord.records.ratings import Rater
from tests.support import jobs
from tests.support.world import HURT, STEADY, World, days_ago, fill, signed_in

pytestmark = pytest.mark.django_db
A_DAY = timedelta(days=1)


@pytest.fixture
def world() -> World:
    return World()


def _announce(world: World, first: int, last: int, announced: int = 0, **more) -> Absence:
    """In days from today on; negative ones are past."""
    return absences.announce(
        client=more.get("client", world.ana),
        first_day=days_ago(-first),
        last_day=days_ago(-last),
        announced_on=days_ago(announced),
        by=more.get("by", world.lind),
    )


def _on(days: int, world: World) -> Worklist:
    """The worklist as it is after so many days."""
    return worklist_queries.worklist(world.lind, timezone.now() + days * A_DAY)


def _is_silent(listed: Worklist, world: World) -> bool:
    return world.ana.pk in {row.client_id for row in listed.no_recent_contact}


def test_an_absence_announced_today_holds_and_silence_counts_again_the_day_after_it(world):
    fill(world.with_lind, STEADY)
    _announce(world, 25, 39)
    assert _is_silent(_on(24, world), world), "before the absence silence is silence"
    for day in (25, 32, 39):
        listed = _on(day, world)
        assert not _is_silent(listed, world)
        [row] = [row for row in listed.no_entry if row.client_id == world.ana.pk]
        assert row.away is not None, "the row says that they are away; it is not simply calm"
    assert _is_silent(_on(40, world), world)


def test_without_the_absence_the_same_days_are_silent(world):
    """The planted opposite: the test above would pass on a list that never names anybody."""
    fill(world.with_lind, STEADY)
    taken_back = absences.take_back(absence=_announce(world, 25, 39), by=world.lind)
    assert taken_back.is_taken_back
    assert _is_silent(_on(32, world), world)


def test_an_absence_hides_no_word_that_the_client_said(world):
    _announce(world, 0, 10)
    fill(world.with_lind, HURT)
    jobs.after_facts()
    listed = _on(0, world)
    assert [row.client_id for section in listed.said for row in section.entries] == [world.ana.pk]


def test_the_absence_of_one_client_hides_no_other_s_silence(world):
    ben = world.engage(world.ben, world.lind, world.first)
    for engagement in (world.with_lind, ben):
        fill(engagement, STEADY)
    _announce(world, 25, 39)
    silent = {row.client_id for row in _on(32, world).no_recent_contact}
    assert silent == {world.ben.pk}


def _missed_by_record(world: World, day: date) -> ContactReport | None:
    """A contact that the record of attendance says was missed; the report on it, after the jobs ran."""
    contact = contacts.record(engagement=world.with_lind, day=day, by=world.lind)
    CheckIn.objects.create(
        organisation=world.organisation, contact=contact, rater=Rater.SYSTEM, instrument="attendance",
        instrument_version="1", given_score=0, answers={}, body_hash=uuid4().hex, via=CheckIn.Via.IMPORT,
        received_at=timezone.now(),
    )  # fmt: skip
    with transaction.atomic():
        changed.facts_changed(changed.locked(world.with_lind), contact.session)
    jobs.after_facts()
    return facts.current_reports().filter(contact=contact).first()


def test_a_missed_contact_of_an_announced_day_counts_as_announced(world):
    _announce(world, -5, 5, announced=3)
    before = _missed_by_record(world, days_ago(4))
    assert before is None, "on that day nobody knew of it: it was missed"
    report = _missed_by_record(world, days_ago(2))
    assert report is not None
    assert (report.attendance, report.by) == ("announced", world.lind)
    assert AuditEvent.objects.filter(action="contact.report", actor_kind="system").count() == 1


def test_an_absence_that_is_entered_later_reaches_contacts_that_are_on_record(world):
    assert _missed_by_record(world, days_ago(2)) is None
    _announce(world, -5, 5, announced=6)
    jobs.after_facts()
    assert facts.current_reports().get().attendance == "announced"


def test_what_a_clinician_reported_and_a_form_with_an_answer_stay_as_they_are(world):
    _announce(world, -5, 5, announced=6)
    fill(world.with_lind, STEADY, 1)
    said = contacts.log(
        contact_id=uuid4(),
        engagement=world.with_lind,
        day=days_ago(0),
        reported=contacts.ReportedContact("missed_client", "individual"),
        by=world.lind,
    )
    jobs.after_facts()
    assert [(row.contact, row.attendance) for row in facts.current_reports()] == [(said, "missed_client")]


def test_a_contact_that_the_clinician_rated_took_place_whatever_was_announced(world):
    _announce(world, -5, 5, announced=6)
    contact = contacts.record(engagement=world.with_lind, day=days_ago(0), by=world.lind)
    checkins.submit(
        checkin_id=uuid4(), contact=contact, rater=Rater.CLINICIAN, by=world.lind,
        instrument=get("session-checkin-clinician"), answers={1: 2},
    )  # fmt: skip
    fill(world.with_lind, {}, contact=contact)
    jobs.after_facts()
    assert not facts.current_reports().exists()


def test_impossible_dates_are_refused_with_what_to_do_and_store_nothing(world):
    for (first, last, announced), sentence in (
        ((5, 4, 0), "Choose a last day on or after"),
        ((0, 200, 0), "at most six months"),
        ((1, 2, -1), "Choose today or an earlier date"),
        ((-9, -2, 0), "before it is over"),
    ):
        with pytest.raises(InputError, match=sentence):
            _announce(world, first, last, announced)
    assert not Absence.objects.exists()


def test_the_database_refuses_an_absence_that_ends_before_it_begins(world):
    row = _announce(world, 1, 2)
    dates = {"first_day": row.last_day, "last_day": row.first_day, "announced_on": row.announced_on}
    with pytest.raises(IntegrityError), transaction.atomic():
        Absence.objects.create(
            organisation=row.organisation, client=row.client, by=row.by, made_at=row.made_at, **dates
        )


def test_entering_and_taking_back_twice_is_done_once(world):
    assert _announce(world, 1, 9) == _announce(world, 1, 9)
    for _ in range(2):
        absences.take_back(absence=Absence.objects.earliest("made_at"), by=world.ito)
    assert Absence.objects.count() == 2
    assert AuditEvent.objects.filter(action="absence.take_back").count() == 1


def test_taking_back_says_which_contacts_still_count_as_announced(world):
    mistaken, later = _announce(world, -5, 5, announced=6), _announce(world, 20, 30)
    assert _missed_by_record(world, days_ago(2)) is not None
    browser, said = signed_in(world.lind), "1 contact in it still counts as announced"
    for absence, says in ((later, False), (mistaken, True)):
        page = browser.post(reverse("absence-take-back", args=[absence.pk]), follow=True).text
        assert (said in page) == says


def test_somebody_who_does_not_treat_the_client_enters_nothing(world):
    for by in (world.okafor, world.supervisor, world.lead, world.stranger):
        with pytest.raises(Denied):
            _announce(world, 1, 9, by=by)


def test_the_pages_enter_show_and_take_back_an_absence(world):
    browser = signed_in(world.lind)
    address = reverse("absences", args=[world.ana.pk])
    dates = {"first_day": days_ago(0), "last_day": days_ago(-9), "announced_on": days_ago(0)}
    wrong = browser.post(address, {**dates, "last_day": days_ago(3)})
    assert wrong.status_code == 400
    assert "Choose a last day on or after" in wrong.text
    assert browser.post(address, dates).status_code == 302
    shown = browser.get(reverse("client", args=[world.ana.pk])).text
    assert "Away from" in shown
    logged = browser.get(reverse("log-contact", args=[world.with_lind.pk]))
    assert "Away from" in logged.text
    assert logged.context["form"]["attendance"].value() == "announced"
    taken = browser.post(reverse("absence-take-back", args=[Absence.objects.get().pk]))
    assert taken.status_code == 302
    assert "Away from" not in browser.get(reverse("client", args=[world.ana.pk])).text
