"""Verify that the audit log is as it was written, and read its heads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from accord.clinic.audit import chain
from accord.clinic.models import AuditEvent, AuditHead, Person

AT_ONCE = 1000  # events in one statement, so that nobody who writes is kept waiting


@dataclass(frozen=True)
class Head:
    """The newest event of an organisation's chain, as stored here or noted elsewhere."""

    organisation_id: UUID
    sequence: int
    digest: str

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.sequence} {self.digest}"


@dataclass(frozen=True)
class Verified:
    """The number of unchanged events of a chain, and the fault of the next one, if any."""

    organisation_id: UUID
    events: int
    wrong: str | None


class Unreadable(Exception):
    """A row that the database's own types cannot read."""


def head_of(line: str) -> Head:
    """Parse a line with a head. Raises `ValueError` for any other line."""
    organisation, sequence, digest = line.split()
    if len(digest) != len(chain.BEGINNING):
        raise ValueError(digest)
    return Head(UUID(organisation), int(sequence), digest)


def heads() -> list[Head]:
    rows = AuditHead.objects.order_by("organisation_id")
    return [Head(row.organisation_id, row.sequence, row.digest) for row in rows]


def verify(anchors: Iterable[Head] = ()) -> list[Verified]:
    """Compare every organisation's chain with its head and with heads noted elsewhere."""
    known = list(anchors)
    of_events = AuditEvent.objects.order_by().values_list("organisation_id", flat=True).distinct()
    organisations = {head.organisation_id for head in (*heads(), *known)} | set(of_events)
    return [
        _verify(organisation, {head for head in known if head.organisation_id == organisation})
        for organisation in sorted(organisations)
    ]


def _verify(organisation_id: UUID, anchors: set[Head]) -> Verified:
    before = _head(organisation_id)
    last, seen = 0, chain.BEGINNING
    noted = {(head.sequence, head.digest) for head in (*anchors, before)}
    try:
        for event in _in_order(organisation_id):
            wrong = _wrong(event, last + 1, seen, noted)
            if wrong:
                return Verified(organisation_id, last, wrong)
            last, seen = event.sequence, event.digest
    except Unreadable:
        return Verified(organisation_id, last, f"event {last + 1} cannot be read")
    return Verified(organisation_id, last, _wrong_end(last, noted, _head(organisation_id)))


def _head(organisation_id: UUID) -> Head:
    row = AuditHead.objects.filter(pk=organisation_id).first()
    place = (row.sequence, row.digest) if row else (0, chain.BEGINNING)
    return Head(organisation_id, *place)


def _wrong(event: AuditEvent, expected: int, seen: str, noted: set[tuple[int, str]]) -> str | None:
    if event.sequence != expected:
        return f"event {expected} is missing; the next one there is {event.sequence}"
    if event.previous != seen:
        return f"event {expected} does not follow from the one before it"
    if not _is_as_written(event):
        return f"event {expected} is not as it was written"
    if any(sequence == expected and digest != event.digest for sequence, digest in noted):
        return f"event {expected} is not the one whose digest was noted"
    return None


def _is_as_written(event: AuditEvent) -> bool:
    try:
        return chain.digest(chain.columns(event)) == event.digest
    except TypeError:  # a value of a kind that is never written
        return False


def _wrong_end(last: int, noted: set[tuple[int, str]], after: Head) -> str | None:
    """`after`: the head once the last event was read; it may have moved on meanwhile, never back."""
    newest = max(sequence for sequence, _ in noted)
    if newest > last:
        return f"events {last + 1} to {newest} are missing at the end"
    if last > after.sequence:
        return f"event {after.sequence + 1} is behind the head, which is {after.sequence}"
    return None


def _in_order(organisation_id: UUID) -> Iterator[AuditEvent]:
    events = AuditEvent.objects.filter(organisation_id=organisation_id).order_by("sequence", "pk")
    batch, size = list[AuditEvent](), AT_ONCE
    beyond = Q()
    while True:
        try:
            batch = list(events.filter(beyond)[:size])
        except (ValueError, TypeError, AttributeError) as error:
            if size == 1:
                raise Unreadable from error
            size = 1  # one of these cannot be read: find out which
            continue
        if not batch:
            return
        yield from batch
        newest = batch[-1]
        beyond = Q(sequence__gt=newest.sequence) | Q(sequence=newest.sequence, pk__gt=newest.pk)


def clients_today(person: Person, action: str, now: datetime) -> set[UUID]:
    """The clients in whose record this person's `action` was noted since the day began."""
    begins = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    events = AuditEvent.objects.filter(
        organisation_id=person.organisation_id, actor_id=person.pk, at__gte=begins, action=action
    )
    return {client for client in events.values_list("client_id", flat=True) if client}
