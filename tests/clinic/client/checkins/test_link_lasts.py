"""A check-in link works for its fourteen days while the relationship lasts, whatever its client's account."""

from __future__ import annotations

import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accord.clinic.accounts.invitations import actions as invitations
from accord.clinic.client.checkins import actions as checkins
from accord.clinic.client.consents import actions as consent_actions
from accord.clinic.client.own_record.answers import own_answers
from accord.clinic.facts import consents, links
from accord.clinic.models import Account, CheckIn, LineSharing, OwnLine
from accord.clinic.models.actors import SYSTEM, Link
from accord.clinic.policy import Action, Denied, can, relations
from tests.support.links import named
from tests.support.world import World, days_ago, signed_in

pytestmark = pytest.mark.django_db
WORDS = "CANARY-TYPED I do not want to be here any more"


@pytest.fixture
def world() -> World:
    return World()


def _invite(world: World, ago: timedelta = timedelta()):
    invitations.invite(person=world.ana, email=f"{uuid4()}@test.example", by=SYSTEM, now=timezone.now() - ago)


def _withdrawn(world: World) -> None:
    _invite(world)
    invitations.withdraw(person=world.ana, by=SYSTEM)


def _closed(world: World) -> None:
    signed_in(world.ana)
    Account.objects.filter(person=world.ana).update(is_active=False)


ACCOUNTS = {
    "none": lambda world: None,
    "invited": _invite,
    "lapsed": lambda world: _invite(world, timedelta(days=8)),
    "withdrawn": _withdrawn,
    "closed": _closed,
    "confirmed": lambda world: signed_in(world.ana),
}


@pytest.mark.parametrize("state", ACCOUNTS)
def test_the_link_leads_through_the_uses_to_the_form_and_keeps_what_is_sent(world, state):
    _, token = checkins.ask(engagement=world.with_lind, day=days_ago(0), by=world.lind)
    ACCOUNTS[state](world)
    browser = Client()
    assert browser.get(f"/c/{token}/", follow=True).redirect_chain[-1][0] == named(token, "uses/")
    assert browser.get(f"/c/{token}/uses/", follow=True).status_code == 200
    assert browser.post(f"/c/{token}/uses/", {"noticing": "yes"})["Location"] == named(token)
    assert consents.has_chosen(world.ana)
    assert browser.get(f"/c/{token}/", follow=True).status_code == 200
    sent = browser.post(f"/c/{token}/", {"checkin_id": str(uuid4()), "item_1": "5"})
    assert sent["Location"] == named(token, "sent/")
    assert browser.get(sent["Location"]).status_code == 200
    assert CheckIn.objects.get().answers == {"1": 5}


@pytest.mark.parametrize("state", ["invited", "closed"])
def test_an_account_that_is_not_open_still_opens_nothing_for_its_person(world, state):
    ACCOUNTS[state](world)
    world.ana.refresh_from_db()
    assert relations(world.ana, world.with_lind) == frozenset()
    with pytest.raises(Denied):
        own_answers(world.ana)
    for action in Action:
        opens = can(Link(world.ana), action, world.ana)
        assert opens == (action in (Action.FILL_OWN_FORM, Action.CHOOSE_USES)), action


def test_a_link_of_another_programme_or_client_opens_nothing_here(world):
    other = World()
    for client in (other.ana, world.ben):
        assert not can(Link(client), Action.FILL_OWN_FORM, world.with_lind)


def test_a_link_works_on_its_fourteenth_day_and_no_longer(world, monkeypatch):
    world.tell(world.ana)
    _, token = checkins.ask(engagement=world.with_lind, day=days_ago(0), by=world.lind)
    now = time.time()
    for seconds, status in ((-60, 200), (60, 410)):
        later = now + links.GOOD_FOR.total_seconds() + seconds
        monkeypatch.setattr("django.core.signing.time.time", lambda later=later: later)
        assert Client().get(f"/c/{token}/", follow=True).status_code == status


def _send(token: str, **more):
    body = {"checkin_id": str(uuid4()), "item_1": "5", "item_6": "2", "line_text": WORDS, **more}
    return Client().post(f"/c/{token}/", {"line_for": "clinician", **body})


