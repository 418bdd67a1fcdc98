"""Closing a sign-in at once: one's own, a colleague's, and with a second person a client's."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accord.clinic.accounts.closing import actions
from accord.clinic.accounts.invitations import actions as invitations
from accord.clinic.client.own_record.opened import who_opened
from accord.clinic.models import (
    Account,
    AuditEvent,
    ClosingRequest,
    Engagement,
    Invitation,
    SealedText,
)
from accord.clinic.models.actors import SYSTEM
from accord.clinic.policy import Denied
from accord.errors import InputError
from tests.support.world import World, signed_in, signed_in_again

pytestmark = pytest.mark.django_db
REASON = "Your partner has the password, as you told me on the telephone today."
SIGN_IN = "/accounts/login/"


@pytest.fixture
def world() -> World:
    return World()


def _is_out(browser) -> bool:
    return browser.get("/", follow=True).request["PATH_INFO"] == SIGN_IN


# Staff


def test_a_colleague_is_out_everywhere_with_the_next_request_and_keeps_their_clients(world):
    browsers = [signed_in(world.lind) for _ in range(2)]
    assert not any(map(_is_out, browsers))
    keeper = signed_in_again(world.lead)
    assert keeper.post(f"/people/{world.lind.pk}/close-sign-in/").status_code == 302
    for browser in browsers:
        assert browser.get(f"/clients/{world.ana.pk}/")["Location"].startswith(SIGN_IN)
    account = Account.objects.get(pk=world.lind.account.pk)
    assert (account.is_active, account.has_usable_password()) == (False, False)
    assert Engagement.objects.get(pk=world.with_lind.pk).until is None
    assert AuditEvent.objects.get(action="account.stop").actor_id == world.lead.pk


def test_what_was_half_written_by_the_colleague_is_not_stored(world):
    browser = signed_in(world.lind)
    address = f"/clients/{world.ana.pk}/absences/"
    actions.close_staff(person=world.lind, by=world.lead)
    answer = browser.post(address, {"first_day": "2030-01-01", "last_day": "2030-01-02"})
    assert answer["Location"].startswith(SIGN_IN)


def test_a_planted_closing_that_forgets_open_sign_ins_would_be_seen(world, monkeypatch):
    from accord.clinic.accounts import sign_in_events

    browser = signed_in(world.lind)
    monkeypatch.setattr(sign_in_events, "_end_all", lambda *_: None)
    monkeypatch.setattr(Account, "save", lambda *_, **__: None)
    actions.close_staff(person=world.lind, by=world.lead)
    assert not _is_out(browser)


def test_the_password_is_asked_again_before_a_sign_in_is_closed(world):
    signed_in(world.lind)
    answer = signed_in(world.lead).post(f"/people/{world.lind.pk}/close-sign-in/")
    assert answer["Location"].startswith("/accounts/again/")
    assert Account.objects.get(pk=world.lind.account.pk).is_active


def test_an_invitation_that_waits_does_not_open_the_account_again(world):
    signed_in(world.lind)
    link = invitations.invite(person=world.lind, email="lind@test.example", by=SYSTEM)
    actions.close_staff(person=world.lind, by=world.lead)
    assert Invitation.objects.get(pk=link.pk).withdrawn_at is not None
    assert signed_in(None).get(f"/invitation/{invitations.token_of(link)}/").status_code == 404


def test_only_keepers_of_the_same_programme_close_a_colleagues_sign_in(world):
    signed_in(world.lind)
    for person in (world.ito, world.supervisor, world.ana, World().lead):
        with pytest.raises(Denied):
            actions.close_staff(person=world.lind, by=person)
    assert Account.objects.get(pk=world.lind.account.pk).is_active


def test_a_sign_in_that_is_closed_already_is_named(world):
    with pytest.raises(InputError, match="no open sign-in"):
        actions.close_staff(person=world.lind, by=world.lead)


# One's own


@pytest.mark.parametrize("name", ["lind", "ana"])
def test_everybody_closes_their_own_without_asking_anybody(world, name):
    person = getattr(world, name)
    other, browser = signed_in(person), signed_in_again(person)
    assert browser.get("/accounts/close/").status_code == 200
    assert browser.post("/accounts/close/")["Location"] == SIGN_IN
    assert _is_out(other)
    assert not Account.objects.get(pk=person.account.pk).is_active


def test_the_last_who_keeps_the_programme_stays_and_reads_why(world):
    browser = signed_in_again(world.lead)
    answer = browser.post("/accounts/close/", follow=True)
    assert "Nobody else keeps this programme" in answer.content.decode()
    assert Account.objects.get(pk=world.lead.account.pk).is_active


# A client's


@pytest.fixture
def asked(world) -> ClosingRequest:
    signed_in(world.ana)
    return actions.ask_to_close(client=world.ana, reason=REASON, by=world.lind)


def test_a_client_stays_signed_in_until_a_second_person_confirms(world, asked):
    browser = signed_in(world.ana)
    assert not _is_out(browser)
    with pytest.raises(Denied):
        actions.confirm(request=asked, by=world.lind)
    assert not _is_out(browser)
    actions.confirm(request=asked, by=world.ito)
    assert _is_out(browser)


def test_nobody_closes_a_clients_sign_in_alone_by_any_address(world, asked):
    signed_in(world.ana)
    for person in (world.lind, world.lead):
        signed_in_again(person).post(f"/people/{world.ana.pk}/close-sign-in/")
    signed_in_again(world.lind).post(f"/closing/{asked.pk}/confirm/")
    assert Account.objects.get(pk=world.ana.account.pk).is_active


def test_a_planted_request_confirmed_by_who_made_it_is_refused_by_the_database(world, asked):
    with pytest.raises(IntegrityError), transaction.atomic():
        ClosingRequest.objects.filter(pk=asked.pk).update(
            confirmed_by=world.lind, confirmed_at=timezone.now()
        )


def test_the_second_person_reads_the_reason_which_is_kept_sealed(world, asked):
    page = signed_in_again(world.lead)
    assert "Sign-ins (1 new)" in " ".join(page.get("/invitations/").content.decode().split())
    assert REASON in page.get(f"/clients/{world.ana.pk}/sign-in/").content.decode()
    assert REASON not in SealedText.objects.get(row=asked.pk).stored
    assert page.post(f"/closing/{asked.pk}/confirm/").status_code == 302
    assert not Account.objects.get(pk=world.ana.account.pk).is_active


def test_what_is_withdrawn_closes_nothing_and_is_not_confirmed_afterwards(world, asked):
    actions.withdraw(request=asked, by=world.ito)
    with pytest.raises(InputError, match="decided meanwhile"):
        actions.confirm(request=asked, by=world.lead)
    assert Account.objects.get(pk=world.ana.account.pk).is_active
    actions.ask_to_close(client=world.ana, reason=REASON, by=world.ito)


def test_a_request_says_why_and_there_is_one_at_a_time(world, asked):
    with pytest.raises(InputError, match="asked for this already"):
        actions.ask_to_close(client=world.ana, reason=REASON, by=world.lead)
    signed_in(world.ben)
    with pytest.raises(InputError, match="Write a reason"):
        actions.ask_to_close(client=world.ben, reason="because", by=world.lead)


def test_only_those_who_treat_the_client_or_keep_the_programme_ask_or_confirm(world, asked):
    for person in (world.okafor, world.stranger, world.supervisor, world.ana, World().lead):
        with pytest.raises(Denied):
            actions.ask_to_close(client=world.ana, reason=REASON, by=person)
        with pytest.raises(Denied):
            actions.confirm(request=asked, by=person)


def test_the_client_finds_it_in_their_record_and_their_links_go_on(world, asked):
    from accord.clinic.facts import links
    from tests.support.world import STEADY, fill

    contact = fill(world.with_lind, STEADY).contact
    actions.confirm(request=asked, by=world.ito)
    (day,) = who_opened(world.ana).days
    said = {one.name: one.what for one in day.openings}
    assert "closed your sign-in" in said[world.ito.name]
    assert "asked that your sign-in be closed" in said[world.lind.name]
    token = links.make_token(contact, "session-checkin")
    assert signed_in(None).get(f"/c/{token}/", follow=True).status_code == 200
