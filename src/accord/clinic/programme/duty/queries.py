"""The coming shifts, day by day, each with those who are on duty at the same time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby

from django.utils.formats import date_format

from accord.clinic.facts import duty
from accord.clinic.models import DutyShift, Organisation

WITH_DAY = "l, j F, H:i"
NEAR = timedelta(days=14)  # what the page shows before somebody asks for all


@dataclass(frozen=True)
class ListedShift:
    """`span`: its times in words; `beside`: names of others who are on duty during some of it."""

    shift: DutyShift
    span: str
    is_running: bool
    beside: tuple[str, ...]


@dataclass(frozen=True)
class Day:
    day: date
    shifts: tuple[ListedShift, ...]


@dataclass(frozen=True)
class Rota:
    """`later`: how many shifts are to come that are not among the days."""

    days: tuple[Day, ...]
    later: int


def rota(organisation: Organisation, now: datetime, *, whole: bool) -> Rota:
    """The shifts that run now or begin within two weeks; `whole`: all that are to come."""
    rows = list(duty.coming_shifts(organisation.pk, now))
    shown = [shift for shift in rows if whole or shift.starts_at <= now + NEAR]
    listed = [_listed(shift, rows, now) for shift in shown]
    days = groupby(listed, key=lambda entry: entry.shift.starts_at.astimezone(entry.shift.tz).date())
    of_days = tuple(Day(day, tuple(entries)) for day, entries in days)
    return Rota(of_days, len(rows) - len(shown))


def _listed(shift: DutyShift, rows: Sequence[DutyShift], now: datetime) -> ListedShift:
    beside = dict.fromkeys(other.name for other in _overlapping(shift, rows))
    return ListedShift(shift, span(shift), duty.is_running(shift, now), tuple(beside))


def _overlapping(shift: DutyShift, rows: Sequence[DutyShift]) -> Iterator[DutyShift]:
    for other in rows:
        if other.starts_at >= shift.ends_at:
            return  # they come in the order of their start
        if other.pk != shift.pk and other.ends_at > shift.starts_at:
            yield other


def span(shift: DutyShift, *, with_day: bool = False) -> str:
    """From when until when, as clocks in the shift's zone show it; a day is named where it is not known."""
    start, end = shift.starts_at.astimezone(shift.tz), shift.ends_at.astimezone(shift.tz)
    first = date_format(start, WITH_DAY if with_day else "H:i")
    last = date_format(end, "H:i" if end.date() == start.date() else WITH_DAY)
    return duty.with_zone(f"{first} – {last}", shift.starts_at, shift)
