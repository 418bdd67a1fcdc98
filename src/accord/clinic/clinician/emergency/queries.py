"""Records opened in an emergency, for the person who opened them and for those who review them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from accord.clinic.clinician.emergency.frequency import many_in_a_day
from accord.clinic.models import BreakGlass, BreakGlassQuery, Person, SealedText
from accord.clinic.policy import Action, check, rows_visible_to

SHOWN = timedelta(days=365)
TREATING_TOLD = timedelta(days=28)  # how long the page about the client says it to those who treat them


@dataclass(frozen=True)
class Opening:
    """One emergency. `reason` None: its words cannot be read just now. `seen_by`: who reviewed it."""

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
    is_new: bool  # waits for the viewer's review
    is_own: bool  # the viewer's own, which somebody else reviews


@dataclass(frozen=True)
class LatelyOpened:
    by: str
    at: datetime


@dataclass(frozen=True)
class AskedInVain:
    """A name or code that no single client has. `called`, `reason` None: they cannot be read just now."""

    by: str
    at: datetime
    called: str | None
    reason: str | None


def openings(viewer: Person, now: datetime | None = None) -> tuple[Opening, ...]:
    """Newest first. Raises `Denied` for anybody who is not to look at them."""
    now = now or timezone.now()
    rows = list(
        _of(viewer)
        .filter(opened_at__gte=now - SHOWN)
        .select_related("by", "client")
        .prefetch_related("seen__by")
        .order_by("-opened_at")
    )
    reasons = SealedText.texts(rows, BreakGlass.REASON)
    return tuple(_opening(row, reasons[row.pk], viewer, now) for row in rows)


def asked_in_vain(viewer: Person, now: datetime) -> tuple[AskedInVain, ...]:
    """Newest first. Raises `Denied` like `openings`."""
    check(viewer, Action.REVIEW_BREAK_GLASS, viewer.organisation)
    rows = list(
        BreakGlassQuery.objects.filter(organisation=viewer.organisation_id, asked_at__gte=now - SHOWN)
        .select_related("by")
        .order_by("-asked_at")
    )
    called = SealedText.texts(rows, BreakGlassQuery.CALLED)
    reasons = SealedText.texts(rows, BreakGlassQuery.REASON)
    return tuple(AskedInVain(row.by.name, row.asked_at, called[row.pk], reasons[row.pk]) for row in rows)


def often(viewer: Person, now: datetime) -> tuple[tuple[str, int], ...]:
    """Names of those with many emergencies in the last day, and how many. Raises `Denied` like `openings`."""
    check(viewer, Action.REVIEW_BREAK_GLASS, viewer.organisation)
    many = many_in_a_day(viewer.organisation_id, now)
    people = Person.objects.filter(pk__in=many).exclude(pk=viewer.pk).order_by("name")
    return tuple((person.name, many[person.pk]) for person in people)


def _opening(row: BreakGlass, reason: str | None, viewer: Person, now: datetime) -> Opening:
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
        is_new=row.by_id != viewer.pk and all(review.by_id != viewer.pk for review in seen),
        is_own=row.by_id == viewer.pk,
    )


def unseen(viewer: Person) -> int:
    """The number of openings by others that wait for this person's review."""
    return _of(viewer).exclude(by=viewer).exclude(seen__by=viewer).count()


def _of(viewer: Person) -> QuerySet[BreakGlass]:
    check(viewer, Action.REVIEW_BREAK_GLASS, viewer.organisation)
    return BreakGlass.objects.filter(organisation=viewer.organisation_id)


def lately_opened(viewer: Person, client_id: UUID, now: datetime) -> tuple[LatelyOpened, ...]:
    """Emergencies of others about a client in the last weeks, newest first, for those who treat the client
    or supervise a team that does; empty for anybody else."""
    seen = rows_visible_to(viewer, BreakGlass, Action.SEE_WORKLIST).exclude(by=viewer)
    rows = seen.filter(client=client_id, opened_at__gte=now - TREATING_TOLD)
    columns = rows.order_by("-opened_at").values_list("by__name", "opened_at")
    return tuple(LatelyOpened(*row) for row in columns)


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
