"""Sealed texts, in tables of their own: free text that a person wrote beside a fact, bound to that fact.

Facts never change; a sealed text changes in one way, when its key does (`Sealed.rewrap`). It names its fact
by table and id, and is opened with what the fact itself says about whose record it is: moved elsewhere it
does not open.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any, ClassVar, NoReturn, Protocol, Self
from uuid import UUID

from django.db import models

from accord.clinic.encryption.envelope import CannotRead, Place
from accord.clinic.encryption.field import Ciphertext, SealedField
from accord.clinic.encryption.rings import KeyProblem, RingName
from accord.clinic.models.fact import FactIsFixed
from accord.clinic.models.record_path import RecordPath
from accord.clinic.models.row import Row

log = logging.getLogger(__name__)


class HoldsSealed(Protocol):
    """A fact with sealed texts: `sealed_client`: whose record; `sealed_owner`: its author, if private."""

    pk: UUID
    organisation_id: UUID
    _meta: ClassVar[Any]

    @property
    def sealed_client(self) -> UUID: ...

    @property
    def sealed_owner(self) -> UUID | None: ...


class SealedQuerySet(models.QuerySet[Any]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise FactIsFixed("a sealed text is changed by its rotation only")

    def delete(self) -> NoReturn:
        raise FactIsFixed("a sealed text is not deleted")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise FactIsFixed("a sealed text is changed by its rotation only")


class Sealed(Row):
    RING: ClassVar[RingName]

    table = models.CharField(max_length=60)
    row = models.UUIDField()
    field = models.CharField(max_length=40)
    client = models.UUIDField()
    owner = models.UUIDField(null=True)
    wrapped = models.PositiveIntegerField(default=0)  # how often its key changed; see `rewrap`
    objects = SealedQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [models.UniqueConstraint("table", "row", "field", name="%(class)s_once")]

    @property
    def stored(self) -> Ciphertext:
        """The text as the database holds it."""
        sealed: Ciphertext = self.__dict__["content"]
        return sealed

    @property
    def place(self) -> Place:
        return Place(self.table, self.row, self.field, self.client, self.owner)

    @classmethod
    def about(cls, fact: HoldsSealed, field: str, text: str) -> Self:
        """The text of a fact, still to be saved."""
        place = place_of(fact, field)
        return cls(
            organisation_id=fact.organisation_id, table=place.table, row=place.row, field=place.field,
            client=place.client, owner=place.owner, content=text,
        )  # fmt: skip

    @classmethod
    def texts(cls, facts: Iterable[HoldsSealed], field: str) -> dict[UUID, str | None]:
        """The text of each fact, by the fact's id; None for one that cannot be read, which is logged."""
        by_id = {fact.pk: fact for fact in facts}
        tables = {fact._meta.db_table for fact in by_id.values()}
        sealed_by_row = {
            sealed.row: sealed for sealed in cls.objects.filter(table__in=tables, row__in=by_id, field=field)
        }
        return {pk: _opened(sealed_by_row.get(pk), place_of(fact, field)) for pk, fact in by_id.items()}

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise FactIsFixed("a sealed text is changed by its rotation only")
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise FactIsFixed("a sealed text is not deleted")

    def rewrap(self, sealed: Ciphertext) -> bool:
        """Puts the same text under another key. False where somebody else did so since this row was read."""
        unchanged: models.QuerySet[Any] = models.QuerySet(type(self)).filter(pk=self.pk, wrapped=self.wrapped)
        return unchanged.update(content=sealed, wrapped=self.wrapped + 1) == 1


class SealedText(Sealed):
    record_path = RecordPath()  # read through the fact it belongs to, and by nobody otherwise

    RING = RingName.TEXT

    content = SealedField(ring=RING)


class SealedReaction(Sealed):
    record_path = RecordPath()

    RING = RingName.REACTIONS

    content = SealedField(ring=RING)


SEALED = (SealedText, SealedReaction)


def place_of(fact: HoldsSealed, field: str) -> Place:
    """Where a text of this fact belongs, as the fact itself says."""
    return Place(fact._meta.db_table, fact.pk, field, fact.sealed_client, fact.sealed_owner)


def _opened(sealed: Any, place: Place) -> str | None:
    """The opened text; None, and a log entry with its place, if it is missing or does not open."""
    try:
        if sealed is None:
            raise CannotRead("there is none")
        # Bound to what the fact says and not to what the sealed row says of itself.
        sealed.table, sealed.row, sealed.client, sealed.owner = (
            place.table,
            place.row,
            place.client,
            place.owner,
        )
        words: str = sealed.content
        return words
    except (CannotRead, KeyProblem) as reason:
        log.error(
            "the sealed text %s of %s %s cannot be read: %s", place.field, place.table, place.row, reason
        )
        return None
