"""Who of those who treat a client has opened the page about them, and when."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from accord.clinic.models import AuditEvent, Person
from accord.clinic.policy import Relation

TREATING = (Relation.ENGAGED.value, Relation.SHARES.value)


@dataclass(frozen=True)
class Opened:
    by: str
    at: datetime


def last_opened(organisation_id: UUID, clients: Collection[UUID]) -> Mapping[UUID, Opened]:
    """Client -> the latest opening of the page about them by somebody who treats them."""
    events = AuditEvent.objects.filter(
        organisation_id=organisation_id, client_id__in=clients, action="client.read", relation__in=TREATING
    )
    rows = list(events.order_by("at").values_list("client_id", "actor_id", "at")) if clients else []
    names = dict(Person.objects.filter(pk__in={actor for _, actor, _ in rows}).values_list("pk", "name"))
    return {client: Opened(names.get(actor, ""), at) for client, actor, at in rows}
