"""The relation that best explains why somebody may see a client: for the log and the client's page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from itertools import chain
from uuid import UUID

from django.utils import timezone

from accord.clinic.models import Person
from accord.clinic.policy.direct_relations import direct_relations
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
    direct = direct_relations(person, today or timezone.localdate()).by_client
    held = {client: chain(*direct.get(client, {}).values()) for client in client_ids}
    asked = TABLE[Action.SEE_WORKLIST]
    closest = {client: primary_relation(asked.intersection(each)) for client, each in held.items()}
    return {client: relation for client, relation in closest.items() if relation}
