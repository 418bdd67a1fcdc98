"""Nobody is shown as on duty outside of a shift, to no other organisation, and never as a guess."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accord.clinic.accounts import sessions
from accord.clinic.accounts.invitations import actions as invitations
from accord.clinic.client.checkins import actions as checkins
from accord.clinic.facts import duty, links
from accord.clinic.models import DutyShift, Organisation, read_only
from accord.clinic.models.actors import SYSTEM
from accord.clinic.programme.duty import actions
from accord.clinic.web import errors
from tests.support.world import World, days_ago, fill, run_shift, signed_in

pytestmark = pytest.mark.django_db
NOBODY, UNKNOWN = "Nobody here is on duty now.", "Who is on duty cannot be shown now."
SECOND = timedelta(seconds=1)
NINE, SIX = datetime(2026, 3, 2, 9, tzinfo=UTC), datetime(2026, 3, 2, 18, tzinfo=UTC)  # a Monday


@pytest.fixture
def world() -> World:
    made = World()
    made.tell(made.ana)
    return made


@pytest.fixture
def far(world) -> World:
    """Another organisation on the same site, whose Dr Far is on duty."""
    made = World()
    made.tell(made.ana)
    run_shift(made.organisation, "Dr Far")
    return made


def _shift(starts_at=NINE, ends_at=SIX, name="Dr Alder", zone="UTC", **more) -> DutyShift:
    return DutyShift(
        name=name, number="+49 (0)30 1234", zone=zone, starts_at=starts_at, ends_at=ends_at, **more
    )


def _names(shown: duty.Duty | None) -> list[str]:
    assert shown is not None
    return [person.name for person in shown.now]


def _link(world: World) -> str:
    return checkins.ask(engagement=world.with_lind, day=days_ago(0), by=SYSTEM)[1]


def _text(answer) -> str:
    return answer.content.decode()


def _obeys_its_times(at=duty.at) -> None:
    """On duty from the first moment of the shift until the last before its end, and at no other."""
    for moment, names in (
        (NINE - SECOND, []),
        (NINE, ["Dr Alder"]),
        (SIX - SECOND, ["Dr Alder"]),
        (SIX, []),
        (SIX + SECOND, []),
    ):
        assert _names(at([_shift()], moment)) == names, moment


def test_a_shift_begins_with_its_first_moment_and_is_over_at_its_end():
    _obeys_its_times()


def test_a_planted_shift_that_is_shown_after_its_end_would_be_seen_by_that_test(monkeypatch):
    monkeypatch.setattr(duty, "is_running", lambda shift, now: shift.starts_at <= now)
    with pytest.raises(AssertionError):
        _obeys_its_times()


def test_the_rows_of_the_database_obey_the_same_times(world):
    _shift(organisation=world.organisation, entered_at=NINE).save()
    for moment, names in ((NINE, ["Dr Alder"]), (SIX - SECOND, ["Dr Alder"]), (SIX, []), (NINE - SECOND, [])):
        assert _names(duty.panel(world.organisation.pk, moment)) == names, moment


def test_until_is_said_with_its_day_where_that_is_another_one_than_today():
    assert duty.at([_shift()], NINE).now[0].until == "18:00"
    night = _shift(SIX, SIX + timedelta(hours=14))
    assert duty.at([night], SIX).now[0].until == "tomorrow, Tuesday, at 08:00"
    assert duty.at([night], SIX + timedelta(hours=7)).now[0].until == "08:00"


@pytest.mark.parametrize(
    ("zone", "until"),
    [
        ("America/New_York", "13:00 (America/New_York)"),
        ("Asia/Kolkata", "23:30 (Asia/Kolkata)"),
        ("Asia/Tokyo", "tomorrow, Tuesday, at 03:00 (Asia/Tokyo)"),
        ("Atlantic/Reykjavik", "18:00"),
        ("Nowhere/Atlantis", "18:00"),  # a machine that no longer knows the name
    ],
)
def test_a_shift_of_another_zone_is_shown_by_its_own_clocks_and_names_them(zone, until):
    assert duty.at([_shift(zone=zone)], NINE).now[0].until == until


def test_two_shifts_at_once_are_both_shown_and_one_person_only_once():
    other = _shift(NINE, SIX - timedelta(hours=1), name="Dr Reed")
    again = _shift(SIX - timedelta(hours=2), SIX + timedelta(hours=2))
    shown = duty.at([_shift(), other, again], SIX - timedelta(hours=1, minutes=30))
    assert [(person.name, person.until) for person in shown.now] == [
        ("Dr Reed", "17:00"),
        ("Dr Alder", "20:00"),
    ]


def test_the_next_shift_is_named_while_nobody_is_on_duty_and_only_within_a_week(world):
    _shift(organisation=world.organisation, entered_at=NINE).save()
    for before, start in (
        (timedelta(hours=9), "today, Monday, at 09:00"),
        (timedelta(hours=9) + SECOND, "tomorrow, Monday, at 09:00"),
        (timedelta(hours=33), "tomorrow, Monday, at 09:00"),
        (timedelta(hours=33) + SECOND, "Monday, 2 March, 09:00"),
        (timedelta(days=7), "Monday, 2 March, 09:00"),
        (timedelta(days=7) + SECOND, ""),
    ):
        shown = duty.panel(world.organisation.pk, NINE - before)
        assert (shown.now, shown.next_start) == ((), start)


def test_the_telephone_gets_a_number_that_it_can_dial():
    numbers = {
        "+49 (0)30 12-34": "+49301234",
        "030 / 12 34": "0301234",
        "(0)4711": "04711",
        "116 123": "116123",
        "116 123 (free)": "116123",
    }
    assert {number: DutyShift(number=number).dialled for number in numbers} == numbers


def test_pages_of_a_client_name_who_is_on_duty_with_a_number_to_tap(world):
    run_shift(world.organisation, "Dr Alder")
    for browser, address in (
        (signed_in(world.ana), "/forms/"),
        (Client(), f"/c/{_link(world)}/"),
        (Client(), "/accounts/login/"),
        (Client(), "/nothing/here/"),
    ):
        page = _text(browser.get(address, follow=True))
        assert re.search(
            r"On duty now, until [\w, ]*\d\d:\d\d: Dr Alder, <a href=\"tel:000333\">000 333</a>", page
        )
        assert NOBODY not in page


def test_outside_of_a_shift_pages_say_that_nobody_is_on_duty_and_when_the_next_shift_is_planned(world):
    run_shift(world.organisation, "Dr Past", hours=-1, since=9)
    run_shift(world.organisation, "Dr Soon", hours=30, since=-24)
    for browser, address in ((signed_in(world.ana), "/forms/"), (Client(), f"/c/{_link(world)}/")):
        page = _text(browser.get(address, follow=True))
        assert NOBODY in page
        assert "The next shift is planned for" in page
        assert not re.search("Dr Past|Dr Soon|On duty now", page)


def test_a_shift_that_was_taken_back_or_changed_is_shown_no_longer(world):
    for name in ("Dr Ill", "Dr Swap"):
        run_shift(world.organisation, name)
    actions.take_back(shift=DutyShift.objects.get(name="Dr Ill"), by=world.lead)
    old = DutyShift.objects.get(name="Dr Swap")
    DutyShift.objects.create(
        organisation=world.organisation, predecessor=old, name="Dr New", number="000", zone="UTC",
        starts_at=old.starts_at, ends_at=old.ends_at, entered_at=timezone.now(),
    )  # fmt: skip
    assert _names(duty.panel(world.organisation.pk)) == ["Dr New"]


def test_each_organisation_reads_its_own_people_alone(world, far):
    run_shift(world.organisation, "Dr Here")
    here, there = "Dr Here", "Dr Far"
    link, foreign = _link(world), _link(far)
    for browser, address, shown, hidden in (
        (signed_in(world.ana), "/forms/", here, there),
        (signed_in(far.ana), "/forms/", there, here),
        (Client(), f"/c/{link}/", here, there),
        (Client(), f"/c/{foreign}/", there, here),
        (signed_in(world.ana), f"/c/{foreign}/", there, here),  # the link decides, not the sign-in
        (signed_in(world.ana), "/people/", here, there),  # nothing here for a client
    ):
        page = _text(browser.get(address, follow=True))
        assert (shown in page, hidden in page) == (True, False), address


def test_a_link_that_has_expired_still_leads_to_those_who_are_on_duty_there(world, far, monkeypatch):
    link = _link(far)
    monkeypatch.setattr(links, "GOOD_FOR", timedelta(seconds=-1))
    page = Client().get(f"/c/{link}/", follow=True)
    assert (page.status_code, "Dr Far" in _text(page)) == (410, True)


def test_an_invitation_leads_to_those_who_are_on_duty_where_it_invites_to(world, far):
    run_shift(world.organisation, "Dr Here")
    made = invitations.invite(person=far.ben, email=f"{uuid4()}@test.example", by=SYSTEM)
    page = _text(Client().get(f"/invitation/{invitations.token_of(made)}/", follow=True))
    assert ("Dr Far" in page, "Dr Here" in page) == (True, False)


@pytest.mark.parametrize("address", ["/accounts/login/", "/nothing/here/", "/about/", "/c/broken/"])
def test_where_the_organisation_is_not_known_nothing_is_said_about_anybody(world, far, address):
    run_shift(world.organisation, "Dr Here")
    page = _text(Client().get(address))
    assert not re.search(f"Dr Here|Dr Far|{NOBODY}|{UNKNOWN}|On duty", page)


def test_a_locked_page_names_those_who_are_on_duty_for_the_account(world, far):
    run_shift(world.organisation, "Dr Here")
    browser = signed_in(world.ana)
    session = browser.session
    session[sessions.LOCKED] = True
    session.save()
    page = _text(browser.get("/locked/"))
    assert ("Dr Here" in page, "Dr Far" in page) == (True, False)


@pytest.mark.parametrize("status", [403, 404, 429])
def test_refusals_name_who_is_on_duty_where_there_is_one_organisation(world, status):
    run_shift(world.organisation, "Dr Here")
    assert "Dr Here" in _refused(world, status)
    Organisation.objects.create(name="another")
    assert not re.search(f"Dr Here|{NOBODY}", _refused(world, status))


def _refused(world, status) -> str:
    request = RequestFactory().get("/")
    request.resolver_match = None
    request.session, request.user = Client().session, world.ana
    return _text({403: errors.csrf, 404: errors.missing, 429: errors.too_many}[status](request))


def _away(execute, sql, params, many, context):
    if "clinic_dutyshift" in sql or "clinic_organisation" in sql:
        raise DatabaseError("planted")
    return execute(sql, params, many, context)


@pytest.mark.parametrize("address", ["/accounts/login/", "/nothing/here/"])
def test_while_the_database_is_away_a_page_shows_and_claims_nothing_about_duty(world, settings, address):
    run_shift(world.organisation, "Dr Here")
    with connection.execute_wrapper(_away):
        page = Client().get(address)
    assert UNKNOWN in _text(page)
    assert not re.search(f"Dr Here|{NOBODY}", _text(page))
    assert page.status_code in (200, 404)


@pytest.mark.parametrize("page", [errors.broken, errors.unavailable])
def test_a_page_of_trouble_asks_the_database_nothing_and_claims_nothing_about_duty(world, page):
    run_shift(world.organisation, "Dr Here")
    read_only.is_on()  # what it knows of the mode is of now
    with CaptureQueriesContext(connection) as asked:
        shown = _text(page(RequestFactory().get("/")))
    assert len(asked) == 0
    assert "If it is urgent" in shown
    assert not re.search(f"Dr Here|{NOBODY}|On duty", shown)


def test_in_read_only_mode_when_no_shift_could_be_taken_back_nothing_is_claimed(world, monkeypatch):
    run_shift(world.organisation, "Dr Here")
    link, browser = _link(world), Client()
    monkeypatch.setattr(read_only, "is_on", lambda: True)
    page = _text(browser.get(f"/c/{link}/", follow=True))
    assert UNKNOWN in page
    assert not re.search(f"Dr Here|{NOBODY}", page)


def _statements(browser, address) -> int:
    with CaptureQueriesContext(connection) as asked:
        browser.get(address, follow=True)
    return sum("clinic_dutyshift" in one["sql"] for one in asked)


def test_a_page_of_a_client_asks_once_and_a_page_of_staff_never(world):
    run_shift(world.organisation, "Dr Here")
    contact, link = checkins.ask(engagement=world.with_lind, day=days_ago(0), by=SYSTEM)
    client, lind, lead = signed_in(world.ana), signed_in(world.lind), signed_in(world.lead)
    once = [(client, "/forms/"), (client, "/my/answers/"), (Client(), f"/c/{link}/")]
    never = [
        (lind, "/worklist/"),
        (lind, f"/clients/{world.ana.pk}/"),
        (lead, "/people/"),
        (lead, "/noticing/"),
    ]
    assert [_statements(*page) for page in once] == [1] * len(once)
    assert [_statements(*page) for page in never] == [0] * len(never)
    fill(world.with_lind, {1: 5}, contact=contact)
    assert _statements(Client(), f"/c/{link}/sent/") == 1


def test_a_page_that_names_somebody_is_kept_by_no_browser_and_says_how_long_it_holds(world):
    run_shift(world.organisation, "Dr Here", hours=0.5)
    answer = Client().get(f"/c/{_link(world)}/", follow=True)
    assert answer["Cache-Control"] == "no-store"
    [left, *_] = re.findall(r'data-seconds-left="(\d+)"', _text(answer))
    assert 1700 < int(left) <= 1800
    assert re.search(r"clinic/duty[.\w]*\.js", _text(answer))


def test_nothing_about_duty_promises_that_somebody_reads_answers(world):
    run_shift(world.organisation, "Dr Here")
    page = _text(Client().get(f"/c/{_link(world)}/", follow=True))
    panel = re.search(r'<aside class="urgent".*?</aside>', page, re.DOTALL)
    assert panel
    assert "These pages are not a way to reach somebody quickly." in panel[0]
    assert not re.search("read|see|answer|watch", panel[0].replace("to see who", ""), re.IGNORECASE)
