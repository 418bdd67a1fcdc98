"""Records opened in an emergency, for the person who opened them and for the programme lead."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from accord.clinic.models import BreakGlass, Person, SealedText
from accord.clinic.policy import Action, check

SHOWN = timedelta(days=365)


@dataclass(frozen=True)
class Opening:
    """One emergency. `reason` None: its words cannot be read just now. `seen_by`: leads who looked at it."""

    id: UUID
    by: str
    client_id: UUID
    client: str
    code: str
    at: datetime
    ends_at: datetime
    lasts: bool
    reason: str | None
    seen_by: tuple[str, ...]
    seen_by_viewer: bool


def openings(lead: Person, now: datetime | None = None) -> tuple[Opening, ...]:
    """Newest first. Raises `Denied` for anybody who is not to look at them."""
    now = now or timezone.now()
    rows = list(
        _of(lead)
        .filter(opened_at__gte=now - SHOWN)
        .select_related("by", "client")
        .prefetch_related("seen__by")
        .order_by("-opened_at")
    )
    reasons = SealedText.texts(rows, BreakGlass.REASON)
    return tuple(_opening(row, reasons[row.pk], lead, now) for row in rows)


def _opening(row: BreakGlass, reason: str | None, lead: Person, now: datetime) -> Opening:
    seen = list(row.seen.all())
    return Opening(
        id=row.pk,
        by=row.by.name,
        client_id=row.client_id,
        client=row.client.name,
        code=row.client.code,
        at=row.opened_at,
        ends_at=row.ends_at,
        lasts=row.ends_at > now,
        reason=reason,
        seen_by=tuple(review.by.name for review in seen),
        seen_by_viewer=any(review.by_id == lead.pk for review in seen),
    )


def unseen(lead: Person) -> int:
    """The number of openings that this lead has not reviewed yet."""
    return _of(lead).exclude(seen__by=lead).count()


def _of(lead: Person) -> QuerySet[BreakGlass]:
    check(lead, Action.REVIEW_BREAK_GLASS, lead.organisation)
    return BreakGlass.objects.filter(organisation=lead.organisation_id)


def ends_at(viewer: Person, client_id: UUID) -> datetime | None:
    """Until when this client's record is open to the viewer by an emergency; None: it is not."""
    mine = BreakGlass.objects.filter(
        by=viewer, client=client_id, opened_at__gt=timezone.now() - BreakGlass.LASTS
    )
    newest = mine.order_by("-opened_at").first()
    return newest.ends_at if newest else None


def clients_called(viewer: Person, called: str) -> list[Person]:
    """The clients of the viewer's organisation with exactly this name or code; nothing is guessed."""
    called = " ".join(called.split())
    clients = Person.objects.filter(organisation=viewer.organisation_id, kind=Person.Kind.CLIENT)
    return list(clients.filter(Q(name__iexact=called) | Q(code__iexact=called)))
