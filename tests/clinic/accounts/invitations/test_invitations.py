"""Invitations: one use, seven days, nobody told more than they may know."""

from __future__ import annotations

from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from accord.clinic.accounts.invitations import actions as invitation_actions
from accord.clinic.models import Account, AuditEvent, Invitation, Membership, Person
from accord.clinic.models.actors import SYSTEM
from accord.clinic.policy import Denied
from accord.errors import InputError
from tests.support.world import PASSWORD, World, signed_in

pytestmark = pytest.mark.django_db
NEW = {"password1": "a-password-of-my-own", "password2": "a-password-of-my-own"}


@pytest.fixture(autouse=True)
def _no_limits_from_other_tests():
    cache.clear()


@pytest.fixture
def world() -> World:
    return World()


def invited(world: World, person: Person, **more) -> tuple[Invitation, str]:
    made = invitation_actions.invite(
        person=person, email=f"{person.pk.hex}@test.example", by=world.lead, **more
    )
    return made, f"/invitation/{invitation_actions.token_of(made)}/"


def sign_in(person: Person, password: str):
    person.refresh_from_db()
    return Client().post("/accounts/login/", {"login": person.account.email, "password": password})


def test_a_client_sets_a_password_with_the_link_and_is_in(world):
    _, link = invited(world, world.ana)
    browser = Client()
    assert browser.get(link, follow=True).status_code == 200
    assert browser.post(link, NEW)["Location"] == "/"
    assert browser.get("/forms/").status_code == 200
    assert sign_in(world.ana, NEW["password1"]).status_code == 302


def test_staff_are_led_to_their_second_step_and_open_nothing_before(world):
    _, link = invited(world, world.lind)
    browser = Client()
    browser.post(link, NEW)
    assert browser.get("/worklist/")["Location"] == "/accounts/factors/"
    assert browser.get("/accounts/factors/app/").status_code == 200, (
        "the password just set is not asked again"
    )


def test_until_it_is_used_the_account_opens_nothing(world):
    made, _ = invited(world, world.ana)
    account = Account.objects.get(person=made.person)
    assert account.confirmed_at is None
    account.set_password(PASSWORD)
    account.save()
    assert sign_in(world.ana, PASSWORD).status_code == 200
    browser = Client()
    browser.force_login(account)
    assert browser.get("/forms/")["Location"].startswith("/accounts/login/")


def test_a_link_works_once(world):
    _, link = invited(world, world.ana)
    Client().post(link, NEW)
    late = Client().post(link, {"password1": "another-long-one", "password2": "another-long-one"})
    assert late.status_code == 404
    assert sign_in(world.ana, "another-long-one").status_code == 200


def test_a_link_is_good_for_seven_days(world):
    now = timezone.now()
    made, _ = invited(world, world.ana, now=now - timedelta(days=7) + timedelta(minutes=1))
    assert invitation_actions.find(invitation_actions.token_of(made)) == made
    late, link = invited(world, world.ben, now=now - timedelta(days=7))
    with pytest.raises(invitation_actions.InvalidInvitation):
        invitation_actions.accept(invitation=late, password=NEW["password1"], by=late.person)
    assert Client().post(link, NEW).status_code == 404
    assert world.ben.invitations.get().state(now) is Invitation.State.EXPIRED


def test_used_withdrawn_run_out_changed_and_made_up_links_are_answered_alike(world):
    _, used = invited(world, world.ana)
    Client().post(used, NEW)
    _, withdrawn = invited(world, world.ben)
    invitation_actions.withdraw(person=world.ben, by=world.lead)
    _, late = invited(world, world.stranger, now=timezone.now() - timedelta(days=8))
    links = [used, withdrawn, late, used[:-3] + "xy/", "/invitation/made-up/"]
    for send in (lambda link: Client().get(link), lambda link: Client().post(link, NEW)):
        answers = [send(link) for link in links]
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.content for answer in answers}) == 1


def test_inviting_again_closes_the_earlier_link(world):
    _, first = invited(world, world.ana)
    _, second = invited(world, world.ana)
    assert Client().get(first).status_code == 404
    assert Client().get(second, follow=True).status_code == 200


def test_the_database_holds_one_open_invitation_for_a_person(world):
    made, _ = invited(world, world.ana)
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(
            organisation=made.organisation,
            person=made.person,
            made_at=made.made_at,
            expires_at=made.expires_at,
        )


@pytest.mark.parametrize("name", ["lind", "ito", "okafor", "supervisor", "stranger", "ana"])
def test_only_leads_and_administrators_invite_and_withdraw(world, name):
    person = getattr(world, name)
    with pytest.raises(Denied):
        invitation_actions.invite(person=world.ben, email="b@test.example", by=person)
    with pytest.raises(Denied):
        invitation_actions.withdraw(person=world.ben, by=person)
    browser = signed_in(person)
    for address in ("/invitations/", f"/people/{world.ben.pk}/invite/"):
        assert browser.get(address).status_code == 404
    assert browser.post(f"/people/{world.ben.pk}/invite/", {"email": "b@test.example"}).status_code == 404
    assert browser.post(f"/people/{world.ben.pk}/invite/withdraw/").status_code == 404
    assert not Invitation.objects.exists()


