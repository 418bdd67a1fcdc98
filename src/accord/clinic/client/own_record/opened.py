"""People who opened a client's record, for that client: by day, not by minute, with the reason they could."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accord.clinic.audit.actions import words_for
from accord.clinic.models import AuditEvent, Person
from accord.clinic.policy import Relation

# Day and person -> action and relation of each event, in order of time.
Events = dict[tuple[date, UUID | None], list[tuple[str, str | None]]]

DAYS = 30  # days with something on them that one page shows

WHY: Mapping[str, Any] = {
    Relation.ENGAGED: gettext_lazy("works with you"),
    Relation.PEER: gettext_lazy("your peer worker"),
    Relation.SHARES: gettext_lazy("works with you, too"),
    Relation.SUPERVISES: gettext_lazy("supervises a team that works with you"),
    Relation.BREAK_GLASS: gettext_lazy("does not work with you; opened it in an emergency"),
    Relation.LEAD: gettext_lazy("leads the programme"),
    Relation.ADMINISTRATOR: gettext_lazy("looks after people and teams here"),
    Relation.RESEARCHER: gettext_lazy("does research in the programme"),
    Relation.AUDITOR: gettext_lazy("checks who opens records here"),
}
OTHERWISE = gettext_lazy("works in the programme")


@dataclass(frozen=True)
class Opening:
    """One person on one day."""

    name: str
    why: str
    what: tuple[str, ...]


@dataclass(frozen=True)
class Day:
    day: date
    openings: tuple[Opening, ...]


@dataclass(frozen=True)
class WhoOpened:
    """Newest day first. `earlier`: show the days before this one; None where there are none."""

    days: tuple[Day, ...]
    earlier: date | None


def who_opened(client: Person, before: date | None = None) -> WhoOpened:
    """Everybody else who read or changed something in a client's own record; `before`: on earlier days."""
    events = _by_others(client, before)
    days_found = list(
        events.annotate(day=TruncDate("at"))
        .order_by("-day")
        .values_list("day", flat=True)
        .distinct()[: DAYS + 1]
    )
    shown = days_found[:DAYS]
    if not shown:
        return WhoOpened((), None)
    events_by_day = _events_by_day(events.filter(at__gte=_begins(shown[-1])))
    people = Person.objects.in_bulk({person for _, person in events_by_day if person})
    days = tuple(Day(day, _openings(day, events_by_day, people)) for day in shown)
    return WhoOpened(days, shown[-1] if len(days_found) > DAYS else None)


def _by_others(client: Person, before: date | None) -> QuerySet[AuditEvent]:
    events = AuditEvent.objects.filter(
        organisation_id=client.organisation_id, client_id=client.pk, actor_kind="person"
    ).exclude(actor_id=client.pk)
    return events.filter(at__lt=_begins(before)) if before else events


def _begins(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _events_by_day(events: QuerySet[AuditEvent]) -> Events:
    result: Events = {}
    for event in events.order_by("sequence"):
        day_and_person = (timezone.localdate(event.at), event.actor_id)
        result.setdefault(day_and_person, []).append((event.action, event.relation))
    return result


def _openings(day: date, events_by_day: Events, people: Mapping[UUID, Person]) -> tuple[Opening, ...]:
    openings = [
        Opening(_name(person, people), _why(relation for _, relation in events), _what(events))
        for (on, person), events in events_by_day.items()
        if on == day
    ]
    return tuple(sorted(openings, key=lambda opening: opening.name))


def _name(person: UUID | None, people: Mapping[UUID, Person]) -> str:
    return people[person].name if person and person in people else _("somebody whose entry is gone")


def _why(relations: Iterable[str | None]) -> str:
    """The relation that held when it was done; where it changed during the day, each of them."""
    known = dict.fromkeys(str(WHY.get(relation or "", OTHERWISE)) for relation in relations)
    return _("; ").join(known)


def _what(events: Iterable[tuple[str, str | None]]) -> tuple[str, ...]:
    """Words for the actions, each once, beginning with what means most to the client."""
    words = {words_for(action) for action, _ in events}
    return tuple(str(wording.text) for wording in sorted(words, key=lambda wording: wording.rank))