def _expired(world, token, monkeypatch):
    monkeypatch.setattr(links, "GOOD_FOR", timedelta(seconds=-1))
    return _send(token)


def _ended(world, token, monkeypatch):
    world.with_lind.until = days_ago(1)
    world.with_lind.save()
    return _send(token)


def _refused(world, token, monkeypatch):
    def refuse(**more):
        raise Denied("ended in this very moment")

    monkeypatch.setattr(checkins, "may_fill", refuse)
    return _send(token)


def _changed(world, token, monkeypatch):
    return _send(token + "x")


@pytest.mark.parametrize("case", [_expired, _ended, _refused, _changed])
def test_a_form_that_cannot_be_stored_keeps_what_was_typed_on_the_page_beside_open_help(
    world, monkeypatch, case
):
    world.tell(world.ana)
    _, token = checkins.ask(engagement=world.with_lind, day=days_ago(0), by=world.lind)
    page = case(world, token, monkeypatch)
    body = page.content.decode()
    assert page.status_code in (404, 410)
    assert not CheckIn.objects.exists()
    assert WORDS in body
    assert "It was not stored. It is on this page and nowhere else" in body
    assert "<details open>" in body
    known = case is not _changed
    assert ("Was there a moment of tension or hurt between us?</dt><dd>a lot" in body) == known
    assert known or "Question 6</dt><dd>2" in body


def test_a_problem_page_that_was_only_opened_speaks_of_nothing_typed(world):
    assert "What you had filled in" not in Client().get("/c/broken/").content.decode()


def test_what_was_typed_is_escaped_on_the_page(world):
    body = _send("broken", line_text="</textarea><script>", item_1="<b>").content.decode()
    assert "</textarea><script>" not in body
    assert "<b>" not in body


@pytest.mark.parametrize("state", ACCOUNTS)
def test_only_me_is_offered_and_taken_only_where_a_sign_in_could_open_the_line_again(world, state):
    world.tell(world.ana)
    _, token = checkins.ask(engagement=world.with_lind, day=days_ago(0), by=world.lind)
    ACCOUNTS[state](world)
    can_return = state == "confirmed"
    assert ('value="only_me"' in Client().get(f"/c/{token}/", follow=True).content.decode()) == can_return
    page = _send(token, line_for="only_me")
    assert page.status_code == (302 if can_return else 400)
    assert OwnLine.objects.exists() == can_return
    if not can_return:
        assert WORDS in page.content.decode()
        assert "Choose who may read your line, or delete it." in page.content.decode()


def test_nothing_is_preselected_and_a_line_without_a_reader_is_not_sent_but_kept_on_the_page(world):
    world.tell(world.ana)
    _, token = checkins.ask(engagement=world.with_lind, day=days_ago(0), by=world.lind)
    signed_in(world.ana)
    page = Client().get(f"/c/{token}/", follow=True).content.decode()
    assert " checked" not in page[page.index('id="own-line"') : page.index("<textarea")]
    refused = _send(token, line_for="")
    assert refused.status_code == 400
    assert WORDS in refused.content.decode()
    assert refused.context["form"]["item_1"].value() == "5"
    assert not CheckIn.objects.exists()
    assert _send(token, line_for="readers").status_code == 302
    assert LineSharing.objects.get().audience == "readers"


def test_a_single_reader_is_named_once(world):
    world.tell(world.ben)
    _, token = checkins.ask(engagement=world.with_okafor, day=days_ago(0), by=world.okafor)
    page = Client().get(f"/c/{token}/", follow=True).content.decode()
    assert 'name="line_for" value="clinician"' in page
    assert 'name="line_for" value="readers"' not in page


def test_the_first_word_by_a_link_counts_once_for_an_invited_client_too(world):
    _invite(world)
    consent_actions.choose(client=world.ana, choices={"noticing": False}, by=Link(world.ana))
    with pytest.raises(Denied):
        consent_actions.choose(client=world.ana, choices={"noticing": True}, by=Link(world.ana))
