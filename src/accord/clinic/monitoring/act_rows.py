"""Acts and safety answers that are on record, of three models, in one statement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import (
    CharField,
    DateField,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    FloatField,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Cast, TruncDate

from accord.clinic.facts.events import ACTS
from accord.clinic.models import ActResponse, Event, LeftOutAnswer, Person, SafetyRead
from accord.clinic.models.fact import replaced
from accord.clinic.policy import Action, not_undone, rows_visible_to

# What happened longer before it came on record, as in a file of a whole year, is on the client's page alone.
RECENT = timedelta(days=28)


class Row(NamedTuple):
    """An event, a safety answer or an answer of a row left out, in the columns that all of them have.

    `topic`: the field of its response. `form`: what it is shown together with. `name`: the kind of the event,
    or the instrument. `number`: how often, or which item.
    """

    topic: str
    id: UUID
    client_id: UUID
    form: UUID
    day: date | None
    name: str
    version: str
    number: int
    value: float | None
    batch_id: UUID | None
    at: datetime

    @property
    def key(self) -> str:
        return f"{self.topic}:{self.id}"


def rows_on_record(viewer: Person, client: Person | None, *, waiting: bool) -> Iterator[Row]:
    """What came on record while it was recent, in one statement; `waiting`: without what was answered."""
    parts = (_events(viewer), _safety_reads(viewer), _left_out(viewer))
    chosen = [_chosen(part, client, waiting) for part in parts]
    yield from map(Row._make, chosen[0].union(*chosen[1:], all=True))


def _chosen(part: Part, client: Person | None, waiting: bool) -> QuerySet[Any, Any]:
    rows = part.rows
    if client is not None:
        rows = rows.filter(**{part.client: client})
    if waiting:
        rows = rows.filter(~Exists(ActResponse.objects.filter(**{part.topic: OuterRef("pk")})))
    columns = {"topic": _text(part.topic), "about": F(part.client), **part.columns}
    named = rows.annotate(**{f"c_{name}": column for name, column in columns.items()})
    order = ("c_topic", "pk", "c_about", "c_form", "c_day", "c_name", "c_version", "c_number", "c_value")
    listed: QuerySet[Any, Any] = named.values_list(*order, "batch", "c_at")
    return listed


@dataclass(frozen=True)
class Part:
    """Rows of one model. `topic`: the field of the response; `client`: the way of a row to the client."""

    topic: str
    client: str
    rows: QuerySet[Any]
    columns: Mapping[str, Any]


def _events(viewer: Person) -> Part:
    rows = rows_visible_to(viewer, Event, Action.SEE_EVENTS).alias(begins=_recent_from("made_at"))
    columns = {"form": F("pk"), "day": F("day"), "name": F("kind"), "version": _text(""),
               "number": F("count"), "value": _no_value(), "at": F("made_at")}  # fmt: skip
    current = rows.filter(not_undone(), ~replaced(Event), kind__in=ACTS, count__gt=0)
    return Part("event", "client", current.filter(day__gte=F("begins")), columns)


def _safety_reads(viewer: Person) -> Part:
    rows = rows_visible_to(viewer, SafetyRead, Action.SEE_EVENTS)
    rows = rows.alias(begins=_recent_from("batch__created_at"))
    recent = Q(checkin__contact__day__isnull=True) | Q(checkin__contact__day__gte=F("begins"))
    columns = {"form": F("checkin"), "day": F("checkin__contact__day"), "name": F("checkin__instrument"),
               "version": F("checkin__instrument_version"), "number": F("item"), "value": F("value"),
               "at": F("batch__created_at")}  # fmt: skip
    way = "checkin__contact__engagement__client"
    return Part("safety_read", way, rows.filter(not_undone(), recent), columns)


def _left_out(viewer: Person) -> Part:
    rows = rows_visible_to(viewer, LeftOutAnswer, Action.SEE_EVENTS)
    columns = {"form": F("pk"), "day": Value(None, DateField()), "name": F("instrument"),
               "version": _text(""), "number": F("item"), "value": _no_value(),
               "at": F("batch__created_at")}  # fmt: skip
    return Part("left_out", "client", rows.filter(not_undone(), recent=True), columns)


def _recent_from(column: str) -> TruncDate:
    return TruncDate(ExpressionWrapper(F(column) - RECENT, DateTimeField()))


def _text(value: str) -> Value:
    return Value(value, CharField())


def _no_value() -> Cast:
    return Cast(Value(None), FloatField())