def test_an_administrator_invites(world):
    administrator = world.staff("Administrator")
    world.join(administrator, world.first, Membership.Role.ADMINISTRATOR)
    browser = signed_in(administrator)
    browser.post(f"/people/{world.lind.pk}/invite/", {"email": "lind@test.example"})
    page = browser.get(f"/people/{world.lind.pk}/invite/")
    made = Invitation.objects.get()
    assert f"/invitation/{invitation_actions.token_of(made)}/" in page.context["link"]
    assert "invited; the link works until" in browser.get("/invitations/").content.decode()
    browser.post(f"/people/{world.lind.pk}/invite/withdraw/")
    assert browser.get(f"/people/{world.lind.pk}/invite/").context["link"] is None


def test_people_of_another_organisation_cannot_be_invited_and_look_missing(world):
    other = World()
    with pytest.raises(Denied):
        invitation_actions.invite(person=other.ana, email="a@test.example", by=world.lead)
    assert signed_in(world.lead).get(f"/people/{other.ana.pk}/invite/").status_code == 404


def test_who_has_signed_in_is_invited_anew_by_the_site_alone(world):
    """A lead who could would hold the key to what is a clinician's or a client's alone."""
    _, link = invited(world, world.ana)
    Client().post(link, NEW)
    with pytest.raises(InputError, match="has signed in before"):
        invitation_actions.invite(person=world.ana, email="other@test.example", by=world.lead)
    page = signed_in(world.lead).post(f"/people/{world.ana.pk}/invite/", {"email": "other@test.example"})
    assert page.status_code == 400
    world.ana.refresh_from_db()
    assert world.ana.account.email != "other@test.example"


def test_the_site_lets_somebody_begin_anew_and_nothing_of_before_is_left(world, capsys):
    before = signed_in(world.lind)
    call_command("invite", person=world.lind.code, kind="staff")
    link = capsys.readouterr().out.split("http://localhost:8000")[-1].strip()
    assert before.get("/worklist/").status_code == 200, "until the link is used"
    browser = Client()
    browser.post(link, NEW)
    assert before.get("/worklist/").status_code == 302
    assert not Authenticator.objects.filter(user=world.lind.account).exists()
    assert browser.get("/worklist/")["Location"] == "/accounts/factors/"
    assert sign_in(world.lind, PASSWORD).status_code == 200, "the old password is none any more"


def test_the_command_says_what_is_wrong(world):
    with pytest.raises(CommandError, match="nobody with the code"):
        call_command("invite", person="nobody", kind="staff")
    with pytest.raises(CommandError, match="no e-mail"):
        call_command("invite", person=world.ana.code, kind="client")


def test_an_address_in_use_is_refused_and_nothing_is_half_done(world):
    signed_in(world.lind)
    world.lind.refresh_from_db()
    with pytest.raises(InputError, match="address already"):
        invitation_actions.invite(person=world.ana, email=world.lind.account.email.upper(), by=world.lead)
    world.ana.refresh_from_db()
    assert world.ana.account is None
    assert not Invitation.objects.exists()


def test_a_weak_password_is_refused_and_the_link_stays_open(world):
    made, link = invited(world, world.ana)
    weak = {"password1": "password1234", "password2": "password1234"}
    assert Client().post(link, weak).status_code == 400
    with pytest.raises(ValidationError):
        invitation_actions.accept(invitation=made, password="short", by=made.person)
    assert Client().get(link, follow=True).status_code == 200


def test_every_step_is_audited_with_names_of_fields_and_no_values(world):
    _, link = invited(world, world.ana)
    invitation_actions.withdraw(person=world.ana, by=world.lead)
    _, link = invited(world, world.ana)
    Client().post(link, NEW)
    events = AuditEvent.objects.filter(subject_type="Invitation").order_by("at")
    told = [(event.action, event.actor_id, event.client_id) for event in events]
    by_lead = [
        ("invitation.make", world.lead.pk, world.ana.pk),
        ("invitation.withdraw", world.lead.pk, world.ana.pk),
    ]
    assert told == [*by_lead, by_lead[0], ("invitation.accept", world.ana.pk, world.ana.pk)]
    assert "test.example" not in str([event.fields for event in events])


def test_an_invitation_opened_where_somebody_else_is_signed_in_ends_that_sign_in(world):
    _, link = invited(world, world.ana)
    browser = signed_in(world.lead)
    browser.post(link, NEW)
    assert browser.session["_auth_user_id"] == str(Account.objects.get(person=world.ana).pk)
    assert browser.get("/invitations/").status_code == 404


def test_made_by_the_site_it_names_nobody(world):
    made = invitation_actions.invite(person=world.ana, email="a@test.example", by=SYSTEM)
    assert made.made_by is None
