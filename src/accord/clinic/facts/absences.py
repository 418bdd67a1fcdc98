"""Announced absences that hold now: not replaced by other dates, and not taken back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from accord.clinic.models import Absence
from accord.clinic.models.fact import replaced


def current_absences() -> QuerySet[Absence]:
    return Absence.objects.filter(~replaced(Absence), is_taken_back=False)


def away_on(day: date, clients: Collection[UUID]) -> Mapping[UUID, Absence]:
    """Client -> the absence that holds on this day; of several the one that ends last."""
    rows = current_absences().filter(client__in=clients, first_day__lte=day, last_day__gte=day)
    return {row.client_id: row for row in rows.order_by("last_day") if row.counts_on(day)}


def not_over(client: UUID, today: date) -> tuple[Absence, ...]:
    """A client's present absence and those to come, the next first."""
    rows = current_absences().filter(client=client, last_day__gte=today)
    return tuple(rows.select_related("by").order_by("first_day", "made_at"))
