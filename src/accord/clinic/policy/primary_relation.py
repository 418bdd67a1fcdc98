"""The relation that best explains why somebody may see a client: for the log and the client's page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from uuid import UUID

from django.db.models import BooleanField, ExpressionWrapper
from django.utils import timezone

from accord.clinic.models import Engagement, Person
from accord.clinic.policy.relation_queries import conditions, not_undone
from accord.clinic.policy.relations import relations
from accord.clinic.policy.table import TABLE, Action, Relation


def primary_relation(relations: Iterable[Relation]) -> Relation | None:
    """The closest of these relations, by the order of the table; None if there are none."""
    held = set(relations)
    return next((relation for relation in Relation if relation in held), None)


def primary_relation_to(person: Person, client_id: UUID, organisation_id: UUID) -> Relation | None:
    """The person's closest relation to the client today."""
    return primary_relation(relations(person, Person(pk=client_id, organisation_id=organisation_id)))


def primary_relation_to_each(
    person: Person, client_ids: Collection[UUID], today: date | None = None
) -> Mapping[UUID, Relation]:
    """Client -> closest relation, among those that let somebody see a worklist entry."""
    asked = conditions(person, today or timezone.localdate(), TABLE[Action.SEE_WORKLIST])
    columns = {
        relation.name.lower(): ExpressionWrapper(condition, output_field=BooleanField())
        for relation, condition in asked.items()
    }
    rows = Engagement.objects.filter(not_undone(), client__in=client_ids).annotate(**columns)
    result: dict[UUID, set[Relation]] = {}
    for client_id, *held in rows.values_list("client", *columns):
        result.setdefault(client_id, set()).update(
            relation_asked for relation_asked, holds in zip(asked, held, strict=True) if holds
        )
    return {client_id: primary for client_id, held in result.items() if (primary := primary_relation(held))}
