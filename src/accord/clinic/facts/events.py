"""Current events of clients: not superseded, and not from an undone import."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accord.clinic.models import Event, Person
from accord.clinic.models.fact import replaced
from accord.clinic.policy import Action, not_undone, rows_visible_to

ACTS = ("self-injury", "attempt")


@dataclass(frozen=True)
class Act:
    """One dated event. `said` names it, with a count if it happened more than once; `source`: how it came on
    record, in words."""

    day: date
    said: str
    source: str
    on_record: datetime


def current_events() -> QuerySet[Event]:
    return Event.objects.filter(not_undone(), ~replaced(Event))


def acts_of(client: Person, viewer: Person) -> tuple[Act, ...]:
    """Recorded self-injury and attempts, newest first; empty for a viewer who may not see them."""
    seen = rows_visible_to(viewer, Event, Action.SEE_EVENTS).filter(client=client, kind__in=ACTS, count__gt=0)
    rows = current_events().filter(pk__in=seen.values("pk")).order_by("-day", "kind")
    return tuple(map(_act, rows))


def recent_acts(viewer: Person, since: date) -> Mapping[UUID, Act]:
    """Client -> their latest self-injury or attempt since a day, of those the viewer may see."""
    seen = rows_visible_to(viewer, Event, Action.SEE_EVENTS).filter(
        kind__in=ACTS, count__gt=0, day__gte=since
    )
    rows = current_events().filter(pk__in=seen.values("pk")).order_by("day", "made_at")
    return {row.client_id: _act(row) for row in rows}


def _act(row: Event) -> Act:
    source = _("from an imported file") if row.batch_id else _("entered here")
    return Act(row.day, _said(row), source, row.made_at)


def _said(row: Event) -> str:
    name = {"self-injury": _("self-injury"), "attempt": _("attempt to end their life")}[row.kind]
    return name if row.count == 1 else _("%(name)s, %(n)s times") % {"name": name, "n": row.count}
