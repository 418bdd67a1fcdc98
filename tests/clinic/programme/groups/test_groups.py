"""Groups: somebody always answers for their members; a member is a relationship with the group."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from accord.clinic.facts.groups import members_of
from accord.clinic.models import Contact, ContactReport, Engagement, Group, GroupLeader, Person
from accord.clinic.monitoring import contacts
from accord.clinic.policy import (
    Action,
    Denied,
    Relation,
    can,
    current_engagements,
    readers,
    relations,
    visible_to,
)  # fmt: skip
from accord.clinic.programme.care import relationships as care_relationships
from accord.clinic.programme.groups import actions as group_actions
from accord.errors import InputError
from tests.support.world import World, days_ago, signed_in

pytestmark = pytest.mark.django_db


class InGroups(World):
    group: Group


@pytest.fixture
def world() -> InGroups:
    made = InGroups()
    made.group = group_actions.add(
        team=made.first, name="Skills", leader=made.ito, since=days_ago(90), by=made.lead
    )
    return made


def add(world, client, **more):
    return group_actions.add_member(
        **({"group": world.group, "client": client, "since": days_ago(9)} | more), by=world.lead
    )


def test_a_member_is_a_relationship_of_role_group_for_which_a_leader_answers(world):
    member = add(world, world.ben)
    assert (member.group, member.role, member.clinician) == (world.group, "group", world.ito)
    assert list(members_of(world.group, days_ago(0))) == [member]


def test_nobody_is_in_the_same_group_twice_at_a_time_but_may_come_back(world):
    member = add(world, world.ben)
    with pytest.raises(InputError, match="already"):
        add(world, world.ben, since=days_ago(0))
    care_relationships.end(engagement=member, until=days_ago(5), why="step_down", by=world.lead)
    assert add(world, world.ben, since=days_ago(4)).pk != member.pk


def test_a_leader_who_stops_passes_on_the_members_they_answered_for(world):
    member = add(world, world.ben)
    group_actions.add_leader(group=world.group, person=world.lind, since=days_ago(5), by=world.lead)
    first = GroupLeader.objects.get(person=world.ito)
    group_actions.end_leader(leader=first, until=days_ago(0), by=world.lead)
    (now,) = members_of(world.group, days_ago(0)).filter(until__isnull=True)
    assert (now.took_over_from, now.clinician, now.group) == (member, world.lind, world.group)


def test_the_last_leader_of_a_group_with_members_cannot_stop(world):
    add(world, world.ben)
    with pytest.raises(InputError, match="Add another leader"):
        group_actions.end_leader(leader=GroupLeader.objects.get(), until=days_ago(0), by=world.lead)
    assert GroupLeader.objects.get().until is None


def test_a_group_without_a_leader_takes_nobody_in(world):
    group_actions.end_leader(leader=GroupLeader.objects.get(), until=days_ago(1), by=world.lead)
    with pytest.raises(InputError, match="Nobody leads"):
        add(world, world.ben)


def test_a_name_belongs_to_one_group_and_a_leader_leads_once_at_a_time(world):
    with pytest.raises(InputError):
        group_actions.add(
            team=world.second, name=" Skills ", leader=world.ito, since=days_ago(1), by=world.lead
        )
    with pytest.raises(InputError):
        group_actions.add_leader(group=world.group, person=world.ito, since=days_ago(1), by=world.lead)
    with pytest.raises(InputError):
        group_actions.add_leader(group=world.group, person=world.ana, since=days_ago(1), by=world.lead)
    assert (Group.objects.count(), GroupLeader.objects.count()) == (1, 1)


def test_the_database_refuses_a_therapy_that_belongs_to_a_group(world):
    with pytest.raises(IntegrityError), transaction.atomic():
        Engagement.objects.filter(pk=world.with_lind.pk).update(group=world.group)


@pytest.mark.parametrize("name", ["ito", "supervisor", "stranger", "ana"])
def test_nobody_but_those_who_administer_makes_groups(world, name):
    by = getattr(world, name)
    with pytest.raises(Denied):
        group_actions.add(team=world.first, name="Other", leader=world.ito, since=days_ago(1), by=by)
    with pytest.raises(Denied):
        group_actions.add_member(group=world.group, client=world.ben, since=days_ago(1), by=by)
    with pytest.raises(Denied):
        group_actions.add_leader(group=world.group, person=world.lind, since=days_ago(1), by=by)


def test_every_leader_of_a_group_sees_its_members_and_is_named_before_each_form(world):
    member = add(world, world.ben)
    assert member not in visible_to(world.lind)
    group_actions.add_leader(group=world.group, person=world.lind, since=days_ago(5), by=world.lead)
    assert relations(world.lind, member) == {Relation.ENGAGED}
    assert member in visible_to(world.lind)
    assert [person for person, _ in readers(member)][:2] == [world.ito, world.lind]
    assert world.lind in [person for person, _ in readers(world.with_okafor)]
    leader = GroupLeader.objects.get(person=world.lind)
    group_actions.end_leader(leader=leader, until=days_ago(1), by=world.lead)
    assert member not in visible_to(world.lind)
    assert world.lind not in [person for person, _ in readers(member)]


def test_a_co_leader_is_named_before_each_form_also_once_the_named_clinician_has_no_role_any_more(world):
    add(world, world.ben)
    group_actions.add_leader(group=world.group, person=world.lind, since=days_ago(5), by=world.lead)
    world.ito.memberships.update(until=days_ago(1))
    result = [person for person, _ in readers(world.with_okafor)]
    assert (world.lind in result, world.ito in result) == (True, False)
    assert can(world.lind, Action.SEE_CLIENT, world.with_okafor)
    assert not can(world.ito, Action.SEE_CLIENT, world.with_okafor)


def test_who_is_named_before_a_form_is_exactly_who_may_read_it(world):
    add(world, world.ben)
    group_actions.add_leader(group=world.group, person=world.lind, since=days_ago(5), by=world.lead)
    peer = world.staff("Peer")
    world.join(peer, world.first, "peer")
    world.engage(world.ana, peer, world.first, Engagement.Role.PEER)
    staff = list(Person.objects.filter(organisation=world.organisation, kind="staff"))
    for engagement in current_engagements():
        may = {member for member in staff if can(member, Action.SEE_CLIENT, engagement)}
        assert {person for person, _ in readers(engagement)} == may, engagement.client


def met(world, message, *, day=0, meeting=None, by=None):
    return contacts.log_meeting(
        meeting_id=meeting or uuid4(),
        day=days_ago(day),
        reported={
            member: contacts.ReportedContact(attendance, "group") for member, attendance in message.items()
        },
        by=by or world.ito,
    )


def test_a_meeting_is_a_contact_for_each_member_with_what_was_told_of_them(world):
    first, second = add(world, world.ana), add(world, world.ben)
    met(world, {first: "attended", second: "missed_client"})
    result = {
        report.contact.engagement: (report.attendance, report.kind) for report in ContactReport.objects.all()
    }
    assert result == {first: ("attended", "group"), second: ("missed_client", "group")}


def test_the_same_meeting_sent_twice_is_kept_once(world):
    member, meeting = add(world, world.ben), uuid4()
    for _ in range(2):
        met(world, {member: "attended"}, meeting=meeting)
    assert (Contact.objects.count(), ContactReport.objects.count()) == (1, 1)


def test_a_meeting_that_one_member_cannot_have_had_is_logged_for_nobody(world):
    first, second = add(world, world.ana), add(world, world.ben)
    contacts.record(engagement=second, day=days_ago(0), by=world.ito)
    with pytest.raises(InputError, match="that day or a later"):
        met(world, {first: "attended", second: "attended"}, day=3)
    assert not ContactReport.objects.exists()
    with pytest.raises(InputError, match="today or an earlier"):
        met(world, {first: "attended"}, day=-1)
    with pytest.raises(Denied):
        met(world, {first: "attended"}, by=world.okafor)
    assert not ContactReport.objects.exists()


def test_a_leader_logs_the_meeting_on_one_page_for_those_in_the_group_today(world):
    member = add(world, world.ben)
    gone = add(world, world.ana)
    Engagement.objects.filter(pk=gone.pk).update(until=days_ago(1))
    browser, address = signed_in(world.ito), f"/groups/{world.group.pk}/meeting/"
    page = browser.get(address)
    assert list(page.context["form"].members.values()) == [member]
    sent = {"meeting_id": str(uuid4()), "day": str(days_ago(0)), f"to_{member.pk.hex}": "late"}
    assert browser.post(address, {**sent, "day": "2999-01-01"}).status_code == 400
    assert browser.post(address, sent).status_code == 302
    assert ContactReport.objects.get().attendance == "late"
    assert "The group met" in browser.get(f"/clients/{world.ben.pk}/").content.decode()
