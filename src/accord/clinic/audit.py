"""The only writer of audit rows: who did what to whose record. Names of fields, never values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils import timezone

from accord.clinic.actors import Actor, Link, person_of
from accord.clinic.models import AuditEvent, Person


def record_event(
    *,
    by: Actor,
    action: str,
    subject: Any,
    client_id: UUID | None = None,
    organisation_id: UUID | None = None,
    fields: Iterable[str] = (),
) -> AuditEvent:
    """Write one event. `subject` is the row concerned; `client_id` whose record it belongs to."""
    person = person_of(by)
    return AuditEvent.objects.create(
        organisation_id=organisation_id or subject.organisation_id,
        at=timezone.now(),
        actor_kind=kind_of(by),
        actor_id=person.pk if person else None,
        action=action,
        subject_type=type(subject).__name__,
        subject_id=subject.pk,
        client_id=client_id,
        fields=sorted(fields),
    )


def kind_of(actor: Actor) -> str:
    if isinstance(actor, Person):
        return "person"
    return "link" if isinstance(actor, Link) else "system"
