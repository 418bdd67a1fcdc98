"""Sight begins and ends with a relationship, and queries and the table agree."""

from __future__ import annotations

from uuid import uuid4

import pytest

from accord.clinic.client.checkins import actions as checkins
from accord.clinic.models import AuditEvent, CheckIn, Contact, Flag, Response
from accord.clinic.monitoring import flags
from accord.clinic.policy import TABLE, Action, Denied, Relation, can, visible_to
from tests.support.world import HURT, STEADY, World, days_ago, fill, signed_in

pytestmark = pytest.mark.django_db
PEOPLE = ("ana", "ben", "lind", "ito", "okafor", "supervisor", "lead", "stranger", None)
YES, NO, AWAY = 200, 404, 302  # shown; as if it did not exist; sent on after doing it


@pytest.fixture
def world() -> World:
    made = World()
    fill(made.with_lind, HURT)
    fill(made.with_okafor, HURT)
    made.flag = Flag.objects.get(engagement=made.with_lind, kind=Flag.Kind.SAID)
    return made


def _person(world: World, name: str | None):
    return getattr(world, name) if name else None


def test_reading_a_clients_page_is_audited_and_a_refusal_is_not_called_a_reading(world):
    signed_in(world.ito).get(f"/clients/{world.ana.pk}/")
    signed_in(world.stranger).get(f"/clients/{world.ana.pk}/")
    event = AuditEvent.objects.get(action="client.read")
    assert (event.actor_id, event.client_id, event.fields) == (world.ito.pk, world.ana.pk, [])


def test_a_clinician_loses_sight_of_a_client_when_the_relationship_ends(world):
    assert signed_in(world.lind).get(f"/clients/{world.ana.pk}/").status_code == YES
    world.with_lind.until = days_ago(1)
    world.with_lind.save()
    assert signed_in(world.lind).get(f"/clients/{world.ana.pk}/").status_code == NO
    assert signed_in(world.ito).get(f"/clients/{world.ana.pk}/").status_code == YES


def test_a_supervisor_reads_and_changes_nothing(world):
    with pytest.raises(Denied):
        flags.respond(flag=world.flag, done="planned", by=world.supervisor)
    with pytest.raises(Denied):
        checkins.ask(engagement=world.with_lind, day=days_ago(0), by=world.supervisor)
    page = signed_in(world.supervisor).get(f"/clients/{world.ana.pk}/")
    assert not page.context["page"].can_respond
    assert f"/flags/{world.flag.pk}/respond/" not in page.content.decode()


def test_a_supervisor_sees_only_the_relationships_of_own_teams(world):
    elsewhere = world.engage(world.ana, world.okafor, world.second)
    fill(elsewhere, STEADY)
    seen = set(visible_to(world.supervisor))
    assert seen == {world.with_lind, world.with_ito}
    assert set(visible_to(world.okafor)) == {world.with_okafor, elsewhere, world.with_lind, world.with_ito}


def test_people_of_another_organisation_see_nothing_of_this_one(world):
    other = World()
    for person in (other.lind, other.supervisor, other.lead, other.ana):
        assert not visible_to(person).filter(organisation=world.organisation).exists()
        assert not any(can(person, action, world.ana) for action in Action)
        assert not any(can(person, action, world.with_lind) for action in Action)
        assert not any(can(person, action, world.organisation) for action in Action)


def test_visible_to_and_the_table_agree_for_everybody(world):
    world.engage(world.ana, world.okafor, world.second)
    for name in PEOPLE[:-1]:
        person = _person(world, name)
        seen = set(visible_to(person))
        for engagement in (world.with_lind, world.with_ito, world.with_okafor):
            assert (engagement in seen) == can(person, Action.SEE_CLIENT, engagement), (name, engagement)


def test_an_account_without_a_person_opens_nothing(world):
    from accord.clinic.models import Account

    browser = signed_in(None)
    account = Account.objects.create_user(
        organisation=world.organisation, email="nobody@test.example", password="a-long-password"
    )
    browser.force_login(account)
    for path in ("/", "/worklist/", "/forms/", "/imports/"):
        assert browser.get(path).status_code == NO, path


def test_the_table_decides_every_action_and_denies_by_default():
    assert set(TABLE) == set(Action)
    clinical = {Action.SEE_CLIENT, Action.SEE_WORKLIST, Action.RESPOND, Action.ASK_CHECKIN, Action.RATE_OWN}
    for action in clinical:
        assert not TABLE[action] & {Relation.LEAD, Relation.OWN}, action
    for action in Action:
        read_by_all = (Action.SEE_CLIENT, Action.SEE_WORKLIST, Action.READ_LINE_TO_READERS, Action.SEE_EVENTS)
        if action not in read_by_all:
            assert Relation.SUPERVISES not in TABLE[action], f"{action}: reviewed, so in read_by_all?"
            assert Relation.SHARES not in TABLE[action] or action is Action.SEE_ESTIMATE, action


def test_a_form_about_another_relationship_cannot_be_saved_here(world):
    second = world.engage(world.ben, world.lind, world.second)
    browser = signed_in(world.lind)
    about = browser.get(f"/engagements/{second.pk}/own/").context["form"]["about"].value()
    sent = {"checkin_id": str(uuid4()), "about": about, "item_1": "5"}
    assert browser.post(f"/engagements/{world.with_lind.pk}/own/", sent).status_code == NO
    assert browser.post(f"/engagements/{second.pk}/own/", sent).status_code == AWAY
    assert browser.post(f"/engagements/{second.pk}/own/", sent).status_code == AWAY
    assert CheckIn.objects.filter(rater="clinician").count() == 1
    assert Contact.objects.filter(engagement=second).count() == 1


def test_the_table_alone_decides_so_that_a_hole_planted_in_it_lets_a_supervisor_respond(world, monkeypatch):
    from accord.clinic.policy import table

    monkeypatch.setattr(table, "TABLE", dict.fromkeys(Action, frozenset(Relation)))
    flags.respond(flag=world.flag, done="planned", by=world.supervisor)
    assert Response.objects.exists()
