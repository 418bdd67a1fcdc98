"""What is asked in an emergency: with a second step, kept also where nothing opens, reviewed by others."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.utils import timezone

from accord.clinic.clinician.emergency import actions as break_glass
from accord.clinic.clinician.emergency import frequency
from accord.clinic.clinician.emergency.queries import asked_in_vain, lately_opened, openings, unseen
from accord.clinic.models import AuditEvent, BreakGlass, BreakGlassQuery, BreakGlassSeen, Event, Membership
from accord.clinic.policy import Action, Denied, can
from tests.support import totp
from tests.support.world import World, days_ago, fill_with_line, signed_in

pytestmark = pytest.mark.django_db
REASON = "She is at the door, and nobody who treats her answers."
NOBODY = "Nobody-Of-This-Name"


@pytest.fixture
def world() -> World:
    return World()


def _ask(browser, called: str, reason: str = REASON):
    return browser.post("/emergency/", {"client": called, "reason": reason})


def _second_step_was_long_ago(browser) -> None:
    session = browser.session
    for record in session["account_authentication_methods"]:
        record["at"] = time.time() - 11 * 60
    session.save()


def _code(person) -> str:
    factor = Authenticator.objects.get(user=person.account, type=Authenticator.Type.TOTP)
    from accord.clinic.encryption import factor_secrets

    return totp.code(factor_secrets.opened(factor.data["secret"]), time.time())


# The second step


def test_the_second_step_is_asked_again_and_what_was_written_goes_on_after_it(world):
    browser = signed_in(world.okafor)
    _second_step_was_long_ago(browser)
    sent_on = _ask(browser, world.ana.code)
    assert sent_on["Location"].startswith("/accounts/again/code/")
    assert not BreakGlass.objects.exists()
    assert browser.post(sent_on["Location"], {"code": "000000", "next": "/emergency/"}).status_code == 400
    assert not BreakGlass.objects.exists()
    after = browser.post(sent_on["Location"], {"code": _code(world.okafor), "next": "/emergency/"})
    assert after["Location"] == f"/clients/{world.ana.pk}/"
    assert BreakGlass.objects.get().by == world.okafor


def test_a_password_given_again_is_no_second_step(world):
    from tests.support.world import confirm_again

    browser = signed_in(world.okafor)
    _second_step_was_long_ago(browser)
    confirm_again(browser, world.okafor.account)
    assert _ask(browser, world.ana.code)["Location"].startswith("/accounts/again/code/")


def test_a_second_step_given_again_is_no_password(world):
    browser = signed_in(world.lead)
    _second_step_was_long_ago(browser)
    browser.post("/accounts/again/code/", {"code": _code(world.lead), "next": "/"})
    assert browser.get("/imports/new/")["Location"].startswith("/accounts/again/?")


def test_a_planted_second_step_of_any_age_would_be_seen(world, monkeypatch):
    from accord.clinic.accounts import sessions

    monkeypatch.setattr(sessions, "used_second_factor_lately", sessions.used_second_factor)
    browser = signed_in(world.okafor)
    _second_step_was_long_ago(browser)
    assert _ask(browser, world.ana.code)["Location"] == f"/clients/{world.ana.pk}/"


# A name that nobody has


def test_without_a_reason_the_answer_is_the_same_whether_the_name_is_a_clients_or_not(world):
    browser = signed_in(world.okafor)
    for reason in ("", "urgent", "x" * 501):
        known, unknown = (_ask(browser, name, reason) for name in (world.ana.code, "code-XYZ"))
        assert known.status_code == unknown.status_code == 400
        same = [
            answer.content.decode().replace(name, "NAME")
            for answer, name in ((known, world.ana.code), (unknown, "code-XYZ"))
        ]
        assert _without_tokens(same[0]) == _without_tokens(same[1])
    assert not BreakGlass.objects.exists()
    assert not BreakGlassQuery.objects.exists()


def _without_tokens(page: str) -> str:
    return "\n".join(line for line in page.splitlines() if "csrfmiddlewaretoken" not in line)


def test_a_name_that_nobody_has_is_kept_sealed_with_the_reason_for_the_lead(world):
    answer = _ask(signed_in(world.okafor), NOBODY)
    assert (answer.status_code, BreakGlass.objects.count()) == (400, 0)
    (kept,) = asked_in_vain(world.lead, timezone.now())
    assert (kept.by, kept.called, kept.reason) == (world.okafor.name, NOBODY, REASON)
    event = AuditEvent.objects.get(action="break_glass.ask_in_vain")
    assert (event.actor_id, event.client_id) == (world.okafor.pk, None)
    page = signed_in(world.lead).get("/emergency/opened/").content.decode()
    assert NOBODY in page
    assert REASON in page


def test_two_clients_of_one_name_are_answered_and_kept_as_nobody(world):
    twin = world.client_person("twin")
    twin.name = world.ana.name
    twin.save()
    browser = signed_in(world.okafor)
    several, none = (_ask(browser, name).content.decode() for name in (world.ana.name, NOBODY))
    sentence = "There is no single client with exactly this name or code."
    assert sentence in several
    assert sentence in none
    assert BreakGlassQuery.objects.count() == 2


def test_only_those_who_may_open_a_record_ask_in_vain(world):
    for person in (world.lead, world.ana):
        with pytest.raises(Denied):
            break_glass.ask_in_vain(called=NOBODY, reason=REASON, by=person)
    for reader in (world.okafor, world.supervisor):
        with pytest.raises(Denied):
            asked_in_vain(reader, timezone.now())
    assert asked_in_vain(World().lead, timezone.now()) == ()


# Many in a day


def test_from_the_third_in_a_day_on_the_lead_is_shown_it_and_nobody_is_refused(world):
    browser = signed_in(world.okafor)
    page = signed_in(world.lead)
    _ask(browser, NOBODY)
    _ask(browser, world.ana.code)
    assert not AuditEvent.objects.filter(action="break_glass.many").exists()
    assert "in the last 24 hours" not in page.get("/emergency/opened/").content.decode()
    cleo = world.client_person("CLEO")
    world.engage(cleo, world.lind, world.first)
    assert _ask(browser, cleo.code)["Location"] == f"/clients/{cleo.pk}/"
    assert can(world.okafor, Action.SEE_CLIENT, cleo)
    assert AuditEvent.objects.get(action="break_glass.many").client_id == cleo.pk
    assert f"{world.okafor.name} asked for 3 records in the last 24 hours." in _text(
        page.get("/emergency/opened/")
    )


def _text(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_a_day_is_twenty_four_hours_to_the_moment(world):
    now = timezone.now()
    for ago in (timedelta(hours=24), timedelta(hours=24) - timedelta(seconds=1), timedelta(0)):
        BreakGlass.objects.create(
            organisation=world.organisation, by=world.okafor, client=world.ana, opened_at=now - ago
        )
    assert frequency.in_a_day(world.okafor, now) == 2
    assert frequency.many_in_a_day(world.organisation.pk, now) == {}


# Who reviews it, and who learns of it


@pytest.fixture
def treating_lead(world):
    """A programme lead who also treats clients, and opens the record of one who is not theirs."""
    world.join(world.lead, world.second, Membership.Role.THERAPIST)
    break_glass.open_record(client=world.ana, reason=REASON, by=world.lead)
    return world.lead


def test_nobody_reviews_their_own_opening(world, treating_lead):
    opening = BreakGlass.objects.get()
    with pytest.raises(Denied):
        break_glass.review(opening=opening, by=treating_lead)
    browser = signed_in(treating_lead)
    assert browser.post(f"/emergency/{opening.pk}/seen/").status_code == 404
    assert not BreakGlassSeen.objects.exists()
    assert (unseen(treating_lead), openings(treating_lead)[0].is_new) == (0, False)
    page = _text(browser.get("/emergency/opened/"))
    assert "Your own: only another programme lead can review it." in page
    assert "Mark as reviewed" not in page


def test_another_lead_reviews_it(world, treating_lead):
    other = world.staff("Other lead")
    world.join(other, world.first, Membership.Role.LEAD)
    assert unseen(other) == 1
    break_glass.review(opening=BreakGlass.objects.get(), by=other)
    assert (unseen(other), BreakGlassSeen.objects.get().by) == (0, other)


def test_those_who_treat_or_supervise_the_client_see_on_their_page_that_it_was_opened(world):
    break_glass.open_record(client=world.ana, reason=REASON, by=world.okafor)
    now = timezone.now()
    for person in (world.lind, world.ito, world.supervisor):
        (one,) = lately_opened(person, world.ana.pk, now)
        assert one.by == world.okafor.name
        page = _text(signed_in(person).get(f"/clients/{world.ana.pk}/"))
        assert f"{world.okafor.name}, who does not treat them, opened this record in an emergency" in page
        assert REASON not in page
    for person in (world.okafor, world.stranger, world.lead):
        assert lately_opened(person, world.ana.pk, now) == ()
    assert lately_opened(world.lind, world.ana.pk, now + timedelta(days=29)) == ()


def test_a_page_opened_in_an_emergency_counts_what_it_does_not_show(world):
    for audience in ("clinician", "readers", "only_me"):
        fill_with_line(world.with_lind, f"CANARY-{audience}", audience)
    browser = signed_in(world.okafor)
    _ask(browser, world.ana.code)
    page = _text(browser.get(f"/clients/{world.ana.pk}/"))
    assert f"2 lines that {world.ana.name} shared with those who treat them are not shown here" in page
    assert "CANARY-clinician" not in page


# Supervisors


def test_a_supervisor_sees_self_injury_and_attempts_and_the_client_reads_so(world):
    Event.objects.create(
        organisation=world.organisation, client=world.ana, day=days_ago(3), kind="attempt", count=1,
        made_at=timezone.now(),
    )  # fmt: skip
    page = _text(signed_in(world.supervisor).get(f"/clients/{world.ana.pk}/"))
    assert "attempt to end their life" in page.lower()
    assert signed_in(world.supervisor).get(f"/clients/{world.ben.pk}/").status_code == 404
    told = _text(signed_in(world.ana).get("/record/opened/"))
    assert "All of them but peer workers also see self-harm and attempts that are on record." in told
