"""Tables of the frame, with small cells hidden: people and ends of care, events, alliance, missing forms.

All tables are made of the released frame, so that comparing them with it reveals nobody who was left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from accord.arrays import Bools, Floats
from accord.study.frame.study_frame import Frame
from accord.study.release.files import Cell, write_csv
from accord.study.release.released_frame import people_in
from accord.study.release.small_cells import by_quarter, ends_by_arm

ALL = "all"


class Table(NamedTuple):
    name: str
    header: tuple[str, ...]
    rows: list[tuple[Cell, ...]]


def write_tables(folder: Path, frame: Frame) -> None:
    """Write all tables as CSV files to `folder`, which is made."""
    folder.mkdir()
    for table in (flow(frame), events(frame), alliance(frame), missing(frame)):
        write_csv(folder / f"{table.name}.csv", table.header, table.rows)


def arms_of(frame: Frame) -> tuple[str, ...]:
    """The arms in the plan's order, then the joined arms."""
    there = set(frame.columns["arm"].tolist())
    return (*(arm for arm in frame.plan.arms if arm in there), *sorted(there - set(frame.plan.arms)))


def flow(frame: Frame) -> Table:
    """People of each arm by how their treatment ended, or that it went on at the end of the frame."""
    arms = arms_of(frame)
    by_arm = ends_by_arm(frame.columns, arms, frame.plan.minimum_cell)
    shown, rows = by_arm.shown, list[tuple[Cell, ...]]()
    for place, name in _with_all(arms, by_arm.arms):
        for at, end in enumerate((*by_arm.ends, ALL)):
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
    """Rows of one kind of event; a count is hidden where 1 to k - 1 people had one."""
    for name, quarter, rows, number, hidden in _by_quarter(frame, kind):
        weeks = float(frame.columns["days"][rows].sum()) / 7.0
        rate = None if hidden or not weeks else round(100.0 * number / weeks, 4)
        people = people_in(frame.columns, rows)
        yield kind, name, quarter, people, round(weeks, 1), None if hidden else number, rate, int(hidden)


def missing(frame: Frame) -> Table:
    """Forms of the alliance by arm and quarter, and those that nobody filled."""
    rows: list[tuple[Cell, ...]] = []
    for name, quarter, chosen, number, hidden in _by_quarter(frame, "missing_forms"):
        forms = int(frame.columns["forms"][chosen].sum())
        share = None if hidden or not forms else round(number / forms, 4)
        people = people_in(frame.columns, chosen)
        rows.append((name, quarter, people, forms, None if hidden else number, share, int(hidden)))
    return Table("missing-forms", ("arm", "quarter", "people", "forms", "missing", "share", "hidden"), rows)


def _by_quarter(frame: Frame, column: str) -> Iterator[tuple[str, Cell, Bools, int, bool]]:
    """Arm, quarter from 1 (or all), its rows, the sum of a count there, and whether it is hidden."""
    arms = arms_of(frame)
    counted = by_quarter(frame.columns, column, arms, frame.plan.minimum_cell)
    for place, name in _with_all(arms, counted.arms):
        for at in range(counted.quarters + 1):
            if (chosen := counted.rows[place][at]).any():
                label: Cell = ALL if at == counted.quarters else at + 1
                counts, hidden = counted.shown.counts[place, at], counted.shown.hidden[place, at]
                yield name, label, chosen, int(counts), bool(hidden)


def alliance(frame: Frame) -> Table:
    """Each facet by rater and arm: level, spread between people and within them.

    The number of people is hidden where it would reveal fewer than k who never rated.
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
    shown = None if 0 < never < k else people
    return (
        shown,
        int(known.sum()),
        *(round(float(statistic), 4) for statistic in (means.mean(), means.std(ddof=1), within)),
        0,
    )


def _split(client: NDArray[np.object_], value: Floats) -> tuple[Floats, float]:
    """People's means, and the SD within people."""
    place = np.unique(client.astype(str), return_inverse=True)[1]
    means = np.bincount(place, value) / np.bincount(place)
    spare = len(value) - len(means)
    return means, float(np.sqrt(((value - means[place]) ** 2).sum() / spare)) if spare else float("nan")


def _with_all(arms: Sequence[str], places: Sequence[str]) -> list[tuple[int, str]]:
    """The arms in their order with their places in a table, and all together where there are several."""
    return [*((places.index(arm), arm) for arm in arms), *([(len(arms), ALL)] if len(arms) > 1 else [])]
