"""Counts that tables and report both show, hidden in one place: two rules would give each other away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.arrays import Bools
from accord.records.care import END_REASONS, EndReason
from accord.study.release.disclosure import Shown, small, suppress
from accord.study.release.released_frame import people_in

QUARTER_DAYS = 91

Columns = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Ends:
    """People by arm (rows) and by how treatment ended or goes on (columns), with sums."""

    arms: tuple[str, ...]
    ends: tuple[str, ...]
    shown: Shown


def ends_by_arm(columns: Columns, arms: Sequence[str], k: int) -> Ends:
    """Ends by arm in a frame by client and period; an end beyond the kept periods counts as in treatment.

    People per arm, and those who left, are shown in other places too; so other cells are hidden first.
    """
    client = columns["client"]
    last = np.append(client[1:] != client[:-1], True)[: len(client)]
    reason = np.where(columns["end_reason"][last] == "", str(EndReason.ONGOING), columns["end_reason"][last])
    arm, order = columns["arm"][last], tuple(sorted(arms))
    ends = tuple(str(end) for end in END_REASONS if end in reason)
    counts = np.array([[int(((arm == name) & (reason == end)).sum()) for end in ends] for name in order])
    known = np.zeros((len(order) + 1, len(ends) + 1), dtype=bool)
    known[:, -1] = True
    leaving = np.isin(ends, sorted(set(columns["end_reason"][columns["left"] == 1].tolist())))
    known[-1, :-1] = leaving
    if len(order) == 1:
        known[0, :-1] = leaving
    return Ends(order, ends, suppress(counts, k, known=known))


@dataclass(frozen=True, slots=True, eq=False)
class Quarters:
    """A count by arm and quarter of treatment, with sums; `rows` of the frame behind each cell."""

    arms: tuple[str, ...]
    quarters: int
    rows: list[list[Bools]]
    shown: Shown


def by_quarter(columns: Columns, name: str, arms: Sequence[str], k: int) -> Quarters:
    """Counts hidden where 1 to k - 1 people had any; the grand total, shown elsewhere, is hidden last."""
    order, count = tuple(sorted(arms)), columns[name]
    quarter = (columns["start_day"] // QUARTER_DAYS).astype(np.int64)
    quarters = int(quarter.max()) + 1
    of_arm = [columns["arm"] == arm for arm in order]
    of_arm.append(np.logical_or.reduce(of_arm))
    rows = [[arm & (quarter == at) for at in range(quarters)] + [arm] for arm in of_arm]
    sums = np.array([[int(count[chosen].sum()) for chosen in line] for line in rows], dtype=np.int64)
    having = np.array([[people_in(columns, chosen & (count > 0)) for chosen in line] for line in rows])
    known = np.zeros_like(sums, dtype=bool)
    known[-1, -1] = True
    if len(order) == 1:
        known[0, -1] = True
    return Quarters(order, quarters, rows, suppress(sums[:-1, :-1], k, small(having, k), known))
