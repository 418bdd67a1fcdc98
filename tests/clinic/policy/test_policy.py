"""The policy table: who reads what, by role and by relation, and that no noun is outside it."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model

from accord.clinic.models import Account, Engagement, Membership, Person
from accord.clinic.models.record_path import RecordPath
from accord.clinic.policy import (
    Action,
    Relation,
    can,
    clients_visible_to,
    readers,
    relations,
    rows_visible_to,
    visible_to,
)
from accord.clinic.policy.record_path import record_path_of
from accord.clinic.policy.table import GRANTED_BY_ROLE, NO_RELATION, TABLE, WORDS
from tests.support.world import World, days_ago

MODELS = list(apps.get_app_config("clinic").get_models())
R = Relation
EMERGENCY = {Action.BREAK_GLASS, Action.REVIEW_BREAK_GLASS}  # asking opens nothing by itself
READING = {
    R.BREAK_GLASS,
    R.OWN,
    R.DISCHARGED,
    R.AUTHOR,
    R.SHARED_WITH,
    R.ENGAGED,
    R.PEER,
    R.SHARES,
    R.SUPERVISES,
}
Role = Membership.Role
WITHOUT_CLIENTS = (Role.LEAD, Role.RESEARCHER, Role.ADMINISTRATOR, Role.AUDITOR)
# may be done by these roles
NO_CLIENT_IN_IT = {
    Action.IMPORT, Action.UNDO_IMPORT, Action.SET_LINE, Action.INVITE, Action.ADMINISTER, Action.SEE_OVERVIEW,
    Action.TAKE_OUT, Action.SEE_ESTIMATES_REPORT, Action.DEFINE_LEAVING, Action.KEEP_DUTY,
    Action.CLOSE_SIGN_IN, Action.CLOSE_CLIENT_SIGN_IN, Action.READ_AUDIT,
}  # fmt: skip


@pytest.fixture
def world(db) -> World:
    return World()


def _as(world: World, role: str, team=None, name: str = "") -> Person:
    person = world.staff(name or str(role))
    world.join(person, team or world.first, role)
    return person


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_model_says_itself_where_its_rows_belong(model):
    assert isinstance(record_path_of(model), RecordPath)


def test_a_model_without_a_declaration_of_its_own_is_refused():
    class Declares:
        record_path = RecordPath()

    class Inherits(Declares):
        pass

    without: list[Any] = [Model, Inherits]
    for model in without:
        with pytest.raises(LookupError, match=rf"record_path on {model.__name__}"):
            record_path_of(model)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_the_ways_of_a_model_end_where_they_say(model):
    path = record_path_of(model)
    assert not (path.engagement and path.client)
    for way, end in ((path.engagement, Engagement), (path.client, Person), (path.author, Person)):
        reached = model
        for step in way.split("__") if way else ():
            reached = reached if step == "pk" else reached._meta.get_field(step).related_model
        assert not way or reached is end, (model, way)


def test_every_role_relation_and_action_is_in_the_tables():
    assert set(GRANTED_BY_ROLE) == set(Membership.Role)
    assert set(TABLE) == set(Action)
    assert set(WORDS) == set(Relation)


def test_only_those_who_treat_supervise_or_are_meant_themselves_reach_anything_about_a_client():
    for action, allowed in TABLE.items():
        if action not in NO_CLIENT_IN_IT | EMERGENCY:
            assert allowed <= READING, action
    for role in WITHOUT_CLIENTS:
        assert not GRANTED_BY_ROLE[role] & READING, role


def test_no_role_exists_for_payers_appraisal_or_rooms():
    assert set(Membership.Role.values) == {
        "therapist", "skills", "psychiatrist", "milieu", "peer", "supervisor", "lead", "researcher",
        "administrator", "auditor",
    }  # fmt: skip


def test_a_colleague_who_does_not_treat_the_client_has_no_action_open():
    for action, allowed in TABLE.items():
        assert not allowed & NO_RELATION or action is Action.BREAK_GLASS, action


@pytest.mark.parametrize("role", Membership.Role.values)
def test_a_role_alone_without_a_relationship_sees_no_client(world, role):
    person = _as(world, role, world.second)
    if role == Membership.Role.SUPERVISOR:
        person.memberships.update(team=world.first)
        assert set(clients_visible_to(person)) == {world.ana}
    else:
        assert not visible_to(person).exists()
        asked = set(Action) - NO_CLIENT_IN_IT - EMERGENCY
        assert not any(can(person, action, world.ana) for action in asked)


@pytest.mark.parametrize("role", WITHOUT_CLIENTS)
def test_a_relationship_by_mistake_opens_nothing_to_a_role_that_treats_nobody(world, role):
    person = _as(world, role)
    mistaken = world.engage(world.ana, person, world.first)
    assert not visible_to(person).exists()
    assert not relations(person, mistaken) & READING


def test_a_peer_worker_sees_the_own_relationship_and_nothing_of_the_others(world):
    peer = _as(world, Membership.Role.PEER)
    own = world.engage(world.ana, peer, world.first, Engagement.Role.PEER)
    assert set(visible_to(peer)) == {own}
    assert relations(peer, own) == {R.PEER}
    assert relations(peer, world.with_lind) == frozenset()
    assert peer not in [person for person, _ in readers(world.with_lind)]


def test_a_therapist_who_is_a_peer_worker_to_somebody_is_only_that_to_them(world):
    own = world.engage(world.ben, world.lind, world.second, Engagement.Role.PEER)
    assert relations(world.lind, own) == {R.PEER}
    assert R.SHARES not in relations(world.lind, world.with_okafor)
    assert not visible_to(world.lind).filter(pk=world.with_okafor.pk).exists()


def test_a_milieu_worker_sees_the_clients_they_are_engaged_with(world):
    milieu = _as(world, Membership.Role.MILIEU)
    assert relations(milieu, world.ana) == {R.SAME_TEAM}
    world.engage(world.ana, milieu, world.first, Engagement.Role.MILIEU)
    assert set(clients_visible_to(milieu)) == {world.ana}


def test_each_distance_has_its_name(world):
    assert relations(world.stranger, world.with_lind) == {R.SAME_TEAM}
    assert relations(world.okafor, world.with_lind) == {R.OTHER_TEAM}
    assert relations(world.lead, world.with_lind) == {R.LEAD}
    assert relations(world.ito, world.with_lind) == {R.SHARES}
    assert relations(world.ito, world.ana) == {R.ENGAGED, R.SHARES}
    assert relations(world.supervisor, world.with_lind) == {R.SUPERVISES, R.SUPERVISOR}
    assert relations(World().lind, world.with_lind) == frozenset()
    Engagement.objects.filter(pk=world.with_ito.pk).update(until=days_ago(1))
    assert relations(world.ito, world.ana) == {R.SAME_TEAM, R.FORMER}


def test_whoever_has_left_every_team_sees_nothing_although_a_relationship_still_stands(world):
    world.lind.memberships.update(until=days_ago(1))
    assert relations(world.lind, world.with_lind) == frozenset()
    assert not visible_to(world.lind).exists()


def test_an_account_that_is_closed_or_not_confirmed_opens_nothing(world):
    for person in (world.lind, world.ana):
        person.account = Account.objects.create_user(
            organisation=world.organisation, email=f"{person.code}@test.example", password="x"
        )
        person.account.is_active = False
        assert relations(person, world.with_lind) == frozenset()
        assert not visible_to(person).exists()


def test_after_discharge_a_client_keeps_the_own_page_and_gets_no_new_form(world):
    Engagement.objects.filter(client=world.ana).update(until=days_ago(1))
    assert relations(world.ana, world.ana) == {R.DISCHARGED}
    assert can(world.ana, Action.SEE_OWN_FORMS, world.ana)
    assert not can(world.ana, Action.FILL_OWN_FORM, world.with_lind)
    assert relations(world.ben, world.ben) == {R.OWN}


def test_a_client_before_the_first_relationship_is_not_discharged(world):
    assert relations(world.client_person("new"), world.ana) == frozenset()
    new = world.client_person("newer")
    assert relations(new, new) == {R.OWN}


def test_the_table_and_the_queries_agree_for_every_relation_and_action(world, monkeypatch):
    from accord.clinic.policy import table

    people = [world.lind, world.ito, world.okafor, world.supervisor, world.lead, world.stranger, world.ana]
    people += [_as(world, role) for role in (Membership.Role.PEER, Membership.Role.RESEARCHER)]
    world.engage(world.ana, people[-2], world.first, Engagement.Role.PEER)
    world.engage(world.ben, world.ito, world.second)
    Engagement.objects.filter(pk=world.with_ito.pk).update(until=days_ago(3))
    for relation in set(Relation) - {R.OWN, R.DISCHARGED, R.AUTHOR, *NO_ENGAGEMENT}:
        monkeypatch.setattr(table, "TABLE", {**TABLE, Action.SEE_CLIENT: frozenset({relation})})
        for person in people:
            seen = set(visible_to(person))
            for engagement in Engagement.objects.all():
                assert (engagement in seen) == can(person, Action.SEE_CLIENT, engagement), (
                    relation,
                    person.name,
                    engagement,
                )


NO_ENGAGEMENT = {R.LEAD, R.ADMINISTRATOR, R.RESEARCHER, R.SUPERVISOR, R.AUDITOR}


def test_the_rows_of_a_noun_are_those_of_the_relationships_seen(world):
    assert set(rows_visible_to(world.lind, Engagement)) == {world.with_lind, world.with_ito}
    assert set(rows_visible_to(world.lind, Engagement, Action.RESPOND)) == {world.with_lind}
    assert set(rows_visible_to(world.lind, Person)) == {world.ana}
    assert not rows_visible_to(world.lind, Membership).exists()
