"""Relations of an actor to a record, and whether they allow an action. `table.TABLE` decides."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django.db.models import Model, Q
from django.utils import timezone

from accord.clinic.models import Engagement, Person
from accord.clinic.models.actors import Actor, Link, System
from accord.clinic.policy import table
from accord.clinic.policy.client_relationships import relations_by_client
from accord.clinic.policy.record_path import organisation_of, record_path_of
from accord.clinic.policy.relation_queries import current_engagements, not_undone
from accord.clinic.policy.sharing import shared_with
from accord.clinic.policy.staff_roles import StaffRoles, staff_roles_of
from accord.clinic.policy.table import NO_RELATION, OF_THE_PROGRAMME, Action, Relation


class Denied(Exception):
    """Not allowed. Pages show it exactly as they show a record that does not exist."""


def can(actor: Actor, action: Action, subject: Model) -> bool:
    """Whether `actor` may do `action` to `subject`. The site itself may; a link opens its form only."""
    if isinstance(actor, System):
        return True
    if isinstance(actor, Link):
        return action in table.BY_LINK and _link_is_allowed(actor.client, table.TABLE[action], subject)
    return _is_allowed(actor, table.TABLE[action], subject)


def check(actor: Actor, action: Action, subject: Model) -> None:
    """Raises `Denied` unless `can`."""
    if not can(actor, action, subject):
        raise Denied(action.value)


def relations(
    person: Person,
    subject: Model,
    today: date | None = None,
    asked: Collection[Relation] = tuple(Relation),
) -> frozenset[Relation]:
    """Relations of `person` to `subject` today; empty for a record of another organisation, and for somebody
    whose invitation is not confirmed or whose account is closed. Only `asked` ones are looked for."""
    today = today or timezone.localdate()
    if organisation_of(subject) != person.organisation_id or not is_confirmed(person):
        return frozenset()
    if person.is_client:
        return _as_client(person, subject, today)
    return _as_staff(person, subject, today, asked)


def possible_actions(person: Person, today: date | None = None) -> frozenset[Action]:
    """Actions that the person's current roles could allow on some record."""
    if not person.is_staff:
        return frozenset()
    granted = staff_roles_of(person, today or timezone.localdate()).granted
    return frozenset(action for action in Action if not granted.isdisjoint(table.TABLE[action]))


def _is_allowed(person: Person, allowed: frozenset[Relation], subject: Model) -> bool:
    """Whether this person has one of the allowed relations to the record."""
    # `NO_RELATION` holds only without a direct relation, so all are looked for.
    asked = allowed if allowed.isdisjoint(NO_RELATION) else tuple(Relation)
    return not allowed.isdisjoint(relations(person, subject, asked=asked))


def _link_is_allowed(client: Person, allowed: frozenset[Relation], subject: Model) -> bool:
    """The same for a link, which is its own authority: whether its client has an account, and in what state,
    says nothing about it."""
    if organisation_of(subject) != client.organisation_id:
        return False
    return not allowed.isdisjoint(_as_client(client, subject, timezone.localdate()))


def is_confirmed(person: Person) -> bool:
    """Whether nothing is open about who this is. Somebody without an account does not sign in at all."""
    account = person.account
    return account is None or (account.is_active and account.confirmed_at is not None)


def _as_client(person: Person, subject: Model, today: date) -> frozenset[Relation]:
    if record_path_of(type(subject)).client_of(subject) != person.pk:
        return frozenset()
    begun = Engagement.objects.filter(not_undone(), client=person, since__lte=today).exists()
    ended = begun and not current_engagements(today).filter(client=person).exists()
    return frozenset({Relation.DISCHARGED if ended else Relation.OWN})


def _as_staff(
    person: Person, subject: Model, today: date, asked: Collection[Relation]
) -> frozenset[Relation]:
    path, staff = record_path_of(type(subject)), staff_roles_of(person, today)
    result = staff.granted & OF_THE_PROGRAMME
    if Relation.AUTHOR in staff.granted and path.author_of(subject) == person.pk:
        result |= {Relation.AUTHOR}
    if (
        path.shared
        and Relation.SHARED_WITH in staff.granted
        and shared_with(person, today).filter(reaction=subject.pk).exists()
    ):
        result |= {Relation.SHARED_WITH}
    return result | _by_engagement(staff, path.of(subject), asked)


def _by_engagement(
    staff: StaffRoles, filters: Mapping[str, Any], asked: Collection[Relation]
) -> frozenset[Relation]:
    """Relations to any of these relationships; those of `NO_RELATION` only without a direct one."""
    if not filters:
        return frozenset()
    whose = (
        Q(client__in=Engagement.objects.filter(**filters).values("client"))
        if "pk" in filters
        else Q(**filters)
    )
    result: frozenset[Relation] = frozenset()
    for _, of_client in relations_by_client(staff, whose, asked):
        chosen = [of_client[filters["pk"]]] if filters.get("pk") in of_client else []
        result = result.union(*(chosen if "pk" in filters else of_client.values()))
    return result - NO_RELATION or result
