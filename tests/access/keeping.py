"""Calls of what the programme's keepers do: people, teams, groups, relationships, invitations, imports."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import time
from uuid import UUID, uuid4

from allauth.usersessions.models import UserSession
from django.utils import timezone

from accord.clinic.accounts import sign_in_events
from accord.clinic.accounts.closing import actions as closing
from accord.clinic.accounts.invitations import actions as invitation_actions
from accord.clinic.models import Account, ClosingRequest, ImportBatch, Membership, Person
from accord.clinic.monitoring import dropout
from accord.clinic.policy import Denied, current_engagements
from accord.clinic.programme.alarm_budget import actions
from accord.clinic.programme.care import relationships as care_relationships
from accord.clinic.programme.duty import actions as duty_actions
from accord.clinic.programme.duty.times import Times
from accord.clinic.programme.groups import actions as group_actions
from accord.clinic.programme.groups.forms import MemberForm
from accord.clinic.programme.handover import actions as handover_actions
from accord.clinic.programme.imports import batch_actions, uploads
from accord.clinic.programme.people import actions as people_actions
from accord.errors import InputError
from tests.access.call import Call, Did, client_of, hearing, nobody, other
from tests.access.programme import Programme
from tests.access.records import FILE, SCALE
from tests.support.imports import confirm
from tests.support.world import days_ago


def _keeps(do: Did) -> Call:
    return Call((("ADMINISTER", "programme"),), do)


def _with_oneself(world: Programme, about: str, by: Person) -> object:
    return people_actions.start_relationship(
        client=client_of(world, about), clinician=by, team=world.team(about), role="other",
        since=days_ago(1), by=by,
    )  # fmt: skip


def _led_by_oneself(world: Programme, about: str, by: Person) -> object:
    return group_actions.add_leader(group=world.groups[about], person=by, since=days_ago(1), by=by)


def _handed_over(world: Programme, about: str, by: Person) -> object:
    leaver = world.clinician(about)
    mine = current_engagements().filter(clinician=leaver)
    to = dict.fromkeys(mine.values_list("pk", flat=True), world.successor(about))
    return handover_actions.hand_over(leaver=leaver, successors=to, by=by)


def _upload(world: Programme, about: str, by: Person) -> uploads.Upload:
    """Their own, into a team of the organisation whose record is meant."""
    team = world.team(about).pk
    return uploads.hold(chunks=[FILE], filename="x.csv", team=team, clinician=None, scale=SCALE, by=by)


def _remove_of_another(world: Programme, about: str, by: Person) -> object:
    keeper = world.far_lead if about == "far_client" else world.lead
    upload = replace(_upload(world, about, keeper), by=str(uuid4()))
    uploads.remove(upload=upload, by=by)
    return upload


def _imported(world: Programme, about: str, by: Person) -> object:
    return confirm(_upload(world, about, by), by)


def _colleague(world: Programme, about: str) -> Person:
    """Another member of staff, with an account."""
    organisation = world.team(about).organisation
    account = Account.objects.create_user(
        organisation=organisation, email=f"{uuid4()}@test.example", password="a-long-test-password"
    )
    return Person.objects.create(
        organisation=organisation, kind="staff", code=str(uuid4()), name="Colleague", account=account
    )


def _sign_in_ended(world: Programme, about: str, by: Person) -> object:
    session = UserSession(user=_colleague(world, about).account, session_key="key")
    return sign_in_events.end_session(session=session, by=by)


def _member_by_code(world: Programme, about: str, by: Person) -> object:
    """A client by a code that another programme gave to somebody first."""
    for number, owner in enumerate((other(world, about), world.far if about == "far_client" else world)):
        Person.objects.create(
            pk=UUID(int=number), organisation=owner.organisation, kind="client", code="same", name="Same"
        )
    sent = {"code": "same", "since": days_ago(1)}
    form = MemberForm(sent, organisation=world.team(about).organisation)
    form.is_valid()
    return group_actions.add_member(
        group=world.groups[about], client=form.cleaned_data["code"], since=days_ago(1), by=by
    )


def _keeps_duty(do: Did) -> Call:
    return Call((("KEEP_DUTY", "programme"),), do)


def _entry(world: Programme) -> duty_actions.Entry:
    day = days_ago(-2)
    return duty_actions.Entry("Somebody", "000 444", Times(day, time(9), day, time(18), "UTC"))


def _asked_to_close(world: Programme, about: str) -> ClosingRequest:
    """By a person who is not one of those who call."""
    by = Person.objects.create(
        organisation=world.team(about).organisation, kind="staff", code=str(uuid4()), name="Somebody"
    )
    return ClosingRequest.objects.create(
        organisation=by.organisation, client=_with_account(world, about), by=by, made_at=timezone.now()
    )


def _with_account(world: Programme, about: str) -> Person:
    """The client, who can sign in, and about whom nobody has asked."""
    client = client_of(world, about)
    ClosingRequest.objects.filter(client=client).update(withdrawn_at=timezone.now())
    return client


_CLOSES = (("CLOSE_CLIENT_SIGN_IN", "client"),)

CALLS: Mapping[str, Call] = {
    "closing.close_staff": Call(
        (("CLOSE_SIGN_IN", "programme"),),
        lambda world, about, by: closing.close_staff(person=_colleague(world, about), by=by),
    ),
    "closing.ask_to_close": Call(
        _CLOSES,
        lambda world, about, by: closing.ask_to_close(
            client=_with_account(world, about), reason="Somebody else has their password.", by=by
        ),
    ),
    "closing.confirm": Call(
        _CLOSES,
        lambda world, about, by: closing.confirm(request=_asked_to_close(world, about), by=by),
    ),
    "closing.withdraw": Call(
        _CLOSES,
        lambda world, about, by: closing.withdraw(request=_asked_to_close(world, about), by=by),
    ),
    "sign_in_events.stop": Call(
        (("CLOSE_SIGN_IN", "programme"),),
        lambda world, about, by: sign_in_events.stop(person=_colleague(world, about), by=by),
    ),
    "duty.add": _keeps_duty(
        lambda world, about, by: duty_actions.add(
            shift_id=uuid4(), organisation=world.team(about).organisation, entry=_entry(world), by=by
        )
    ),
    "duty.change": _keeps_duty(
        lambda world, about, by: duty_actions.change(shift=world.shifts[about], entry=_entry(world), by=by)
    ),
    "duty.take_back": _keeps_duty(
        lambda world, about, by: duty_actions.take_back(shift=world.shifts[about], by=by)
    ),
    "accounts.end_session": nobody(_sign_in_ended),
    "accounts.end_all_sessions": _keeps(
        lambda world, about, by: sign_in_events.end_all_sessions(person=_colleague(world, about), by=by)
    ),
    "engagements.end": _keeps(
        lambda world, about, by: care_relationships.end(
            engagement=world.engagement(about), until=days_ago(0), why="step_down", by=by
        )
    ),
    "dropout.define": Call(
        (("DEFINE_LEAVING", "programme"),),
        lambda world, about, by: dropout.define(
            organisation=world.team(about).organisation, missed=4, days=28, put_out=False,
            in_residence=False, by=by,
        ),
    ),
    "groups.add": _keeps(  # a group of another organisation has this name
        lambda world, about, by: group_actions.add(
            team=world.team(about), name={"ana": "Far", "far_client": "Here"}[about],
            leader=world.clinician(about), since=days_ago(1), by=by,
        )
    ),
    "groups.add twice": _keeps(
        hearing(
            lambda world, about, by: group_actions.add(
                team=world.team(about), name={"ana": "Here", "far_client": "Far"}[about],
                leader=world.clinician(about), since=days_ago(1), by=by,
            )
        )
    ),
    "groups.add_leader": _keeps(
        lambda world, about, by: group_actions.add_leader(
            group=world.groups[about], person=world.successor(about), since=days_ago(1), by=by
        )
    ),
    "groups.add_leader oneself": nobody(_led_by_oneself, InputError, tried=("ana",)),
    "groups.end_leader": _keeps(
        lambda world, about, by: group_actions.end_leader(
            leader=world.groups[about].leaders.earliest("since"), until=days_ago(0), by=by
        )
    ),
    "groups.end_leader who answers for nobody": _keeps(
        lambda world, about, by: group_actions.end_leader(
            leader=world.groups[about].leaders.latest("since"), until=days_ago(0), by=by
        )
    ),
    "groups.add_member": _keeps(
        lambda world, about, by: group_actions.add_member(
            group=world.groups[about], client={"ana": world.cleo, "far_client": world.far.ben}[about],
            since=days_ago(1), by=by,
        )
    ),
    "groups.add_member by code": _keeps(_member_by_code),
    "groups.add_member twice": _keeps(
        hearing(
            lambda world, about, by: group_actions.add_member(
                group=world.groups[about], client=client_of(world, about), since=days_ago(1), by=by
            )
        )
    ),
    "imports.commit": Call((("IMPORT", "programme"),), _imported),
    "imports.undo": Call(
        (("UNDO_IMPORT", "programme"),),
        lambda world, about, by: batch_actions.undo(
            batch=ImportBatch.objects.get(pk=world.things["batch"][about]), by=by
        ),
    ),
    "imports.put_back": Call(
        (("UNDO_IMPORT", "programme"),),
        lambda world, about, by: batch_actions.put_back(
            batch=ImportBatch.objects.get(pk=world.things["batch"][about]), by=by
        ),
    ),
    "imports.remove another's file": nobody(_remove_of_another),
    "invitations.invite": Call(
        (("INVITE", "programme"),),
        lambda world, about, by: invitation_actions.invite(
            person=Person.objects.get(pk=world.things["person"][about]), email="fresh@test.example", by=by
        ),
    ),
    "invitations.withdraw": Call(
        (("INVITE", "programme"),),
        lambda world, about, by: invitation_actions.withdraw(
            person=Person.objects.get(pk=world.things["person"][about]), by=by
        ),
    ),
    "leaving.preview": _keeps(
        lambda world, about, by: handover_actions.preview(leaver=world.clinician(about), by=by)
    ),
    "leaving.hand_over": _keeps(_handed_over),
    "organisations.set_budget": Call(
        (("SET_LINE", "programme"),),
        lambda world, about, by: actions.set_budget(
            organisation=world.team(about).organisation, weeks=8, by=by
        ),
    ),
    "organisations.add_person": _keeps(  # somebody of another organisation has this code
        lambda world, about, by: people_actions.add_person(
            organisation=world.team(about).organisation, kind="client",
            code={"ana": "CANARY-FAR", "far_client": "code-CANARY-ANA"}[about], name="Fresh", by=by,
        )
    ),
    "organisations.rename": _keeps(
        lambda world, about, by: people_actions.rename(person=client_of(world, about), name="New", by=by)
    ),
    "organisations.team": _keeps(
        lambda world, about, by: people_actions.get_or_create_team(
            organisation=world.team(about).organisation, name="Fresh", by=by
        )
    ),
    "organisations.rename_team": _keeps(  # a team of another organisation has this name
        lambda world, about, by: people_actions.rename_team(
            team=world.team(about), name={"ana": "Far", "far_client": "Here"}[about], by=by
        )
    ),
    "organisations.join": _keeps(
        lambda world, about, by: people_actions.give_role(
            person=world.clinician(about), team=world.team(about), role="milieu", since=days_ago(1), by=by
        )
    ),
    "organisations.join oneself": Call(
        (),
        lambda world, about, by: people_actions.give_role(
            person=by, team=world.team(about), role="therapist", since=days_ago(1), by=by
        ),
        (Denied, InputError),
    ),
    "organisations.leave": _keeps(
        lambda world, about, by: people_actions.end_role(
            membership=Membership.objects.get(pk=world.things["membership"][about]), until=days_ago(0), by=by
        )
    ),
    "organisations.engage": _keeps(
        lambda world, about, by: people_actions.start_relationship(
            client=client_of(world, about), clinician=world.successor(about), team=world.team(about),
            role="other", since=days_ago(1), by=by,
        )
    ),
    "organisations.engage oneself": nobody(_with_oneself, InputError, tried=("ana",)),
    "organisations.engage oneself alone": Call(  # the far lead keeps the other programme alone
        (("ADMINISTER", "programme"),), _with_oneself, tried=("far_client",)
    ),
}  # fmt: skip
