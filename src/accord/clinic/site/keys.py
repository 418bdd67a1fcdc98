"""Keys of sealed texts: how many texts each key seals, and rotation to the current key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, F
from django.db.models.functions import Left

from accord.clinic.audit.write import record_event
from accord.clinic.encryption import envelope, factor_secrets
from accord.clinic.encryption.envelope import CannotRead
from accord.clinic.encryption.field import Ciphertext, ring_of
from accord.clinic.encryption.rings import Ring, RingName
from accord.clinic.models import Organisation, UploadedFile
from accord.clinic.models.actors import Actor
from accord.clinic.models.sealed import SEALED, Sealed

BATCH = 200  # rows of one transaction: short enough to let the site write in between
FILES = 1  # of one transaction: each is held in memory
Holder = Sealed | UploadedFile
HOLDING = (*SEALED, UploadedFile)  # every model with sealed content
HEAD = len(f"{envelope.VERSION}.{'0' * 12}")
SETTLED_AFTER = timedelta(minutes=15)  # no request that began under the earlier key runs this long


class StillNeeded(Exception):
    """Why a key cannot be retired yet."""


@dataclass(frozen=True)
class Rotated:
    """Result of a rotation: texts moved to the current key, and places of texts that could not be opened."""

    moved: int
    unreadable: tuple[str, ...]


def under_keys(name: RingName) -> Counter[str]:
    """Number of sealed texts, and of secrets of second factors, by the id of their key."""
    counts: Counter[str] = Counter()
    for model in _tables(name):
        heads = model.objects.annotate(head=Left(F("content"), HEAD)).values_list("head")
        for head, number in heads.annotate(number=Count("pk")).order_by("head"):
            counts[str(head).partition(".")[2]] += number
    return counts + factor_secrets.under_keys() if name is factor_secrets.RING else counts


def _tables(name: RingName) -> list[type[Holder]]:
    """The tables of a ring that this database has; before its first migration it has none."""
    there = connection.introspection.table_names()
    mine: list[Any] = [model for model in HOLDING if model.RING is name]
    return [model for model in mine if model._meta.db_table in there]


def rotate(*, name: RingName, by: Actor) -> Rotated:
    """Moves every text of a ring to its current key, in batches.

    Stopped at any moment it has lost nothing, and running it again goes on with what is left. A text is
    replaced only where it still is what was read, and only by one that opens to the same words.
    """
    moved, unreadable = 0, list[str]()
    for model in _tables(name):
        for batch in _batches(model):
            done, bad = _move(batch, ring_of(name))
            moved, unreadable = moved + done, unreadable + bad
    if name is factor_secrets.RING:
        done, bad = factor_secrets.rotate(ring_of(name))
        moved, unreadable = moved + done, unreadable + bad
    note(what="keys.rotate", name=name, by=by)
    return Rotated(moved, tuple(unreadable))


def _batches(model: type[Holder]) -> Iterator[list[Any]]:
    last, size = None, FILES if model is UploadedFile else BATCH
    while True:
        rows = model.objects.order_by("pk")
        batch = list((rows.filter(pk__gt=last) if last else rows)[:size])
        if not batch:
            return
        yield batch
        last = batch[-1].pk


def _move(batch: list[Any], ring: Ring) -> tuple[int, list[str]]:
    rows_read: list[tuple[Any, Ciphertext]] = []
    unreadable: list[str] = []
    for row in batch:
        try:
            if envelope.key_of(row.stored) != ring.current:
                rows_read.append((row, Ciphertext(envelope.reseal(row.stored, ring, row.place))))
        except CannotRead as reason:
            place: envelope.Place = row.place
            unreadable.append(f"{place.field} of {place.table} {place.row}: {reason}")
    if not rows_read:
        return 0, unreadable
    with transaction.atomic():
        return sum(row.rewrap(sealed) for row, sealed in rows_read), unreadable


def refuse_retiring(name: RingName, key_id: str, now: datetime | None = None) -> None:
    """Raises `StillNeeded` while a text is under this key, or might be written under it by work under way."""
    held = under_keys(name)[key_id]
    if held:
        raise StillNeeded(f"found {held} texts under {key_id}, expected none: run accord keys rotate first")
    since = (now or datetime.now(UTC)) - datetime.fromisoformat(ring_of(name).sealing.made)
    if since < SETTLED_AFTER:
        minutes = int(SETTLED_AFTER.total_seconds() // 60)
        raise StillNeeded(
            f"found a current key younger than {minutes} minutes, expected an older one: wait, rotate again"
        )


def note(*, what: str, name: RingName, by: Actor) -> None:
    """One audit event of each organisation about its keys."""
    there = Organisation._meta.db_table in connection.introspection.table_names()
    for organisation in Organisation.objects.all() if there else ():
        record_event(
            by=by, action=what, subject=organisation, organisation_id=organisation.pk, fields=[name.value]
        )
