"""Announced absences that hold now: not replaced by other dates, and not taken back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import OuterRef, QuerySet, Subquery

from accord.clinic.models import Absence, Engagement, Person
from accord.clinic.models.fact import replaced


def current_absences() -> QuerySet[Absence]:
    """Absences that were neither replaced nor taken back, past ones too."""
    return Absence.objects.filter(~replaced(Absence), is_taken_back=False)


@dataclass(frozen=True)
class Away:
    """Until when somebody is away, and when they said so."""

    until: date
    announced_on: date


def holding_on(day: date) -> QuerySet[Absence]:
    """Absences that this day lies in and that were announced by then; the last to end comes first."""
    rows = current_absences().filter(first_day__lte=day, last_day__gte=day, announced_on__lte=day)
    return rows.order_by("-last_day", "announced_on")


def of_client(client: Person, day: date) -> Absence | None:
    """The absence of a client on a day; the last to end where there are several."""
    return holding_on(day).filter(client=client).first()


def marked_away(engagements: QuerySet[Engagement], day: date) -> QuerySet[Engagement]:
    """The same relationships, annotated with what `away` reads, without a further statement."""
    row = holding_on(day).filter(client=OuterRef("client"))
    return engagements.annotate(
        away_until=Subquery(row.values("last_day")[:1]),
        away_announced_on=Subquery(row.values("announced_on")[:1]),
    )


def away(engagement: Engagement) -> Away | None:
    """The client's absence, of a relationship from `marked_away`."""
    until: date | None = engagement.away_until  # type: ignore[attr-defined]
    return Away(until, engagement.away_announced_on) if until else None  # type: ignore[attr-defined]


def not_over(client: UUID, today: date) -> tuple[Absence, ...]:
    """A client's present absence and those to come, the next first."""
    rows = current_absences().filter(client=client, last_day__gte=today)
    return tuple(rows.select_related("by").order_by("first_day", "made_at"))
