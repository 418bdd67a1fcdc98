"""Facts are written once. A fact is corrected by a successor that names it, never edited, never deleted."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models
from django.db.models import Exists, OuterRef, Q

from accord.clinic.models.row import Row


class FactIsFixed(Exception):
    """Something tried to change or delete a fact."""


def _refuse(what: str) -> NoReturn:
    raise FactIsFixed(f"{what} is a fact: write a successor instead")


class FactQuerySet(models.QuerySet[Any]):
    def update(self, **kwargs: Any) -> NoReturn:
        _refuse(self.model.__name__)

    def delete(self) -> NoReturn:
        _refuse(self.model.__name__)

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        _refuse(self.model.__name__)


class AppendOnly(models.Model):
    objects = FactQuerySet.as_manager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            _refuse(type(self).__name__)
        # Without this a row with a known id would silently overwrite the one that is there.
        kwargs["force_insert"] = True
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        _refuse(type(self).__name__)


class Fact(AppendOnly, Row):
    predecessor = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="successor"
    )

    class Meta:
        abstract = True


def replaced(model: type[Fact], way: str = "pk") -> Exists:
    """Condition for rows whose fact of `model`, found by the lookup `way`, has a successor."""
    return Exists(model._base_manager.filter(predecessor=OuterRef(way)))


def index_of_replaced(name: str) -> models.Index:
    """The index that answers `replaced`.

    Only few facts have a predecessor. SQLite counts all the others as one value of the unique index, takes it
    for useless after ANALYZE, and then reads the whole table for each row; here it counts those few alone.
    """
    return models.Index(fields=["predecessor"], condition=Q(predecessor__isnull=False), name=name)
