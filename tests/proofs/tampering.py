"""Random tampering with a log of audit events, each of which `accord audit verify` must see.

What it does not show: an event that somebody who may write to the database adds at the end, in the right form
and with the head moved on. Nothing that the database itself holds can tell that from a true one.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django.db import connection, models, transaction

from accord.clinic.audit import chain, verification
from accord.clinic.audit.verification import Head
from accord.clinic.audit.write import record_event_for_each
from accord.clinic.models import AuditEvent, AuditHead, Person
from accord.clinic.models import guards as append_only

FAR = 10**6  # added to a number to park an event while others take its place
Tampering = Callable[[list[AuditEvent], random.Random], None]


def run(times: int, people: Sequence[Person], seed: int = 1, events: int = 40) -> Counter[str]:
    """Tamper so many times with a log of so many events, each time anew. Returns what went unseen, by kind.

    Inside the caller's transaction, which is rolled back: the guards are taken down first.
    """
    chance = random.Random(seed)
    _written(people, events, chance)
    append_only.take_down(connection)
    anchors, unseen = verification.heads(), Counter[str]()
    if any(report.wrong for report in verification.verify(anchors)):
        raise AssertionError("the log was broken before anybody touched it")
    kinds = sorted(KINDS)
    for number in range(times):
        kind = kinds[number % len(kinds)]
        if not _is_seen(kind, people[0].organisation_id, anchors, chance):
            unseen[kind] += 1
    return unseen


def _written(people: Sequence[Person], events: int, chance: random.Random) -> None:
    for _ in range(events):
        by, about = chance.choice(people), chance.choice(people)
        clients = {about.pk: chance.choice([None, "engaged", "shares"])}
        fields = chance.sample(["name", "code", "day", "session"], chance.randint(0, 3))
        record_event_for_each(by=by, action="client.read", subject=about, clients=clients, fields=fields)


def _is_seen(kind: str, organisation_id: UUID, anchors: list[Head], chance: random.Random) -> bool:
    tamper, needs_anchor = KINDS[kind]
    with transaction.atomic():
        events = list(AuditEvent.objects.filter(organisation_id=organisation_id).order_by("sequence"))
        tamper(events, chance)
        seen = any(report.wrong for report in verification.verify(anchors if needs_anchor else ()))
        transaction.set_rollback(True)
    return seen


def rows() -> models.QuerySet[Any]:
    """The events as somebody with the database's password has them, without the guard of our manager."""
    return models.QuerySet(AuditEvent)


def change(events: list[AuditEvent], chance: random.Random) -> None:
    """Any column of any event gets another value."""
    event = chance.choice(events)
    field = chance.choice(event._meta.concrete_fields)
    rows().filter(pk=event.pk).update(
        **{field.attname: another(getattr(event, field.attname), chance, field)}
    )


def another(value: Any, chance: random.Random, field: Any) -> Any:
    """A value of the column's kind that is not the one it has."""
    if field.null and value is not None and chance.random() < 0.3:
        return None
    if isinstance(field, models.UUIDField):
        return uuid4()
    if isinstance(field, models.DateTimeField):
        return value + timedelta(microseconds=chance.choice([1, -1, 86_400_000_000]))
    if isinstance(field, models.JSONField):
        return value[1:] if value and chance.random() < 0.5 else [*value, "added"]
    if isinstance(field, models.IntegerField):
        return value + chance.choice([FAR, FAR + 1])
    text = value or " "
    at = chance.randrange(len(text))
    other = chance.choice([letter for letter in "ghijkl" if letter != text[at]])
    return f"{text[:at]}{other}{text[at + 1 :]}"


def delete(events: list[AuditEvent], chance: random.Random) -> None:
    rows().filter(pk=chance.choice(events).pk).delete()


def insert(events: list[AuditEvent], chance: random.Random) -> None:
    """An event in the right form, in between or behind the end; those after it make room."""
    place = chance.randint(1, len(events) + 1)
    for event in reversed(events[place - 1 :]):
        rows().filter(pk=event.pk).update(sequence=event.sequence + 1)
    forged = _copy(chance.choice(events))
    forged.sequence, forged.previous = place, events[place - 2].digest if place > 1 else chain.BEGINNING
    forged.digest = chain.digest(chain.columns(forged))
    AuditEvent.objects.bulk_create([forged])


def reorder(events: list[AuditEvent], chance: random.Random) -> None:
    """Two events change places, half of the time with what ties them to their neighbours."""
    report, other = chance.sample(events, 2)
    ties = chance.random() < 0.5
    rows().filter(pk=report.pk).update(sequence=report.sequence + FAR)
    for event, place in ((other, report), (report, other)):
        tied = {"previous": place.previous} if ties else {}
        rows().filter(pk=event.pk).update(sequence=place.sequence, **tied)


def truncate(events: list[AuditEvent], chance: random.Random) -> None:
    """The newest events go, and the head with them: told only by a head that was noted elsewhere."""
    kept = chance.randrange(len(events))
    rows().filter(pk__in=[event.pk for event in events[kept:]]).delete()
    newest = events[kept - 1] if kept else None
    digest = newest.digest if newest else chain.BEGINNING
    AuditHead.objects.filter(pk=events[0].organisation_id).update(sequence=kept, digest=digest)


def remake(events: list[AuditEvent], chance: random.Random) -> None:
    """One event is changed and all after it made anew: told only by a head that was noted elsewhere."""
    first = chance.randrange(len(events))
    events[first].actor_id = uuid4()
    before = events[first].previous
    for event in events[first:]:
        event.previous = before
        event.digest = before = chain.digest(chain.columns(event))
        rows().filter(pk=event.pk).update(
            actor_id=event.actor_id, previous=event.previous, digest=event.digest
        )
    AuditHead.objects.filter(pk=events[0].organisation_id).update(digest=before)


def _copy(event: AuditEvent) -> AuditEvent:
    result = {field.attname: getattr(event, field.attname) for field in event._meta.concrete_fields}
    return AuditEvent(**{**result, "id": uuid4()})


KINDS: dict[str, tuple[Tampering, bool]] = {
    "change": (change, False),
    "delete": (delete, False),
    "insert": (insert, False),
    "reorder": (reorder, False),
    "remake": (remake, True),
    "truncate": (truncate, True),
}
