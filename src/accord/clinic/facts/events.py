"""What happened to clients on a day, as it stands: not superseded, not from an undone import."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accord.clinic.models import Event, Person
from accord.clinic.models.fact import replaced
from accord.clinic.policy import Action, kept, rows_visible_to

ACTS = ("self-injury", "attempt")


@dataclass(frozen=True)
class Act:
    """One dated line. `said`: what, and how often where more than once."""

    day: date
    said: str


def standing() -> QuerySet[Event]:
    return Event.objects.filter(kept(), ~replaced(Event))


def acts_of(client: Person, viewer: Person) -> tuple[Act, ...]:
    """What is on record of self-injury and attempts, the newest first; empty for whoever may not see it."""
    seen = rows_visible_to(viewer, Event, Action.SEE_EVENTS).filter(client=client, kind__in=ACTS, count__gt=0)
    rows = standing().filter(pk__in=seen.values("pk")).order_by("-day", "kind")
    return tuple(Act(row.day, _said(row)) for row in rows)


def _said(row: Event) -> str:
    name = {"self-injury": _("self-injury"), "attempt": _("attempt to end their life")}[row.kind]
    return name if row.count == 1 else _("%(name)s, %(n)s times") % {"name": name, "n": row.count}
