"""The rota: entering shifts, also for many weeks at once, changing them and taking them back."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accord.clinic.facts import duty
from accord.clinic.models import AuditEvent, DutyShift, FactIsFixed
from accord.clinic.policy import Denied
from accord.clinic.programme.duty import actions
from accord.clinic.programme.duty import times as duty_times
from accord.clinic.programme.duty.actions import Entry
from accord.clinic.programme.duty.times import Repeat, Times
from accord.errors import FormError
from tests.support.world import World, days_ago, run_shift, signed_in

pytestmark = pytest.mark.django_db
BERLIN = "Europe/Berlin"
MONDAY = date(2026, 3, 2)
BEFORE = datetime(2026, 3, 1, 12, tzinfo=UTC)  # the day before that Monday


@pytest.fixture
def world() -> World:
    return World()


def _times(day=MONDAY, start="09:00", end="18:00", last_day=None, zone=BERLIN) -> Times:
    return Times(day, time.fromisoformat(start), last_day or day, time.fromisoformat(end), zone)


def _monday() -> date:
    return days_ago(-8 + days_ago(-1).weekday())


def _sent(**more) -> dict[str, object]:
    return {
        "shift_id": uuid4(), "name": "Dr Alder", "number": "+49 30 1234", "day": _monday(), "start": "09:00",
        "end": "18:00", "zone": BERLIN, "repeat": "once", "weeks": 1, **more,
    }  # fmt: skip


def _entered(world, **more) -> list[DutyShift]:
    entry = Entry("Dr Alder", "+49 30 1234", _times(_monday()))
    return actions.add(
        **{"shift_id": uuid4(), "organisation": world.organisation, "entry": entry, "by": world.lead, **more}
    )


def _current(world) -> list[tuple[str, datetime]]:
    return list(duty.coming_shifts(world.organisation.pk, timezone.now()).values_list("name", "starts_at"))


def test_times_are_those_of_the_zone_they_are_entered_in():
    assert _times().moments() == (datetime(2026, 3, 2, 8, tzinfo=UTC), datetime(2026, 3, 2, 17, tzinfo=UTC))
    summer = _times(date(2026, 7, 6), zone="America/New_York").moments()
    assert summer == (datetime(2026, 7, 6, 13, tzinfo=UTC), datetime(2026, 7, 6, 22, tzinfo=UTC))


def test_a_weekly_shift_keeps_its_time_by_the_clock_when_clocks_change():
    fridays = list(duty_times.repeated(_times(date(2026, 3, 27)), Repeat.WEEKLY, 2))
    starts = [times.moments()[0] for times in fridays]
    assert starts == [datetime(2026, 3, 27, 8, tzinfo=UTC), datetime(2026, 4, 3, 7, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("last_day", "hours"),
    [(date(2026, 3, 29), 11), (date(2026, 10, 25), 13), (date(2026, 3, 22), 12)],
)
def test_a_night_in_which_clocks_change_is_an_hour_shorter_or_longer(last_day, hours):
    start, end = _times(last_day - timedelta(days=1), "20:00", "08:00", last_day).moments()
    assert end - start == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("day", "start", "sentence"),
    [
        (date(2026, 3, 29), "02:30", "On 29 March 2026 clocks go forward and never show 02:30."),
        (date(2026, 10, 25), "02:30", "On 25 October 2026 clocks go back and show 02:30 twice."),
    ],
)
def test_a_time_that_no_clock_shows_or_shows_twice_is_refused_with_its_day(day, start, sentence):
    with pytest.raises(FormError) as refusal:
        _times(day, start).moments()
    assert sentence in str(refusal.value)
    assert "Choose an earlier or a later time." in str(refusal.value)


@pytest.mark.parametrize(
    ("times", "sentence"),
    [
        (_times(end="09:00"), "would end before it starts"),
        (_times(start="20:00", end="08:00"), "the later day on which it ends"),
        (_times(last_day=MONDAY - timedelta(days=1)), "would end before it starts"),
        (_times(last_day=MONDAY + timedelta(days=7)), "seven days at most"),
        (_times(MONDAY - timedelta(days=3)), "over already"),
        (_times(date(1, 1, 1)), "over already"),
        (_times(MONDAY + timedelta(days=400)), "within the next twelve months"),
        (_times(date(9999, 12, 31)), "within the next twelve months"),
        (_times(zone="Europe/Atlantis"), "No time zone is called “Europe/Atlantis”"),
        (_times(zone="../../etc/passwd"), "No time zone is called"),
        (_times(zone="Europe"), "No time zone is called"),
        (_times(zone=""), "No time zone is called"),
    ],
)
def test_a_shift_that_makes_no_sense_is_refused_with_the_way_out(times, sentence):
    with pytest.raises(FormError, match=re.escape(sentence)):
        duty_times.validate(times, BEFORE)


def test_a_shift_of_exactly_seven_days_is_taken_also_when_clocks_go_back_in_it():
    duty_times.validate(_times(MONDAY, "09:00", "09:00", MONDAY + timedelta(days=7)), BEFORE)
    autumn = date(2026, 10, 19)
    week = _times(autumn, "09:00", "09:00", autumn + timedelta(days=7))
    duty_times.validate(week, datetime(2026, 10, 18, 12, tzinfo=UTC))
    start, end = week.moments()
    assert end - start == timedelta(days=7, hours=1)


@pytest.mark.parametrize(
    ("repeat", "weeks", "days"),
    [
        (Repeat.ONCE, 5, [0]),
        (Repeat.WEEKLY, 3, [0, 7, 14]),
        (Repeat.WEEKDAYS, 2, [0, 1, 2, 3, 4, 7, 8, 9, 10, 11]),
        (Repeat.DAILY, 1, [0, 1, 2, 3, 4, 5, 6]),
    ],
)
def test_a_shift_is_entered_on_each_of_its_days(repeat, weeks, days):
    made = list(duty_times.repeated(_times(), repeat, weeks))
    assert [(times.day - MONDAY).days for times in made] == days
    assert {(times.start, times.end, times.last_day - times.day) for times in made} == {
        (time(9), time(18), timedelta(0))
    }


@pytest.mark.parametrize(
    ("day", "repeat", "weeks"),
    [
        (MONDAY, Repeat.WEEKLY, 0),
        (MONDAY, Repeat.WEEKLY, 27),
        (MONDAY - timedelta(days=1), Repeat.WEEKDAYS, 2),
    ],
)
def test_too_many_weeks_and_a_weekend_among_working_days_are_refused(day, repeat, weeks):
    with pytest.raises(FormError, match=r"^Choose between 1 and 26 weeks|Choose a day from Monday to Friday"):
        list(duty_times.repeated(_times(day), repeat, weeks))


@pytest.mark.parametrize(
    "number",
    ["ward", "", "1", "4711 or 4712", "+49 30 1234 ext", "<b>112</b>", "1" * 41, "１１２", "\u0661\u0662"],
)
def test_a_number_that_no_telephone_dials_is_refused(world, number):
    with pytest.raises(FormError, match="Write a telephone number that can be dialled"):
        _entered(world, entry=Entry("Dr Alder", number, _times(_monday())))
    assert DutyShift.objects.count() == 0


def test_weeks_of_working_days_are_entered_with_one_form(world):
    browser = signed_in(world.lead)
    answer = browser.post("/duty/new/", _sent(repeat="weekdays", weeks=4), follow=True)
    assert "20 shifts are entered." in answer.content.decode()
    starts = [start for _, start in _current(world)]
    assert len(starts) == 20
    assert {start.astimezone(DutyShift.objects.first().tz).strftime("%H:%M") for start in starts} == {"09:00"}
    events = AuditEvent.objects.filter(action="duty_shift.add", organisation_id=world.organisation.pk)
    assert events.count() == 20
    assert {row.entered_by for row in DutyShift.objects.all()} == {world.lead}


def test_a_form_that_comes_twice_enters_its_shifts_once(world):
    browser, sent = signed_in(world.lead), _sent(repeat="weekly", weeks=3)
    for _ in range(2):
        assert "3 shifts are entered." in browser.post("/duty/new/", sent, follow=True).content.decode()
    assert len(_current(world)) == 3


def test_a_form_that_comes_again_with_another_shift_is_not_said_to_be_entered(world):
    browser, sent = signed_in(world.lead), _sent()
    browser.post("/duty/new/", sent)
    again = browser.post("/duty/new/", {**sent, "name": "Dr Birch"}, follow=True)
    assert again.status_code == 400
    assert "entered already" in again.content.decode()
    assert [name for name, _starts_at in _current(world)] == [sent["name"]]


def test_the_id_of_a_form_is_of_no_use_in_another_organisation(world):
    far, name = World(), uuid4()
    first = _entered(world, shift_id=name)
    second = _entered(far, shift_id=name, organisation=far.organisation, by=far.lead)
    assert {row.organisation for row in (*first, *second)} == {world.organisation, far.organisation}


def test_one_wrong_day_among_many_enters_none(world, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: BEFORE)
    entry = Entry("Dr Alder", "112", _times(date(2026, 3, 22), "02:30", "08:00"))
    with pytest.raises(FormError, match="On 29 March 2026 clocks go forward"):
        _entered(world, entry=entry, repeat=Repeat.WEEKLY, weeks=3)
    assert DutyShift.objects.count() == 0


def test_errors_are_shown_with_the_form_and_nothing_is_entered(world):
    browser = signed_in(world.lead)
    for wrong, sentence in (
        ({"end": "08:00"}, "would end before it starts"),
        ({"zone": "Atlantis"}, "No time zone is called “Atlantis”"),
        ({"number": "ward"}, "Write a telephone number"),
        ({"start": "nine"}, "Write a time such as 18:00."),
        ({"weeks": 60}, "26"),
    ):
        answer = browser.post("/duty/new/", _sent(**wrong))
        assert (answer.status_code, sentence in answer.content.decode()) == (400, True), wrong
    assert DutyShift.objects.count() == 0


def test_the_rota_shows_what_is_to_come_with_who_is_there_at_the_same_time_and_nothing_past(world):
    run_shift(world.organisation, "Dr Past", hours=-1, since=9)
    run_shift(world.organisation, "Dr Now")
    run_shift(world.organisation, "Dr Both", hours=2, since=0.5)
    run_shift(world.organisation, "Dr Later", hours=24 * 40 + 8, since=-24 * 40)
    page = signed_in(world.lead).get("/duty/").content.decode()
    assert "Dr Past" not in page
    assert page.count("on duty now</span>") == 2
    assert re.search(r"Dr Now</strong>.*?at the same time: Dr Both", page, re.DOTALL)
    assert re.search(r"Dr Both</strong>.*?at the same time: Dr Now", page, re.DOTALL)
    assert ("Dr Later" in page, "Show 1 later shift" in page) == (False, True)
    assert "Dr Later" in signed_in(world.lead).get("/duty/?all").content.decode()


def test_an_empty_rota_says_what_clients_read(world):
    page = signed_in(world.lead).get("/duty/").content.decode()
    assert "No shift is entered." in page
    assert "Nobody here is on duty now." in page


def test_a_shift_is_changed_by_a_successor_and_the_form_shows_it_as_it_was_entered(world):
    [shift] = _entered(world)
    browser = signed_in(world.lead)
    shown = browser.get(f"/duty/{shift.pk}/").content.decode()
    for value in ("Dr Alder", "+49 30 1234", "09:00", "18:00", BERLIN, str(_monday())):
        assert f'value="{value}"' in shown, value
    answer = browser.post(f"/duty/{shift.pk}/", _sent(name="Dr Reed", start="10:00"))
    assert (answer.status_code, answer["Location"]) == (302, "/duty/")
    assert _current(world) == [("Dr Reed", shift.starts_at + timedelta(hours=1))]
    successor = DutyShift.objects.get(predecessor=shift)
    assert (successor.entered_by, successor.taken_back) == (world.lead, False)
    assert DutyShift.objects.get(pk=shift.pk).name == "Dr Alder"
    assert AuditEvent.objects.get(action="duty_shift.change").fields == sorted(actions.FIELDS)


def test_a_shift_is_taken_back_by_a_successor(world):
    [shift] = _entered(world)
    browser = signed_in(world.lead)
    assert "Dr Alder, +49 30 1234" in browser.get(f"/duty/{shift.pk}/take-back/").content.decode()
    answer = browser.post(f"/duty/{shift.pk}/take-back/")
    assert (answer.status_code, answer["Location"]) == (302, "/duty/")
    assert _current(world) == []
    assert DutyShift.objects.get(predecessor=shift).taken_back
    assert AuditEvent.objects.get(action="duty_shift.take_back").actor_id == world.lead.pk


def test_the_second_of_two_leads_reads_that_the_shift_was_changed_meanwhile(world):
    [shift] = _entered(world)
    first, second = signed_in(world.lead), signed_in(world.lead)
    first.post(f"/duty/{shift.pk}/take-back/")
    for address, sent in ((f"/duty/{shift.pk}/", _sent()), (f"/duty/{shift.pk}/take-back/", {})):
        for answer in (second.post(address, sent, follow=True), second.get(address, follow=True)):
            assert "was changed meanwhile" in answer.content.decode()
    assert DutyShift.objects.count() == 2


def test_a_shift_that_has_ended_is_neither_changed_nor_taken_back(world):
    shift = run_shift(world.organisation, "Dr Past", hours=-1, since=9)
    with pytest.raises(actions.Changed):
        actions.take_back(shift=shift, by=world.lead)
    with pytest.raises(actions.Changed):
        actions.change(shift=shift, entry=Entry("Dr New", "112", _times(_monday())), by=world.lead)


def test_a_shift_is_a_fact_and_the_database_holds_what_it_must(world):
    [shift] = _entered(world)
    with pytest.raises(FactIsFixed):
        shift.save()
    with pytest.raises(FactIsFixed):
        DutyShift.objects.filter(pk=shift.pk).delete()
    for wrong in ({"ends_at": shift.starts_at}, {"name": ""}, {"number": ""}, {"taken_back": True}):
        row = DutyShift(
            **{name: getattr(shift, name) for name in actions.FIELDS} | wrong,
            organisation=world.organisation, entered_at=timezone.now(),
        )  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            row.save()


@pytest.mark.parametrize("who", ["lind", "supervisor", "stranger", "ana"])
def test_only_the_lead_keeps_the_rota(world, who):
    person, shift = getattr(world, who), _entered(world)[0]
    for address in ("/duty/", "/duty/new/", f"/duty/{shift.pk}/", f"/duty/{shift.pk}/take-back/"):
        assert signed_in(person).get(address).status_code == 404
    with pytest.raises(Denied):
        _entered(world, by=person)
    with pytest.raises(Denied):
        actions.take_back(shift=shift, by=person)


def test_a_lead_of_another_organisation_reaches_no_shift_here(world):
    far, shift = World(), _entered(world)[0]
    browser = signed_in(far.lead)
    for address in (f"/duty/{shift.pk}/", f"/duty/{shift.pk}/take-back/", f"/duty/{UUID(int=1)}/"):
        assert {browser.get(address).status_code, browser.post(address, _sent()).status_code} == {404}
    assert "Dr Alder" not in browser.get("/duty/").content.decode()
    assert len(_current(world)) == 1


def test_the_rota_is_in_the_navigation_of_the_lead_alone(world):
    assert "/duty/" in signed_in(world.lead).get("/noticing/").content.decode()
    assert "/duty/" not in signed_in(world.lind).get("/worklist/").content.decode()
