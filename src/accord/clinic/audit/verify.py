"""Whether the log of who did what is still as it was written, and where it stands."""

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
    """The newest event of an organisation's chain, as it is kept here or was written down elsewhere."""

    organisation_id: UUID
    sequence: int
    digest: str

    def __str__(self) -> str:
        return f"{self.organisation_id} {self.sequence} {self.digest}"


@dataclass(frozen=True)
class Verified:
    """How many events of a chain are as they were written, and what is wrong with the next, if anything."""

    organisation_id: UUID
    events: int
    wrong: str | None


class Unreadable(Exception):
    """A row that the database's own types cannot read."""


def head_of(line: str) -> Head:
    """A head from the line that tells it. Raises `ValueError` for any other line."""
    organisation, sequence, digest = line.split()
    if len(digest) != len(chain.BEGINNING):
        raise ValueError(digest)
    return Head(UUID(organisation), int(sequence), digest)


def heads() -> list[Head]:
    kept = AuditHead.objects.order_by("organisation_id")
    return [Head(one.organisation_id, one.sequence, one.digest) for one in kept]


def verify(anchors: Iterable[Head] = ()) -> list[Verified]:
    """Every organisation's chain, compared with its head and with heads that were written down elsewhere."""
    known = list(anchors)
    of_events = AuditEvent.objects.order_by().values_list("organisation_id", flat=True).distinct()
    organisations = {one.organisation_id for one in (*heads(), *known)} | set(of_events)
    return [
        _verify(one, {head for head in known if head.organisation_id == one}) for one in sorted(organisations)
    ]


def _verify(organisation_id: UUID, anchors: set[Head]) -> Verified:
    before = _head(organisation_id)
    last, seen = 0, chain.BEGINNING
    told = {(one.sequence, one.digest) for one in (*anchors, before)}
    try:
        for event in _in_order(organisation_id):
            wrong = _wrong(event, last + 1, seen, told)
            if wrong:
                return Verified(organisation_id, last, wrong)
            last, seen = event.sequence, event.digest
    except Unreadable:
        return Verified(organisation_id, last, f"event {last + 1} cannot be read")
    return Verified(organisation_id, last, _wrong_end(last, told, _head(organisation_id)))


def _head(organisation_id: UUID) -> Head:
    kept = AuditHead.objects.filter(pk=organisation_id).first()
    found = (kept.sequence, kept.digest) if kept else (0, chain.BEGINNING)
    return Head(organisation_id, *found)


def _wrong(event: AuditEvent, expected: int, seen: str, told: set[tuple[int, str]]) -> str | None:
    if event.sequence != expected:
        return f"event {expected} is missing; the next one there is {event.sequence}"
    if event.previous != seen:
        return f"event {expected} does not follow from the one before it"
    if not _is_as_written(event):
        return f"event {expected} is not as it was written"
    if any(place == expected and digest != event.digest for place, digest in told):
        return f"event {expected} is not the one whose digest was noted"
    return None


def _is_as_written(event: AuditEvent) -> bool:
    try:
        return chain.digest(chain.columns(event)) == event.digest
    except TypeError:  # a value of a kind that is never written
        return False


def _wrong_end(last: int, told: set[tuple[int, str]], after: Head) -> str | None:
    """`after`: the head once the last event was read; it may have moved on meanwhile, never back."""
    noted = max(place for place, _ in told)
    if noted > last:
        return f"events {last + 1} to {noted} are missing at the end"
    if last > after.sequence:
        return f"event {after.sequence + 1} stands behind the head, which is {after.sequence}"
    return None


def _in_order(organisation_id: UUID) -> Iterator[AuditEvent]:
    events = AuditEvent.objects.filter(organisation_id=organisation_id).order_by("sequence", "pk")
    some, size = list[AuditEvent](), AT_ONCE
    beyond = Q()
    while True:
        try:
            some = list(events.filter(beyond)[:size])
        except (ValueError, TypeError, AttributeError) as error:
            if size == 1:
                raise Unreadable from error
            size = 1  # one of these cannot be read: find out which
            continue
        if not some:
            return
        yield from some
        newest = some[-1]
        beyond = Q(sequence__gt=newest.sequence) | Q(sequence=newest.sequence, pk__gt=newest.pk)


def clients_today(person: Person, action: str, now: datetime) -> set[UUID]:
    """The clients in whose record this person's `action` was noted since the day began."""
    begins = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    events = AuditEvent.objects.filter(
        organisation_id=person.organisation_id, actor_id=person.pk, at__gte=begins, action=action
    )
    return {client for client in events.values_list("client_id", flat=True) if client}
