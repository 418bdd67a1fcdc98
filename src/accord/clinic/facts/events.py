"""Current events of clients: not superseded, and not from an undone import."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
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

    id: UUID
    day: date
    said: str
    source: str


def current_events() -> QuerySet[Event]:
    return Event.objects.filter(not_undone(), ~replaced(Event))


def acts_of(client: Person, viewer: Person) -> tuple[Act, ...]:
    """Recorded self-injury and attempts, newest first; empty for a viewer who may not see them."""
    seen = rows_visible_to(viewer, Event, Action.SEE_EVENTS).filter(client=client, kind__in=ACTS, count__gt=0)
    rows = current_events().filter(pk__in=seen.values("pk")).order_by("-day", "kind")
    return tuple(
        Act(row.pk, row.day, act_text(row.kind, row.count), act_source(row.batch_id)) for row in rows
    )


def act_source(batch_id: UUID | None) -> str:
    """How an event came on record, in words."""
    return _("from an imported file") if batch_id else _("entered here")


def act_text(kind: str, count: int) -> str:
    """Words for a recorded act, with a count if it happened more than once."""
    name = act_name(kind)
    return name if count == 1 else _("%(name)s, %(n)s times") % {"name": name, "n": count}


def act_name(kind: str) -> str:
    return {"self-injury": _("self-injury"), "attempt": _("attempt to end their life")}.get(kind, kind)
