"""The frame described, with small cells hidden: people and how it ended, events, alliance, missing forms.

All tables are made of the released frame, so that none can be set against it to tell of somebody left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from accord.care import END_REASONS
from accord.study.disclosure import Bools, Counts, small, suppress
from accord.study.files import Cell, write_csv
from accord.study.frame import Frame
from accord.study.release import people_in

QUARTER_DAYS = 91
ALL = "all"
LATER = "later"  # the end lies beyond the periods that are kept


class Table(NamedTuple):
    name: str
    header: tuple[str, ...]
    rows: list[tuple[Cell, ...]]


def write_tables(folder: Path, frame: Frame) -> None:
    """All of them as CSV files in `folder`, which is made."""
    folder.mkdir()
    for table in (flow(frame), events(frame), alliance(frame), missing(frame)):
        write_csv(folder / f"{table.name}.csv", table.header, table.rows)


def arms_of(frame: Frame) -> tuple[str, ...]:
    """The arms in the plan's order, then what was put together."""
    there = set(frame.columns["arm"].tolist())
    return (*(arm for arm in frame.plan.arms if arm in there), *sorted(there - set(frame.plan.arms)))


def flow(frame: Frame) -> Table:
    """People of each arm by how their treatment ended or stands."""
    arms, last = arms_of(frame), _last_rows(frame)
    reason = np.where(frame.columns["end_reason"][last] == "", LATER, frame.columns["end_reason"][last])
    ends = [end for end in (*END_REASONS, LATER) if end in reason]
    arm = frame.columns["arm"][last]
    counts = np.array([[int(((arm == one) & (reason == end)).sum()) for end in ends] for one in arms])
    shown = suppress(counts, frame.plan.minimum_cell)
    rows: list[tuple[Cell, ...]] = []
    for place, name in _with_all(arms):
        for at, end in enumerate((*ends, ALL)):
            people, hidden = int(shown.counts[place, at]), bool(shown.hidden[place, at])
            whole = None if shown.hidden[place, -1] else int(shown.counts[place, -1])
            share = None if hidden or not whole else round(people / whole, 4)
            rows.append((name, end, None if hidden else people, share, int(hidden)))
    return Table("flow", ("arm", "end", "people", "share", "hidden"), rows)


def events(frame: Frame) -> Table:
    """Events per 100 person-weeks of each arm by quarter of treatment."""
    header = ("kind", "arm", "quarter", "people", "person_weeks", "events", "per_100_person_weeks", "hidden")
    rows = [row for kind in frame.kinds for row in _events(frame, kind)]
    return Table("events", header, rows)


def _events(frame: Frame, kind: str) -> Iterator[tuple[Cell, ...]]:
    """An event's count is hidden where fewer than k people, but somebody, had one."""
    count = frame.columns[kind]
    for name, quarter, rows, number, hidden in _by_quarter(frame, count):
        weeks = float(frame.columns["days"][rows].sum()) / 7.0
        rate = None if hidden or not weeks else round(100.0 * number / weeks, 4)
        people = people_in(frame.columns, rows)
        yield kind, name, quarter, people, round(weeks, 1), None if hidden else number, rate, int(hidden)


def missing(frame: Frame) -> Table:
    """Forms of the alliance by arm and quarter, and those that nobody filled."""
    rows: list[tuple[Cell, ...]] = []
    for name, quarter, chosen, number, hidden in _by_quarter(frame, frame.columns["missing_forms"]):
        forms = int(frame.columns["forms"][chosen].sum())
        share = None if hidden or not forms else round(number / forms, 4)
        people = people_in(frame.columns, chosen)
        rows.append((name, quarter, people, forms, None if hidden else number, share, int(hidden)))
    return Table("missing_forms", ("arm", "quarter", "people", "forms", "missing", "share", "hidden"), rows)


def _by_quarter(frame: Frame, count: NDArray[np.float64]) -> Iterator[tuple[str, Cell, Bools, int, bool]]:
    """Arm, quarter from 1 (or all), its rows, the sum of a count there, and whether it is hidden."""
    arms = arms_of(frame)
    quarter = (frame.columns["start_day"] // QUARTER_DAYS).astype(np.int64)
    quarters = [*range(int(quarter.max()) + 1), None]
    rows = [[_rows(frame, arm, quarter, one) for one in quarters] for arm in (*arms, None)]
    sums = np.array([[int(count[chosen].sum()) for chosen in line] for line in rows], dtype=np.int64)
    having = np.array([[people_in(frame.columns, chosen & (count > 0)) for chosen in line] for line in rows])
    shown = suppress(sums[:-1, :-1], frame.plan.minimum_cell, small(having, frame.plan.minimum_cell))
    for place, name in _with_all(arms):
        for at, one in enumerate(quarters):
            if (chosen := rows[place][at]).any():
                told: Cell = ALL if one is None else one + 1
                yield name, told, chosen, int(sums[place, at]), bool(shown.hidden[place, at])


def _rows(frame: Frame, arm: str | None, quarter: Counts, wanted: int | None) -> Bools:
    chosen = np.ones(len(frame), dtype=bool) if arm is None else frame.columns["arm"] == arm
    return chosen if wanted is None else chosen & (quarter == wanted)


def alliance(frame: Frame) -> Table:
    """Each facet by rater and arm: level, spread between people and within them.

    How many people it rests on is hidden where it would tell of fewer than k who never rated.
    """
    header = ("facet", "rater", "arm", "people", "periods", "mean", "sd_between", "sd_within", "hidden")
    rows = [
        (facet, rater, name, *_level(frame, f"{facet}_{rater}", frame.columns["arm"] == arm))
        for facet in frame.facets
        for rater in frame.raters
        for name, arm in ((arm, arm) for arm in arms_of(frame))
    ]
    return Table("alliance", header, rows)


def _level(frame: Frame, column: str, arm: Bools) -> tuple[Cell, ...]:
    k, value = frame.plan.minimum_cell, frame.columns[column]
    known = arm & ~np.isnan(value)
    people, never = (
        people_in(frame.columns, known),
        people_in(frame.columns, arm) - people_in(frame.columns, known),
    )
    if people < k:
        return None, None, None, None, None, 1
    means, within = _split(frame.columns["client"][known], value[known])
    told = None if 0 < never < k else people
    return (
        told,
        int(known.sum()),
        *(round(float(one), 4) for one in (means.mean(), means.std(ddof=1), within)),
        0,
    )


def _split(client: NDArray[np.object_], value: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """People's means, and the SD within people."""
    place = np.unique(client.astype(str), return_inverse=True)[1]
    means = np.bincount(place, value) / np.bincount(place)
    spare = len(value) - len(means)
    return means, float(np.sqrt(((value - means[place]) ** 2).sum() / spare)) if spare else float("nan")


def _last_rows(frame: Frame) -> Bools:
    """The last row of each person; rows stand by client and period."""
    client = frame.columns["client"]
    return np.append(client[1:] != client[:-1], True)


def _with_all(arms: Sequence[str]) -> list[tuple[int, str]]:
    """Places of the arms in a table with sums, and of all together where there are several."""
    return [*enumerate(arms), *([(len(arms), ALL)] if len(arms) > 1 else [])]
