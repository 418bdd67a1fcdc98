"""People, teams and groups of an organisation, for those who administer it. Nothing clinical is read here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Prefetch, Q, QuerySet

from accord.clinic.facts import care
from accord.clinic.models import CareEpisode, Engagement, Group, GroupLeader, Membership, Person, Team
from accord.clinic.models.span import going_on
from accord.clinic.policy import Action, check, not_undone

PAGE_SIZE = 50


@dataclass(frozen=True)
class PersonRow:
    """A row of the list of people. `about`: roles and teams of staff, or a client's episode of care."""

    person: Person
    about: str


@dataclass(frozen=True)
class PeoplePage:
    people: tuple[PersonRow, ...]
    count: int
    page: int
    pages: int


@dataclass(frozen=True)
class PersonPage:
    """Administrative data of a client or a member of staff; some fields are for one of these only."""

    person: Person
    episode: CareEpisode | None
    care: str
    earlier_care: tuple[CareEpisode, ...]
    engagements: tuple[Engagement, ...]
    memberships: tuple[Membership, ...]
    leads: tuple[GroupLeader, ...]
    today: date


def administered(viewer: Person, model: Any, row_id: UUID, *related: str) -> Any:
    """A row of the organisation this person administers. Raises `Denied` or the model's `DoesNotExist`."""
    check(viewer, Action.ADMINISTER, viewer.organisation)
    rows = model.objects.filter(organisation=viewer.organisation_id)
    return rows.select_related("organisation", *related).get(pk=row_id)


def people(viewer: Person, *, kind: str, words: str, page: int, today: date) -> PeoplePage:
    """A page of people of one kind whose name or code contains `words`."""
    check(viewer, Action.ADMINISTER, viewer.organisation)
    rows = Person.objects.filter(not_undone(), organisation=viewer.organisation_id, kind=kind)
    if words:
        rows = rows.filter(Q(name__icontains=words) | Q(code__icontains=words))
    count = rows.count()
    pages = max(1, -(-count // PAGE_SIZE))
    page = min(max(1, page), pages)
    shown = list(rows.order_by("name", "code")[(page - 1) * PAGE_SIZE : page * PAGE_SIZE])
    about = _roles(shown, today) if kind == Person.Kind.STAFF else _care(shown)
    return PeoplePage(
        tuple(PersonRow(person, about.get(person.pk, "")) for person in shown), count, page, pages
    )


def _roles(shown: list[Person], today: date) -> Mapping[UUID, str]:
    roles: dict[UUID, list[str]] = {}
    rows = Membership.objects.filter(going_on(today), person__in=shown).select_related("team")
    for row in rows.order_by("team__name", "role"):
        roles.setdefault(row.person_id, []).append(f"{row.get_role_display()} ({row.team.name})")
    return {person_id: ", ".join(words) for person_id, words in roles.items()}


def _care(shown: list[Person]) -> Mapping[UUID, str]:
    newest = care.newest_of([person.pk for person in shown])
    return {client_id: care.episode_text(episode) for client_id, episode in newest.items()}


def person_page(viewer: Person, person_id: UUID, today: date) -> PersonPage:
    person = administered(viewer, Person, person_id, "account")
    mine = {"client": person} if person.is_client else {"clinician": person}
    engagements = Engagement.objects.filter(not_undone(), **mine).select_related(
        "client", "clinician", "team", "group"
    )
    memberships = Membership.objects.filter(person=person).select_related("team")
    episode = care.newest(person) if person.is_client else None
    earlier = care.current_episodes().filter(client=person, until__isnull=False).order_by("-until")
    return PersonPage(
        person=person,
        episode=episode,
        care=care.episode_text(episode),
        earlier_care=tuple(care_episode for care_episode in earlier if care_episode != episode),
        engagements=tuple(engagements.order_by(F("until").desc(nulls_first=True), "-since")),
        memberships=tuple(memberships.order_by(F("until").desc(nulls_first=True), "team__name")),
        leads=tuple(GroupLeader.objects.filter(going_on(today), person=person).select_related("group")),
        today=today,
    )


def teams(viewer: Person, today: date) -> QuerySet[Team]:
    """The teams, each with how many people work in it today."""
    check(viewer, Action.ADMINISTER, viewer.organisation)
    rows = Team.objects.filter(organisation=viewer.organisation_id)
    working = Count("memberships__person", filter=going_on(today, "memberships__"), distinct=True)
    return rows.annotate(working=working).order_by("name")


def groups(viewer: Person, today: date) -> QuerySet[Group]:
    """The groups, each with its leaders of today and how many clients are in it."""
    check(viewer, Action.ADMINISTER, viewer.organisation)
    leading = GroupLeader.objects.filter(going_on(today)).select_related("person").order_by("since")
    members = Count(
        "engagements", filter=going_on(today, "engagements__") & not_undone("engagements__"), distinct=True
    )
    rows = Group.objects.filter(organisation=viewer.organisation_id).select_related("team")
    return rows.prefetch_related(Prefetch("leaders", leading)).annotate(members=members).order_by("name")
