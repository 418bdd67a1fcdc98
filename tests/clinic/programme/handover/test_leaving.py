"""A caseload goes over whole or not at all, and whoever left opens nothing from that moment on."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.utils import timezone

from accord.clinic.clinician.worklist.queries import worklist
from accord.clinic.models import CareEpisode, Engagement, Flag, Group, GroupLeader, Membership, Response
from accord.clinic.monitoring import flags
from accord.clinic.policy import Denied
from accord.clinic.programme.groups import actions as group_actions
from accord.clinic.programme.handover import actions as handover_actions
from accord.errors import InputError
from tests.support.world import HURT, World, days_ago, fill, signed_in

pytestmark = pytest.mark.django_db


class Caseload(World):
    group: Group
    in_group: Engagement
    with_ben: Engagement


@pytest.fixture
def world() -> Caseload:
    """`lind` treats `ana` and `ben`, leads a group `ana` is in, works in the first team, and has a flag."""
    made = Caseload()
    made.with_ben = made.engage(made.ben, made.lind, made.second, Engagement.Role.PSYCHIATRY)
    made.group = group_actions.add(
        team=made.first, name="Skills", leader=made.lind, since=days_ago(90), by=made.lead
    )
    made.in_group = group_actions.add_member(
        group=made.group, client=made.ana, since=days_ago(60), by=made.lead
    )
    fill(made.with_lind, HURT)
    made.flag = Flag.objects.get(engagement=made.with_lind, kind=Flag.Kind.SAID)
    return made


def everything(world, to):
    caseload = handover_actions.preview(leaver=world.lind, by=world.lead)
    return {engagement.pk: to for engagement in caseload.engagements}


def test_the_preview_names_all_that_would_go_over_or_end_and_writes_nothing(world):
    caseload = handover_actions.preview(leaver=world.lind, by=world.lead)
    assert set(caseload.engagements) == {world.with_lind, world.with_ben, world.in_group}
    assert [membership.team for membership in caseload.memberships] == [world.first]
    assert [lead.group for lead in caseload.leads] == [world.group]
    assert not Engagement.objects.filter(until__isnull=False).exists()


def test_each_relationship_goes_over_to_its_successor_who_is_named_as_having_taken_over(world):
    made = handover_actions.hand_over(
        leaver=world.lind, successors=everything(world, world.okafor), by=world.lead
    )
    assert {new.took_over_from for new in made} == {world.with_lind, world.with_ben, world.in_group}
    assert {new.clinician for new in made} == {world.okafor}
    ended = Engagement.objects.filter(clinician=world.lind)
    assert {(engagement.until, engagement.why_ended) for engagement in ended} == {
        (days_ago(0), "clinician_left")
    }


def test_a_successor_who_treats_the_client_in_the_same_role_already_cannot_take_over_once_more(world):
    world.engage(world.ben, world.stranger, world.first, Engagement.Role.PSYCHIATRY)
    with pytest.raises(InputError, match="have this relationship already"):
        handover_actions.hand_over(
            leaver=world.lind, successors=everything(world, world.stranger), by=world.lead
        )
    assert not Engagement.objects.filter(until__isnull=False).exists()


@pytest.mark.parametrize("left_out", ["with_lind", "with_ben", "in_group"])
def test_without_a_successor_for_every_one_nothing_goes_over(world, left_out):
    successors = everything(world, world.okafor)
    del successors[getattr(world, left_out).pk]
    with pytest.raises(InputError, match="Still missing: CANARY"):
        handover_actions.hand_over(leaver=world.lind, successors=successors, by=world.lead)
    assert not Engagement.objects.filter(until__isnull=False).exists()
    assert not Membership.objects.filter(until__isnull=False).exists()


def test_one_successor_who_cannot_take_over_leaves_everything_as_it_was(world):
    successors = everything(world, world.okafor) | {world.with_ben.pk: world.lind}
    with pytest.raises(InputError):
        handover_actions.hand_over(leaver=world.lind, successors=successors, by=world.lead)
    assert not Engagement.objects.filter(until__isnull=False).exists()
    assert not Flag.objects.filter(handed_to__isnull=False).exists()


def test_a_relationship_that_outlived_the_care_ends_with_the_rest_and_goes_to_nobody(world):
    CareEpisode.objects.create(
        organisation=world.organisation, client=world.ben, since=days_ago(90), until=days_ago(3),
        method="dbt", end_reason="left", made_at=timezone.now(),
    )  # fmt: skip
    caseload = handover_actions.preview(leaver=world.lind, by=world.lead)
    assert (set(caseload.engagements), caseload.over) == (
        {world.with_lind, world.in_group},
        (world.with_ben,),
    )
    made = handover_actions.hand_over(
        leaver=world.lind, successors=everything(world, world.okafor), by=world.lead
    )
    assert {new.client for new in made} == {world.ana}
    world.with_ben.refresh_from_db()
    assert (world.with_ben.until, world.with_ben.why_ended) == (days_ago(0), "treatment_ended")


def test_open_flags_come_into_the_view_and_the_hands_of_the_successor(world):
    before = worklist(world.stranger, timezone.now())
    assert not before.sections
    handover_actions.hand_over(leaver=world.lind, successors=everything(world, world.stranger), by=world.lead)
    sections = worklist(world.stranger, timezone.now()).sections
    entries = {entry.flag_id: entry for section in sections for entry in section.entries}
    [entry] = entries.values()
    assert (entry.kind, Flag.objects.count()) == ("said", 2)
    assert any("Lind, now you" in note for note in entry.also), "the other flag of the same person"
    assert {(entry.with_whom, entry.viewer_is_clinician) for entry in entries.values()} == {
        ("Lind, now you", True)
    }
    sent = signed_in(world.stranger).post(f"/flags/{world.flag.pk}/respond/", {"done": "planned"})
    assert sent.status_code == 302
    assert Response.objects.get().by == world.stranger


def test_no_open_flag_stays_in_the_hands_of_somebody_who_left(world):
    handover_actions.hand_over(leaver=world.lind, successors=everything(world, world.okafor), by=world.lead)
    handover_actions.hand_over(
        leaver=world.okafor,
        successors={
            engagement.pk: world.stranger
            for engagement in handover_actions.preview(leaver=world.okafor, by=world.lead).engagements
        },
        by=world.lead,
    )
    world.flag.refresh_from_db()
    assert world.flag.in_hands_of.clinician == world.stranger
    with pytest.raises(Denied):
        flags.respond(flag=world.flag, done="planned", by=world.lind)


def test_the_leavers_sessions_are_gone_and_they_cannot_sign_in_again(world):
    browser, other = signed_in(world.lind), signed_in(world.ito)
    assert browser.get("/worklist/").status_code == 200
    handover_actions.hand_over(leaver=world.lind, successors=everything(world, world.okafor), by=world.lead)
    assert browser.get("/worklist/").status_code == 302
    assert other.get("/worklist/").status_code == 200
    login = {"login": world.lind.account.email, "password": "a-long-test-password"}
    again = signed_in(None)
    assert again.post("/accounts/login/", login).status_code == 200
    assert "_auth_user_id" not in again.session


def test_a_stopped_account_opens_nothing_even_where_a_session_was_left(world):
    """Two locks: were the sessions not deleted, the account itself would still be closed."""
    browser = signed_in(world.lind)
    world.lind.account.is_active = False
    world.lind.account.save()
    assert Session.objects.count() == 1
    assert browser.get("/worklist/").status_code == 302


def test_memberships_end_and_the_group_has_its_new_leader(world):
    handover_actions.hand_over(leaver=world.lind, successors=everything(world, world.okafor), by=world.lead)
    assert Membership.objects.get(person=world.lind).until == days_ago(0)
    leaders = {leader.person: leader.until for leader in GroupLeader.objects.filter(group=world.group)}
    assert leaders == {world.lind: days_ago(0), world.okafor: None}


def test_what_ended_before_and_another_clinicians_relationships_stay_as_they_are(world):
    handover_actions.hand_over(leaver=world.lind, successors=everything(world, world.okafor), by=world.lead)
    for untouched in (world.with_ito, world.with_okafor):
        untouched.refresh_from_db()
        assert untouched.until is None


@pytest.mark.parametrize("name", ["lind", "ito", "supervisor", "stranger", "ana"])
def test_nobody_but_those_who_administer_hands_a_caseload_over(world, name):
    with pytest.raises(Denied):
        handover_actions.preview(leaver=world.lind, by=getattr(world, name))
    with pytest.raises(Denied):
        handover_actions.hand_over(leaver=world.lind, successors={}, by=getattr(world, name))


def test_nobody_hands_over_their_own_caseload_and_so_ends_their_own_sign_in_by_mistake(world):
    with pytest.raises(InputError):
        handover_actions.preview(leaver=world.lead, by=world.lead)
