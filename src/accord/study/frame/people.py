"""People of the study with their dates, and the rows of the frame: one for each person and period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.arrays import Bools, Ints
from accord.columns import first_of_each, lexsort_stable
from accord.errors import InputError
from accord.exchange.csv_cells import EPOCH
from accord.exchange.episodes_csv import LONGEST_DAYS
from accord.records.care import END_REASONS, EndReason, EpisodeTable
from accord.records.ratings import NO_DAY
from accord.study.plan.study_plan import Plan

ONGOING = END_REASONS.index(EndReason.ONGOING)
ONLY_ARM = "treatment"  # where files name none
OUTSIDE = -1  # the row of a day that lies in no period


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """One episode for each person, in the order of their names; days since 1970-01-01."""

    names: tuple[str, ...]
    arm: tuple[str, ...]
    start: Ints
    end: Ints  # the last day under observation
    reason: Ints  # positions in END_REASONS; ongoing where the record ends first
    period_days: int

    @property
    def periods(self) -> Ints:
        """Number of periods of each person; the last one may be shorter."""
        periods: Ints = (self.end - self.start) // self.period_days + 1
        return periods

    @property
    def first_row(self) -> Ints:
        rows: Ints = np.cumsum(self.periods) - self.periods
        return rows

    def codes(self, names: Sequence[str]) -> Ints:
        """Position of each name among the people, or -1."""
        place = {name: at for at, name in enumerate(self.names)}
        return np.array([place.get(name, -1) for name in names] or [-1], dtype=np.int64)

    def row_of(self, person: NDArray[Any], day: NDArray[Any]) -> Ints:
        """The row in which a day of a person lies, or OUTSIDE."""
        known = np.maximum(person, 0)
        day = day.astype(np.int64)
        inside = (person >= 0) & (day >= self.start[known]) & (day <= self.end[known])
        row = self.first_row[known] + (day - self.start[known]) // self.period_days
        return np.where(inside, row, OUTSIDE)


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """The rows of the frame by person and period; `days` under observation in it."""

    person: Ints
    period: Ints
    days: Ints
    last: Bools  # of the person

    def __len__(self) -> int:
        return len(self.person)


def people_of(episodes: EpisodeTable, plan: Plan) -> tuple[People, list[str]]:
    """Each client's first episode in one of the plan's arms that began within the record, and notes.

    An episode that ends after the record is cut there and goes on; so does an ongoing one without a date.
    """
    record_ends = plan.record_ends.toordinal() - EPOCH
    arms = np.array([arm in plan.arms for arm in episodes.arms])[episodes.arm]
    inside = arms & (episodes.start <= record_ends)
    kept = np.flatnonzero(inside)
    kept = kept[lexsort_stable(episodes.client[kept], episodes.start[kept])]
    first = kept[first_of_each(episodes.client[kept]) == np.arange(len(kept))]
    if not len(first):
        raise InputError(
            f"an episode in one of the arms {', '.join(plan.arms)} that begins by {plan.record_ends}",
            found="none",
        )
    later = (episodes.end[first] == NO_DAY) | (episodes.end[first] > record_ends)
    people = People(
        names=tuple(episodes.clients[code] for code in episodes.client[first].tolist()),
        arm=tuple(episodes.arms[code] or ONLY_ARM for code in episodes.arm[first].tolist()),
        start=episodes.start[first].astype(np.int64),
        end=np.where(later, record_ends, episodes.end[first]).astype(np.int64),
        reason=np.where(later, ONGOING, episodes.end_reason[first]).astype(np.int64),
        period_days=plan.period_days,
    )
    _refuse_endless(people, episodes, first)
    return people, _notes(plan, inside, len(kept) - len(first))


def _refuse_endless(people: People, episodes: EpisodeTable, rows: Ints) -> None:
    """Refuse ongoing episodes of decades, which come from a mistyped year there or at the record's end."""
    long = np.flatnonzero(people.end - people.start > LONGEST_DAYS)
    if len(long):
        start = str(np.datetime64(int(people.start[long[0]]), "D"))
        expected = f"a start at most {LONGEST_DAYS // 366} years before the record ends"
        raise InputError(expected, row=int(episodes.line[rows[long[0]]]), column="start", found=start)


def _notes(plan: Plan, inside: Bools, again: int) -> list[str]:
    notes = []
    if left_out := int((~inside).sum()):
        notes.append(f"{left_out:,} episodes in other arms or after {plan.record_ends} are left out")
    if again:
        notes.append(f"{again:,} later episodes of people who came back are left out: each counts once")
    return notes


def rows_of_people(people: People) -> Rows:
    """A row for each period from the first day to the last, so that no period of a person is missing."""
    periods = people.periods
    person = np.repeat(np.arange(len(people.names)), periods)
    period = np.arange(len(person)) - people.first_row[person]
    whole = (people.end - people.start + 1)[person]
    days = np.minimum(whole - period * people.period_days, people.period_days)
    return Rows(person, period, days, period == periods[person] - 1)
