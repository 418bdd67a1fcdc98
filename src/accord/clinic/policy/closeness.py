"""The one relation that says best why somebody may see a client: for the log and the client's own page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper
from django.utils import timezone

from accord.clinic.models import Engagement, Person
from accord.clinic.policy.relations import relations
from accord.clinic.policy.standing import conditions, kept
from accord.clinic.policy.table import TABLE, Action, Relation


def closest(found: Iterable[Relation]) -> Relation | None:
    """The first of these relations in the order of the table, which begins with the closest."""
    held = set(found)
    return next((relation for relation in Relation if relation in held), None)


def closest_to(person: Person, client_id: UUID, organisation_id: UUID) -> Relation | None:
    """How this person stands to the client today, in one word."""
    return closest(relations(person, Person(pk=client_id, organisation_id=organisation_id)))


def closest_to_each(
    person: Person, client_ids: Collection[UUID], today: date | None = None
) -> Mapping[UUID, Relation]:
    """The same for many clients at once, among the relations that let somebody see a worklist entry."""
    asked = conditions(person, today or timezone.localdate(), TABLE[Action.SEE_WORKLIST])
    columns = {
        relation.name.lower(): ExpressionWrapper(told, output_field=BooleanField())
        for relation, told in asked.items()
    }
    rows = Engagement.objects.filter(kept(), client__in=client_ids).annotate(**columns)
    found: dict[UUID, set[Relation]] = {}
    for client_id, *held in rows.values_list("client", *columns):
        found.setdefault(client_id, set()).update(
            one for one, holds in zip(asked, held, strict=True) if holds
        )
    return {client_id: near for client_id, held in found.items() if (near := closest(held))}
