"""Contacts: what each side tells about them, corrected by successors, and what it means for the findings."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accord.clinic.client.checkins import actions as checkins
from accord.clinic.clinician.client_page.queries import client_page
from accord.clinic.clinician.worklist.queries import worklist
from accord.clinic.facts import current as facts
from accord.clinic.models import Assessment, AuditEvent, CheckIn, Contact, ContactReport, FactIsFixed, Flag
from accord.clinic.models.actors import SYSTEM, Link
from accord.clinic.monitoring import contacts
from accord.clinic.monitoring.contacts import ReportedContact
from accord.clinic.policy import Denied
from accord.errors import InputError
from accord.instruments.catalogue import get
from accord.records.ratings import Hard, Rater, State
from tests.support.world import LOW, STEADY, World, days_ago, fill, signed_in, steady_then

pytestmark = pytest.mark.django_db
CAME = ReportedContact("attended", "individual")


@pytest.fixture
def world() -> World:
    return World()


def _log(world, reported=CAME, days=0, contact_id=None):
    return contacts.log(
        contact_id=contact_id or uuid4(),
        engagement=world.with_lind,
        day=days_ago(days),
        reported=reported,
        by=world.lind,
    )


def _findings(world):
    return facts.newest_assessments([world.with_lind.pk])[world.with_lind.pk].findings


def test_logging_the_same_contact_twice_keeps_it_once(world):
    name = uuid4()
    _log(world, contact_id=name)
    _log(world, contact_id=name)
    assert Contact.objects.count() == ContactReport.objects.count() == 1
    assert AuditEvent.objects.get(action="contact.report").fields == ["attendance", "hard", "kind", "planned"]


def test_what_is_logged_on_the_day_of_a_contact_that_was_asked_about_belongs_to_it(world):
    asked, _ = checkins.ask(engagement=world.with_lind, day=days_ago(0), by=world.lind)
    assert _log(world).pk == asked.pk
    assert _log(world).pk != asked.pk  # a second contact of the same day


def test_a_contact_to_come_and_one_before_the_latest_are_refused(world):
    _log(world, days=3)
    for days in (-1, 4):
        with pytest.raises(InputError):
            _log(world, days=days)
    assert Contact.objects.count() == 1


def test_a_correction_is_a_successor_and_the_earlier_report_is_kept(world):
    contact = _log(world, ReportedContact("missed_client", "individual"))
    first = ContactReport.objects.get()
    second = contacts.correct(
        contact=contact, reported=ReportedContact("announced", "individual"), seen=first.pk, by=world.lind
    )
    assert second.predecessor == first
    assert list(facts.current_reports()) == [second]
    with pytest.raises(FactIsFixed):
        first.save()


def test_a_correction_of_what_somebody_else_corrected_meanwhile_stores_nothing(world):
    contact = _log(world)
    with pytest.raises(contacts.Changed):
        contacts.correct(contact=contact, reported=CAME, seen=None, by=world.lind)
    assert ContactReport.objects.count() == 1
    answer = signed_in(world.lind).post(
        f"/contacts/{contact.pk}/",
        {"contact_id": contact.pk, "seen": uuid4(), "attendance": "late", "kind": "individual"},
    )
    assert answer.status_code == 409
    assert ContactReport.objects.count() == 1


@pytest.mark.parametrize("person", ["ito", "okafor", "supervisor", "lead", "stranger"])
def test_only_the_clinician_of_the_relationship_logs_its_contacts(world, person):
    contact = _log(world)
    by = getattr(world, person)
    with pytest.raises(Denied):
        contacts.log(contact_id=uuid4(), engagement=world.with_lind, day=days_ago(0), reported=CAME, by=by)
    with pytest.raises(Denied):
        contacts.correct(contact=contact, reported=CAME, seen=None, by=by)


@pytest.mark.parametrize(
    "wrong",
    [
        {"attendance": "perhaps"},
        {"attendance": ""},
        {"kind": "by post"},
        {"kind": ""},
        {"hard": "very"},
        {"attendance": "announced", "hard": "limit"},
        {"side": "client"},
    ],
)
def test_the_database_refuses_a_report_that_makes_no_sense(world, wrong):
    contact = contacts.record(engagement=world.with_lind, day=days_ago(0), by=SYSTEM)
    right = {
        "organisation": world.organisation, "contact": contact, "side": "clinician", "by": world.lind,
        "kind": "individual", "attendance": "attended", "made_at": timezone.now(),
    }  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        ContactReport.objects.create(**(right | wrong))
    ContactReport.objects.create(**right)
    with pytest.raises(IntegrityError), transaction.atomic():
        ContactReport.objects.create(**right)  # a second chain of the same side


def _steady_until_last_week(world):
    for at in range(8):
        fill(world.with_lind, STEADY | {1: 5 + at % 3}, 7 * (8 - at))


def _missed(world, attendance):
    _steady_until_last_week(world)
    before = Flag.objects.count()
    _log(world, ReportedContact(attendance, "individual"))
    return _findings(world)[-1], Flag.objects.count() - before


def test_a_contact_the_client_missed_speaks_a_little_and_is_named(world):
    finding, _ = _missed(world, "missed_client")
    assert finding["said"]["attendance"] > 0
    assert finding["rating"] is None
    page = client_page(world.lind, world.ana.pk, timezone.now())
    mine = next(relationship for relationship in page.relationships if relationship.viewer_is_clinician)
    assert mine.contacts[0].words == "missed by the client"
    assert "missed by the client" in mine.table[-1].mark


@pytest.mark.parametrize(
    "attendance", ["missed_clinician", "cancelled_clinician", "cancelled_client", "announced"]
)
def test_a_contact_that_did_not_take_place_for_other_reasons_is_never_a_sign(world, attendance):
    finding, raised = _missed(world, attendance)
    assert raised == 0
    assert (finding["said"], finding["p_rupture"], finding["surprise"]) == ({}, None, None)
    assert finding["state"] == State.NO_RATING
    assert finding["context"]["absence"]


def test_who_comes_back_after_an_announced_break_is_told_so_in_the_reason(world):
    for at in range(8):
        fill(world.with_lind, STEADY | {1: 5 + at % 3}, 91 - 7 * at)
    for days in (35, 28, 21):
        _log(world, ReportedContact("announced", "individual"), days)
    fill(world.with_lind, LOW, 14)
    flag = Flag.objects.get()
    assert flag.finding["context"] == {"back_after": 4}
    entry = worklist(world.lind, timezone.now()).sections[0].entries[0]
    assert "back after an announced break of 4 weeks" in entry.reason


def test_a_flag_at_a_contact_that_was_meant_to_be_hard_stays_and_says_so(world):
    steady_then(world.with_lind, LOW)
    flag = Flag.objects.get()
    contact = Contact.objects.order_by("-session")[0]
    contacts.correct(
        contact=contact,
        reported=ReportedContact("attended", "individual", hard="chain_analysis"),
        seen=None,
        by=world.lind,
    )
    flag.refresh_from_db()
    assert flag.withdrawn_at is None
    entry = worklist(world.lind, timezone.now()).sections[0].entries[0]
    assert "meant to be hard (a chain analysis)" in entry.reason


@pytest.mark.parametrize("rater", [Rater.CLIENT, Rater.CLINICIAN])
def test_either_side_may_say_with_the_check_in_that_a_contact_was_meant_to_be_hard(world, rater):
    contact = contacts.record(engagement=world.with_lind, day=days_ago(0), by=SYSTEM)
    of_client = rater is Rater.CLIENT
    form = get("session-checkin" if of_client else "session-checkin-clinician")
    sent = {"checkin_id": uuid4(), "contact": contact, "rater": rater, "instrument": form, "answers": {1: 5}}
    by = Link(world.ana) if of_client else world.lind
    for _ in range(2):
        checkins.submit(**sent, by=by, hard=Hard.OTHER)
    report = ContactReport.objects.get()
    assert (report.side, report.hard) == (rater.value, "other")
    assert _findings(world)[-1]["context"]["hard"] == "other"


def test_a_contact_entered_by_mistake_is_gone_from_the_course_and_nothing_is_deleted(world):
    _steady_until_last_week(world)
    contact = _log(world, ReportedContact("missed_client", "individual"))
    assert len(_findings(world)) == 9
    seen = ContactReport.objects.get().pk
    contacts.correct(
        contact=contact, reported=ReportedContact("mistaken", "individual"), seen=seen, by=world.lind
    )
    assert len(_findings(world)) == 8
    assert Contact.objects.filter(pk=contact.pk).exists()
    assert _log(world).session == contact.session + 1


def test_a_flag_that_a_missed_contact_raised_is_withdrawn_when_it_was_announced_after_all(world, monkeypatch):
    from accord.clinic.monitoring import assessment

    monkeypatch.setattr(assessment, "alarm_rate", lambda *_: 0.3)  # so that a missed contact passes the line
    _steady_until_last_week(world)
    contact = _log(world, ReportedContact("missed_client", "individual"))
    flag = Flag.objects.get(session=contact.session)
    seen = ContactReport.objects.get().pk
    contacts.correct(
        contact=contact, reported=ReportedContact("announced", "individual"), seen=seen, by=world.lind
    )
    flag.refresh_from_db()
    assert flag.withdrawn_at is not None


def test_the_first_contacts_with_a_clinician_who_took_over_say_so(world):
    world.with_lind.until = days_ago(30)
    world.with_lind.save()
    after = world.engage(world.ana, world.okafor, world.first)
    after.took_over_from = world.with_lind
    after.save()
    for at in range(4):
        fill(after, STEADY, 21 - 7 * at)
    result = facts.newest_assessments([after.pk])[after.pk].findings
    assert [row["context"].get("took_over", False) for row in result] == [True, True, True, False]


def test_attendance_that_was_logged_is_learned_from(world):
    from accord.clinic.monitoring import assessment

    for number in range(12):
        engagement = world.engage(world.client_person(f"client {number}"), world.lind, world.first)
        steady_then(engagement, before=6)
        for contact in engagement.contacts.all():
            reported = ReportedContact("missed_client" if contact.session % 2 else "attended", "individual")
            contacts.correct(contact=contact, reported=reported, seen=None, by=world.lind)
    learned = assessment.learn(world.organisation.pk, get("session-checkin"), Rater.CLIENT)
    assert learned.chances["attendance"].calm < 0.75  # 0.85 before; half of these contacts were missed


def test_a_clinician_logs_and_corrects_through_the_pages(world):
    browser = signed_in(world.lind)
    page = browser.get(f"/engagements/{world.with_lind.pk}/contact/")
    sent = {
        "contact_id": page.context["form"]["contact_id"].value(),
        "day": days_ago(0), "attendance": "missed_client", "kind": "individual", "planned": "on",
    }  # fmt: skip
    assert browser.post(f"/engagements/{world.with_lind.pk}/contact/", sent).status_code == 302
    contact = Contact.objects.get()
    assert "missed by the client" in browser.get(f"/clients/{world.ana.pk}/").content.decode()
    form = browser.get(f"/contacts/{contact.pk}/").context["form"]
    result = {"contact_id": contact.pk, "seen": form["seen"].value(), "attendance": "late", "kind": "phone"}
    assert browser.post(f"/contacts/{contact.pk}/", result).status_code == 302
    assert facts.current_reports().get().kind == "phone"
    assert "phone coaching, not scheduled" in browser.get(f"/clients/{world.ana.pk}/").content.decode()
    wrong = browser.post(f"/contacts/{contact.pk}/", {**result, "attendance": "announced", "hard": "limit"})
    assert wrong.status_code == 400
    assert not Assessment.objects.filter(instrument="session-checkin").exists()


def test_who_is_silent_in_an_announced_break_is_listed_with_it_and_never_as_well(world):
    fill(world.with_lind, STEADY, 40)
    _log(world, ReportedContact("announced", "individual"), 6)
    silent = next(
        row for row in worklist(world.lind, timezone.now()).no_recent_contact if row.viewer_is_clinician
    )
    assert (silent.last_day, silent.announced) == (days_ago(40), days_ago(6))
    assert "an absence was announced" in signed_in(world.lind).get("/worklist/").content.decode()


@pytest.mark.parametrize(("came", "words"), [(1, "came, by the record"), (0, "missed, by the record")])
def test_what_a_record_of_attendance_says_stands_in_the_list_until_somebody_tells_more(world, came, words):
    contact = contacts.record(engagement=world.with_lind, day=days_ago(2), by=SYSTEM)
    CheckIn.objects.create(
        organisation=world.organisation, contact=contact, rater="system", instrument="attendance",
        instrument_version="1", given_score=came, received_at=timezone.now(), body_hash="", via="import",
    )  # fmt: skip
    page = client_page(world.lind, world.ana.pk, timezone.now())
    view = next(
        relationship for relationship in page.relationships if relationship.viewer_is_clinician
    ).contacts[0]
    assert view.words.startswith(words)
    assert view.unremarkable == bool(came)
    contacts.correct(
        contact=contact, reported=ReportedContact("late", "individual"), seen=None, by=world.lind
    )
    page = client_page(world.lind, world.ana.pk, timezone.now())
    assert (
        next(relationship for relationship in page.relationships if relationship.viewer_is_clinician)
        .contacts[0]
        .unremarkable
    )


def test_a_contact_is_recorded_only_by_those_who_may_bring_one(world: World):
    with pytest.raises(Denied):
        contacts.record(engagement=world.with_lind, day=days_ago(0), by=world.ito)
    assert not Contact.objects.filter(engagement=world.with_lind).exists()
