"""Unique values, steps, groups and order of columns, faster than sorting where they are whole numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

TABLE_PER_ROW = 4  # whole numbers that span more than so many times the rows are sorted instead
SMALL_TABLE = 2**16


def unique_inverse(values: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Unique values in rising order (NaN once and last), and each row's index into them."""
    if values.dtype.kind in "biu" and len(values):
        low = int(values.min())
        span = int(values.max()) - low + 1
        if span <= max(SMALL_TABLE, TABLE_PER_ROW * len(values)):
            return _by_table(values, low, span)
    unique, place = np.unique(values, return_inverse=True)
    return unique, place


def _by_table(values: NDArray[Any], low: int, span: int) -> tuple[NDArray[Any], NDArray[np.int64]]:
    above = values.astype(np.int64) - low
    there = np.zeros(span, dtype=bool)
    there[above] = True
    above_low = np.flatnonzero(there)
    place = np.empty(span, dtype=np.int64)
    place[above_low] = np.arange(len(above_low))
    return (above_low + low).astype(values.dtype), place[above]


def to_steps(values: NDArray[np.float64], decimals: int) -> NDArray[np.int64]:
    """Numbers rounded to so many decimals, as whole steps; NaN becomes the lowest step less one."""
    known = ~np.isnan(values)
    steps = np.rint(np.where(known, values, 0.0) * 10.0**decimals).astype(np.int64)
    lowest = int(steps[known].min(initial=0))
    return np.where(known, steps, lowest - 1)


def group_ids(*columns: NDArray[Any]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first row of each combination of values, and for every row the index of its combination."""
    place = np.zeros(len(columns[0]), dtype=np.int64)
    for column in columns:
        values, own = unique_inverse(column)
        _, place = unique_inverse(place * max(len(values), 1) + own)
    first = np.zeros(int(place.max(initial=-1)) + 1, dtype=np.int64)
    first[place[::-1]] = np.arange(len(place))[::-1]
    return first, place


def lexsort_stable(*keys: NDArray[Any]) -> NDArray[np.int64]:
    """Row order by the first key, then the second and so on; stable. The keys hold whole numbers."""
    rows = len(keys[0])
    key, most = np.zeros(rows, dtype=np.int64), max(rows, 1)
    for column in keys:
        low = int(column.min(initial=0))
        span = int(column.max(initial=0)) - low + 1
        most *= span
        if most > np.iinfo(np.int64).max:
            return np.lexsort(keys[::-1])
        key = key * span + (column.astype(np.int64) - low)
    # With the row as the last digit no two are equal, and a plain sort, which is much faster, will do.
    return np.sort(key * rows + np.arange(rows)) % max(rows, 1)


def first_of_each(groups: NDArray[Any]) -> NDArray[np.int64]:
    """For each row the first row of its group; rows of a group must be adjacent."""
    new = np.ones(len(groups), dtype=bool)
    new[1:] = groups[1:] != groups[:-1]
    first: NDArray[np.int64] = np.maximum.accumulate(np.where(new, np.arange(len(groups)), 0))
    return first
