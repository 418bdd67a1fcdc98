"""How an actor stands to a record, and whether that allows an action. `table.TABLE` decides."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date

from django.db.models import BooleanField, ExpressionWrapper, Model, Q
from django.utils import timezone

from accord.clinic.models import Engagement, Person
from accord.clinic.models.actors import Actor, Link, System
from accord.clinic.policy import table
from accord.clinic.policy.record_path import organisation_of, record_path_of
from accord.clinic.policy.standing import conditions, kept, roles, standing_engagements
from accord.clinic.policy.table import FAR, OF_THE_PROGRAMME, Action, Relation
from accord.clinic.policy.told import told_to


class Denied(Exception):
    """Not allowed. Pages show it exactly as they show a record that does not exist."""


def can(actor: Actor, action: Action, subject: Model) -> bool:
    """Whether `actor` may do `action` to `subject`. The site itself may; a link opens its form only."""
    if isinstance(actor, System):
        return True
    if isinstance(actor, Link):
        return action in table.BY_LINK and _stands(actor.client, table.TABLE[action], subject)
    return _stands(actor, table.TABLE[action], subject)


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
    """How `person` stands to `subject` today; empty for a record of another organisation, and for somebody
    whose invitation is not confirmed or whose account is closed. Only `asked` ones are looked for."""
    today = today or timezone.localdate()
    if organisation_of(subject) != person.organisation_id or not is_confirmed(person):
        return frozenset()
    if person.is_client:
        return _as_client(person, subject, today)
    return _as_staff(person, subject, today, asked)


def _stands(person: Person, allowed: frozenset[Relation], subject: Model) -> bool:
    """Whether this person stands to the record in one of the ways that are allowed."""
    # What is far needs to know whether something is closer.
    asked = allowed if allowed.isdisjoint(FAR) else tuple(Relation)
    return not allowed.isdisjoint(relations(person, subject, asked=asked))


def is_confirmed(person: Person) -> bool:
    """Whether nothing is open about who this is. Somebody without an account does not sign in at all."""
    account = person.account
    return account is None or (account.is_active and account.confirmed_at is not None)


def _as_client(person: Person, subject: Model, today: date) -> frozenset[Relation]:
    if record_path_of(type(subject)).client_of(subject) != person.pk:
        return frozenset()
    begun = Engagement.objects.filter(kept(), client=person, since__lte=today).exists()
    ended = begun and not standing_engagements(today).filter(client=person).exists()
    return frozenset({Relation.DISCHARGED if ended else Relation.OWN})


def _as_staff(
    person: Person, subject: Model, today: date, asked: Collection[Relation]
) -> frozenset[Relation]:
    path = record_path_of(type(subject))
    held = roles(person, today).values_list("role", flat=True)
    brought = frozenset(relation for role in held for relation in table.BROUGHT_BY[table.Role(role)])
    found = brought & OF_THE_PROGRAMME
    if Relation.AUTHOR in brought and path.author_of(subject) == person.pk:
        found |= {Relation.AUTHOR}
    if (
        path.shared
        and Relation.TOLD in brought
        and told_to(person, today).filter(reaction=subject.pk).exists()
    ):
        found |= {Relation.TOLD}
    of_one = path.of(subject)
    told = conditions(person, today, brought & set(asked), brought) if of_one else {}
    return found | _by_engagement(told, of_one)


def _by_engagement(told: Mapping[Relation, Q], of_one: dict[str, object]) -> frozenset[Relation]:
    """The relations that hold to one of these relationships; the far ones only where nothing closer does."""
    if not told:
        return frozenset()
    as_columns = {
        relation.name.lower(): ExpressionWrapper(condition, output_field=BooleanField())
        for relation, condition in told.items()
    }
    rows = Engagement.objects.filter(kept(), **of_one).annotate(**as_columns).values_list(*as_columns)
    found = frozenset(relation for row in rows for relation, holds in zip(told, row, strict=True) if holds)
    return found - FAR if found - FAR else found
