"""When contacts take place. Arrays are sessions x relationships."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from accord.records.ratings import NO_DAY
from accord.simulator.layout import Layout
from accord.simulator.parameters import Schedule

EPOCH = date(1970, 1, 1)
WORKDAYS = 5  # Monday to Friday


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """Contacts: session t of a relationship is row t - 1 of its column. Days are days since 1970-01-01;
    where `present` is False the contact does not exist and its day repeats or carries on."""

    day: NDArray[np.int32]
    present: NDArray[np.bool_]

    @property
    def weeks(self) -> NDArray[np.float64]:
        """Weeks since the relationship's first contact, 0 at the first."""
        weeks: NDArray[np.float64] = (self.day - self.day[0]) / 7.0
        return weeks


def plan(schedule: Schedule, layout: Layout, sessions: int, start: date, rng: np.random.Generator) -> Grid:
    """Contacts of every relationship, at most `sessions` each, none before the first Monday from `start`."""
    first = (start - EPOCH).days
    monday = first + -start.weekday() % 7
    if schedule.stay_days is not None:
        return _residential(schedule, schedule.stay_days, layout, sessions, monday, rng)
    return _weekly(schedule, layout, sessions, monday, rng)


def _intake(schedule: Schedule, clients: int, weeks: int, rng: np.random.Generator) -> NDArray[np.int64]:
    return rng.integers(0, max(1, min(schedule.intake_weeks, weeks // 2)), clients)


def _weekly(schedule: Schedule, layout: Layout, sessions: int, monday: int, rng: np.random.Generator) -> Grid:
    shape = (sessions, len(layout))
    intake = _intake(schedule, len(layout.clients), sessions, rng)
    every = np.array([role.every_weeks for role in schedule.roles])[layout.role]
    begins = np.array([role.begins_weeks for role in schedule.roles])[layout.role]
    week = np.arange(sessions)[:, None] * every + begins + intake[layout.client]
    if schedule.skip > 0:
        week += np.cumsum(rng.geometric(1.0 - schedule.skip, shape) - 1, axis=0)
    weekday = np.broadcast_to(rng.integers(0, WORKDAYS, len(layout)), shape)
    if schedule.moved > 0:
        weekday = np.where(rng.random(shape) < schedule.moved, rng.integers(0, WORKDAYS, shape), weekday)
    day = (_open_mondays(schedule, monday, int(week.max()) + 1)[week] + weekday).astype(np.int32)
    present = np.ones(shape, dtype=np.bool_)
    if schedule.count is not None:
        low, high = schedule.count
        present &= np.arange(sessions)[:, None] < rng.integers(low, high + 1, len(layout))
    if schedule.ends_with_record:
        present &= day < monday + 7 * sessions
    return Grid(day, present)


def _open_mondays(schedule: Schedule, monday: int, weeks: int) -> NDArray[np.int64]:
    """Mondays of the first `weeks` weeks that are not closed for holidays."""
    closed_a_year = sum(length for _, _, length in schedule.holidays)
    enough = weeks + (weeks // (52 - closed_a_year) + 2) * closed_a_year
    mondays = monday + 7 * np.arange(enough)
    days = mondays.astype("datetime64[D]")
    years = days.astype("datetime64[Y]")
    closed = np.zeros(enough, dtype=np.bool_)
    for month, day, length in schedule.holidays:
        for year in (years, years - 1):  # a holiday may run over the turn of the year
            begins = (year.astype("datetime64[M]") + (month - 1)).astype("datetime64[D]") + (day - 1)
            since = (days - begins).astype(np.int64)
            closed |= (since >= 0) & (since < 7 * length)
    return mondays[~closed][:weeks]


def _residential(
    schedule: Schedule,
    stay_days: tuple[int, int],
    layout: Layout,
    sessions: int,
    monday: int,
    rng: np.random.Generator,
) -> Grid:
    """Each day's contacts are dealt out over the client's relationships; one may have several a day."""
    clients, longest, most = len(layout.clients), stay_days[1], schedule.daily_contacts[1]
    begins = monday + 7 * _intake(schedule, clients, 2 * schedule.intake_weeks, rng)
    stay = rng.integers(stay_days[0], longest + 1, clients)
    contacts = rng.integers(schedule.daily_contacts[0], most + 1, (clients, longest))
    weights = np.array([role.daily_weight for role in schedule.roles])
    dealt = rng.choice(len(weights), p=weights / weights.sum(), size=(clients, longest, most))
    held = (np.arange(most) < contacts[:, :, None]) & (np.arange(longest)[:, None] < stay[:, None, None])
    client, day, slot = np.nonzero(held)
    relationship = _positions(layout, len(weights))[client, dealt[client, day, slot]]
    kept = relationship >= 0
    return _numbered(relationship[kept], (begins[client] + day)[kept], len(layout), sessions)


def _positions(layout: Layout, roles: int) -> NDArray[np.int64]:
    """(clients, roles): position of the relationship, -1 where the client has none of that role."""
    positions = np.full((len(layout.clients), roles), -1, dtype=np.int64)
    positions[layout.client, layout.role] = np.arange(len(layout))
    return positions


def _numbered(
    relationship: NDArray[np.int64], day: NDArray[np.int64], relationships: int, sessions: int
) -> Grid:
    """Contacts in the order of time become sessions 1, 2, ... of their relationship."""
    order = np.argsort(relationship, kind="stable")
    relationship, day = relationship[order], day[order]
    number = np.arange(len(order)) - np.searchsorted(relationship, relationship)
    kept = number < sessions
    shape = (int(number[kept].max()) + 1, relationships)
    days, present = np.full(shape, NO_DAY, dtype=np.int32), np.zeros(shape, dtype=np.bool_)
    days[number[kept], relationship[kept]] = day[kept]
    present[number[kept], relationship[kept]] = True
    return Grid(np.maximum.accumulate(days, axis=0), present)
