"""Calls of what reads the record, past all pages: exactly who may is told, of no other programme."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils import timezone

from accord.clinic.client.own_notes import actions as own_notes
from accord.clinic.clinician.reactions import actions as reactions
from accord.clinic.clinician.reactions import queries
from accord.clinic.facts import current as facts
from accord.clinic.facts import duty, events, treatment_history
from accord.clinic.models import (
    Engagement,
    Event,
    LeavingEstimate,
    LeavingModel,
    Organisation,
    Overview,
    Person,
    Population,
)
from accord.clinic.monitoring import acts, dropout_shown
from accord.clinic.policy import Action, Denied, can
from accord.clinic.programme.alarm_budget import queries as alarm_budget_queries
from accord.clinic.programme.outcomes.show import page as overview_page
from accord.clinic.programme.people import queries as people_queries
from tests.access.call import Call, client_of, nobody, other
from tests.access.programme import Programme
from tests.support.world import days_ago, fill_with_line

OF_ANOTHER = Denied("nothing of another programme's")


def _model(organisation: Organisation) -> LeavingModel:
    return LeavingModel.objects.create(organisation=organisation, made_at=timezone.now())


def _acts(world: Programme, about: str, by: Person) -> object:
    client = client_of(world, about)
    Event.objects.create(
        organisation=client.organisation, client=client, day=days_ago(5), kind="attempt", count=1,
        made_at=timezone.now(),
    )  # fmt: skip
    return events.acts_of(client, by) or _refuse()


def _waiting(world: Programme, about: str, by: Person) -> object:
    """Also among all that the viewer may see, as a worklist asks."""
    client = client_of(world, about)
    waiting = acts.waiting_acts(by, client)
    if set(waiting) != set(acts.waiting_acts(by)) & {client.pk}:
        raise AssertionError("a worklist and the page about a client differ")
    return waiting or _refuse()


def _estimate(world: Programme, about: str, by: Person) -> object:
    """A chance by the newest model here; another programme has a newer one."""
    client = client_of(world, about)
    LeavingEstimate.objects.create(
        organisation=client.organisation, client=client, model=_model(client.organisation), missed=0,
        day=days_ago(1), chance=0.2, low=0.1, high=0.3, made_at=timezone.now(),
    )  # fmt: skip
    _model(other(world, about).organisation)
    seen = Engagement.objects.filter(client=client)
    return dropout_shown.of_client(by, client, seen, timezone.localdate()) or _refuse()


def _line_to_former(world: Programme, about: str, by: Person) -> object:
    """What Ana wrote to a clinician alone, whose work with her has ended since."""
    was = Engagement.objects.filter(client=world.ana, clinician=world.person("former"))
    ended = was.get().until
    was.update(until=None)
    line = fill_with_line(was.get(), "CANARY to a former clinician", "clinician")
    was.update(until=ended)
    return own_notes.read(line_id=line.pk, by=by)


def _newest_model(world: Programme, about: str, by: Person) -> object:
    _model(other(world, about).organisation)
    return dropout_shown.newest_model(world.team(about).organisation) or _refuse()


def _groups(world: Programme, about: str, by: Person) -> object:
    found = people_queries.groups(by, timezone.localdate()).exclude(organisation=by.organisation)
    return found.first() or _refuse()


def _told_of_whom(world: Programme, about: str, by: Person) -> object:
    """A reaction told to a team: whom it is about is told to those only who see the client."""
    reaction = world.reactions[about]
    reactions.share(reaction=reaction, team=reaction.engagement.team, by=reaction.author)
    told = any(one.about for one in queries.shared_with_viewer(by))
    return (told and not can(by, Action.SEE_CLIENT, client_of(world, about))) or _refuse()


def _versions(world: Programme, about: str, by: Person) -> object:
    Population.objects.create(
        organisation=other(world, about).organisation, instrument="session-checkin", rater="client",
        values={"low": 0, "high": 10, "lower_is_better": False}, relationships=12, made_at=timezone.now(),
    )  # fmt: skip
    return alarm_budget_queries.versions(world.team(about).organisation) or _refuse()


def _estimated(world: Programme, about: str, by: Person) -> object:
    found = treatment_history.eligible_clients(world.team(about).organisation.pk)
    return found.filter(pk=other(world, about).ana.pk).first() or _refuse()


def _series(world: Programme, about: str, by: Person) -> object:
    """Only the far programme's clinicians fill forms."""
    found = {name for name, _ in facts.series(world.organisation.pk)}
    return "session-checkin-clinician" in found or _refuse()


def _overview(world: Programme, about: str, by: Person) -> object:
    """Figures of another programme, which are the newest there are."""
    theirs = other(world, about).organisation
    if by.organisation_id == theirs.pk:
        _refuse()
    Overview.objects.create(
        organisation=theirs, as_of=days_ago(0), figures={"alarms": {}}, made_at=timezone.now()
    )
    return overview_page.programme(by).as_of or _refuse()


def _shift(world: Programme, about: str, by: Person) -> object:
    """A shift among the other programme's."""
    theirs = other(world, about).organisation
    shifts = duty.coming_shifts(theirs.pk, timezone.now()).exclude(organisation=theirs)
    return shifts.first() or _refuse()


def _refuse() -> Any:
    raise OF_ANOTHER


CALLS: Mapping[str, Call] = {
    "duty.coming_shifts of another": nobody(_shift),
    "acts.waiting_acts": Call((("SEE_EVENTS", "client"),), _waiting),
    "acts.responses_of": Call(
        (("SEE_EVENTS", "client"),),
        lambda world, about, by: acts.responses_of(client_of(world, about), by) or _refuse(),
    ),
    "events.acts_of": Call((("SEE_EVENTS", "client"),), _acts),
    "facts.series of another": nobody(_series),
    "leaving.of_client": Call((("SEE_ESTIMATE", "client"),), _estimate),
    "leaving.newest_model of another": nobody(_newest_model),
    "overview of another": nobody(_overview),
    "lines.read by whom it was written to": nobody(_line_to_former, tried=("ana",)),
    "noticing.versions of another": nobody(_versions),
    "programme.groups of another": nobody(_groups),
    "reactions.told of whom": nobody(_told_of_whom, tried=("ana",)),
    "treatment_history.eligible_clients of another": nobody(_estimated),
}
