"""The only writer of audit rows: who did what to whose record. Names of fields, never values.

An event is written in the transaction of the act it tells of, and the organisation's chain is held from then
until that transaction ends. So an action takes every other row it needs to hold before its first event.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accord.clinic.audit import chain, read_only_audit_buffer
from accord.clinic.audit.actions import refuse_undeclared
from accord.clinic.models import AuditEvent, AuditHead, Person, read_only
from accord.clinic.models.actors import Actor, Link, person_of
from accord.clinic.policy import primary_relation_to

AT_ONCE = 500  # rows in one statement


def record_event(
    *,
    by: Actor,
    action: str,
    subject: Any,
    client_id: UUID | None = None,
    organisation_id: UUID | None = None,
    fields: Iterable[str] = (),
) -> AuditEvent:
    """Write one event. `subject` is the row concerned; `client_id` whose record it belongs to.

    In a client's record it also names the actor's present relation to that client.
    Raises `UndeclaredAction` for an action without a declaration.
    """
    organisation_id = organisation_id or subject.organisation_id
    relation = (
        primary_relation_to(by, client_id, organisation_id) if client_id and isinstance(by, Person) else None
    )
    event = _event(by, action, subject, client_id, organisation_id, fields, relation)
    _append([event])
    return event


def record_event_for_each(
    *,
    by: Actor,
    action: str,
    subject: Any,
    clients: Mapping[UUID, str | None],
    fields: Iterable[str] = (),
) -> None:
    """The same event in the record of each of these clients, with the relation that holds for each."""
    names = sorted(fields)
    organisation_id = subject.organisation_id
    events = [
        _event(by, action, subject, client, organisation_id, names, clients[client]) for client in clients
    ]
    if events:
        _append(events)


def enter_waiting() -> int:
    """Enter the buffered events of read-only mode, each once. Return how many."""
    with ExitStack() as stack:
        with transaction.atomic():
            # Chains before the file: a process that adds to the file may hold a chain from before the mode.
            list(AuditHead.objects.select_for_update().order_by("pk"))
            stack.enter_context(read_only_audit_buffer.locked())
            new = _not_entered(read_only_audit_buffer.read_events())
            for organisation in sorted({event.organisation_id for event in new}):
                _chain([event for event in new if event.organisation_id == organisation])
        read_only_audit_buffer.clear()
    return len(new)


def _not_entered(kept: Sequence[AuditEvent]) -> list[AuditEvent]:
    known = set(AuditEvent.objects.filter(pk__in=[event.pk for event in kept]).values_list("pk", flat=True))
    return [event for event in kept if event.pk not in known]


def _event(
    by: Actor,
    action: str,
    subject: Any,
    client_id: UUID | None,
    organisation_id: UUID,
    fields: Iterable[str],
    relation: str | None,
) -> AuditEvent:
    refuse_undeclared(action, of_client=client_id is not None)
    person = person_of(by)
    return AuditEvent(
        organisation_id=organisation_id,
        actor_kind=kind_of(by),
        actor_id=person.pk if person else None,
        action=action,
        relation=relation,
        subject_type=type(subject).__name__,
        subject_id=subject.pk,
        client_id=client_id,
        fields=sorted(fields),
    )


def _append(events: Sequence[AuditEvent]) -> None:
    """Append events of one organisation to its chain; in read-only mode, to the buffer."""
    if read_only.is_on():
        read_only_audit_buffer.append(events)
    else:
        _chain(events)


@transaction.atomic
def _chain(events: Sequence[AuditEvent]) -> None:
    head = _locked_head(events[0].organisation_id)
    now = timezone.now()  # after the wait for one's turn: the order of the chain is the order in time
    for event in events:
        event.at = getattr(event, "at", None) or now  # one of read-only mode has its time already
        event.sequence, event.previous = head.sequence + 1, head.digest
        event.digest = chain.digest(chain.columns(event))
        head.sequence, head.digest = event.sequence, event.digest
    AuditEvent.objects.bulk_create(events, batch_size=AT_ONCE)
    head.save(update_fields=["sequence", "digest"])


def _locked_head(organisation_id: UUID) -> AuditHead:
    """The organisation's head, locked by this transaction."""
    heads = AuditHead.objects.select_for_update()
    head = heads.filter(pk=organisation_id).first()
    if head is None:
        # Somebody else may make it at this moment; then that one is waited for and held.
        first = AuditHead(organisation_id=organisation_id, sequence=0, digest=chain.BEGINNING)
        AuditHead.objects.bulk_create([first], ignore_conflicts=True)
        head = heads.get(pk=organisation_id)
    return head


def kind_of(actor: Actor) -> str:
    if isinstance(actor, Person):
        return "person"
    return "link" if isinstance(actor, Link) else "system"
