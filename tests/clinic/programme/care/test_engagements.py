"""Relationships end once, with a reason, and the one that takes over names the one before."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction

from accord.clinic.models import AuditEvent, Engagement, Group
from accord.clinic.policy import Denied, visible_to
from accord.clinic.programme.care import relationships as care_relationships
from accord.clinic.programme.groups import actions as group_actions
from accord.clinic.programme.people import actions as people_actions
from accord.errors import InputError
from tests.support.world import World, days_ago

pytestmark = pytest.mark.django_db
WHY = Engagement.WhyEnded


@pytest.fixture
def world() -> World:
    return World()


def test_a_relationship_ends_with_its_last_day_and_its_reason_and_the_audit_names_fields_only(world):
    care_relationships.end(engagement=world.with_lind, until=days_ago(1), why=WHY.CLIENTS_WISH, by=world.lead)
    world.with_lind.refresh_from_db()
    assert (world.with_lind.until, world.with_lind.why_ended) == (days_ago(1), "clients_wish")
    event = AuditEvent.objects.get(action="engagement.end")
    assert (event.actor_id, event.client_id) == (world.lead.pk, world.ana.pk)
    assert event.fields == ["until", "why_ended"]


def test_a_relationship_that_has_ended_is_not_ended_again(world):
    care_relationships.end(engagement=world.with_lind, until=days_ago(9), why=WHY.STEP_DOWN, by=world.lead)
    with pytest.raises(InputError, match="already ended"):
        care_relationships.end(
            engagement=world.with_lind, until=days_ago(0), why=WHY.STEP_DOWN, by=world.lead
        )


def test_a_last_day_before_the_first_is_refused(world):
    with pytest.raises(InputError, match="on or after"):
        care_relationships.end(
            engagement=world.with_lind, until=days_ago(999), why=WHY.STEP_DOWN, by=world.lead
        )
    world.with_lind.refresh_from_db()
    assert world.with_lind.until is None


def test_taking_over_begins_a_relationship_that_names_the_one_before_and_moves_the_sight_of_it(world):
    day = days_ago(1)
    new = care_relationships.hand_over(
        engagement=world.with_lind, to=world.okafor, day=day, why=WHY.CLINICIAN_LEFT, by=world.lead
    )
    assert (new.took_over_from, new.client, new.role) == (world.with_lind, world.ana, "individual")
    assert (new.since, world.with_lind.taken_over_by) == (day, new)
    assert world.with_lind in visible_to(world.okafor)
    assert not visible_to(world.lind).exists()


@pytest.mark.parametrize("successor", ["lind", "ana", "elsewhere"])
def test_only_another_member_of_the_same_staff_can_take_over_and_a_refusal_ends_nothing(world, successor):
    to = World().okafor if successor == "elsewhere" else getattr(world, successor)
    with pytest.raises(InputError, match="already|treat clients|same organisation"):
        care_relationships.hand_over(
            engagement=world.with_lind, to=to, day=days_ago(0), why=WHY.CLINICIAN_LEFT, by=world.lead
        )
    world.with_lind.refresh_from_db()
    assert world.with_lind.until is None


@pytest.mark.parametrize("name", ["lind", "ito", "supervisor", "stranger", "ana"])
def test_nobody_but_those_who_administer_ends_a_relationship(world, name):
    with pytest.raises(Denied):
        care_relationships.end(
            engagement=world.with_lind, until=days_ago(0), why=WHY.STEP_DOWN, by=getattr(world, name)
        )


def test_the_database_itself_refuses_a_reason_without_an_end_and_a_relationship_that_follows_itself(world):
    rows = Engagement.objects.filter(pk=world.with_lind.pk)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(why_ended=WHY.STEP_DOWN)
    with pytest.raises(IntegrityError), transaction.atomic():
        rows.update(took_over_from=world.with_lind)
    rows.update(until=days_ago(0), why_ended=WHY.STEP_DOWN)


def test_only_whoever_keeps_the_programme_alone_enters_a_relationship_or_a_group_of_their_own(world):
    of_own = {"client": world.ana, "clinician": world.lead, "team": world.first, "role": "other"}
    engagement = people_actions.start_relationship(**of_own, since=days_ago(1), by=world.lead)
    care_relationships.end(engagement=engagement, until=days_ago(1), why=WHY.STEP_DOWN, by=world.lead)
    world.join(world.okafor, world.second, "administrator")
    with pytest.raises(InputError, match="Ask another"):
        people_actions.start_relationship(**of_own, since=days_ago(0), by=world.lead)
    with pytest.raises(InputError, match="Ask another"):
        group_actions.add(team=world.first, name="Own", leader=world.lead, since=days_ago(0), by=world.lead)
    assert not Group.objects.exists()
    assert (
        people_actions.start_relationship(**of_own, since=days_ago(0), by=world.okafor).clinician
        == world.lead
    )
