"""Links that were taken back open nothing; what was answered stays, and a later link works."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accord.clinic.client.checkins import actions as checkins
from accord.clinic.client.own_record.opened import who_opened
from accord.clinic.facts import links
from accord.clinic.models import CheckIn, LinkWithdrawal
from accord.clinic.policy import Denied
from tests.support.world import World, days_ago, signed_in

pytestmark = pytest.mark.django_db
LINE = "What I typed before it was taken back."


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def asked(world):
    """The contact that was asked about, and the token of the link."""
    return checkins.ask(engagement=world.with_lind, day=days_ago(0), by=world.lind)


def _opened(token: str):
    return signed_in(None).get(f"/c/{token}/", follow=True)


def test_a_link_that_was_taken_back_says_so_with_help_and_opens_nothing(world, asked):
    contact, token = asked
    assert _opened(token).status_code == 200
    assert signed_in(world.lind).post(f"/contacts/{contact.pk}/links/withdraw/").status_code == 302
    answer = _opened(token)
    assert answer.status_code == 410
    page = answer.content.decode()
    assert "This link was taken back" in page
    assert "ask for a new link" in page


def test_what_is_sent_by_it_is_not_stored_and_stays_on_the_page(world, asked):
    contact, token = asked
    checkins.withdraw_links(contact=contact, by=world.lind)
    sent = {
        "checkin_id": "11111111-1111-4111-8111-111111111111",
        "item_1": 3,
        "line_text": LINE,
        "line_for": "readers",
    }
    answer = signed_in(None).post(f"/c/{token}/", sent)
    assert answer.status_code == 410
    assert LINE in answer.content.decode()
    assert not CheckIn.objects.exists()


def test_a_link_that_is_made_afterwards_works_and_so_do_those_about_other_contacts(world, asked, monkeypatch):
    contact, _token = asked
    _other, other_token = checkins.ask(engagement=world.with_okafor, day=days_ago(0), by=world.okafor)
    checkins.withdraw_links(contact=contact, by=world.lind)
    assert _opened(other_token).status_code == 200
    later = timezone.now().timestamp() + 2
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    again, token = checkins.ask(engagement=world.with_lind, day=days_ago(0), by=world.lind)
    assert again == contact
    assert _opened(token).status_code == 200


def test_a_link_of_the_same_second_is_taken_back_too(asked):
    contact, token = asked
    made_at = links.read_token(token).made_at
    LinkWithdrawal.objects.create(
        organisation_id=contact.organisation_id, contact=contact, by=contact.engagement.clinician, at=made_at
    )
    with pytest.raises(links.LinkProblem, match="withdrawn"):
        links.refuse_withdrawn(links.read_token(token))


def test_a_withdrawal_before_the_link_was_made_takes_nothing_back(asked):
    contact, token = asked
    earlier = links.read_token(token).made_at - timedelta(seconds=1)
    LinkWithdrawal.objects.create(
        organisation_id=contact.organisation_id, contact=contact, by=contact.engagement.clinician, at=earlier
    )
    links.refuse_withdrawn(links.read_token(token))


def test_only_those_who_may_ask_take_links_back(world, asked):
    contact, token = asked
    for person in (world.ito, world.okafor, world.supervisor, world.lead, world.ana):
        with pytest.raises(Denied):
            checkins.withdraw_links(contact=contact, by=person)
        assert signed_in(person).post(f"/contacts/{contact.pk}/links/withdraw/").status_code == 404
    assert _opened(token).status_code == 200


def test_the_client_reads_that_links_were_taken_back(world, asked):
    checkins.withdraw_links(contact=asked[0], by=world.lind)
    (day,) = who_opened(world.ana).days
    assert any("took back links to a form" in opening.what for opening in day.openings)


def test_a_planted_view_that_does_not_ask_would_be_seen(world, asked, monkeypatch):
    contact, token = asked
    checkins.withdraw_links(contact=contact, by=world.lind)
    monkeypatch.setattr(links, "refuse_withdrawn", lambda invitation: None)
    assert _opened(token).status_code == 200
