"""Cells of rows that share all their groups, with sums over their rows and values spread out to them.

Rows lie cell after cell. Everything a random coefficient multiplies is a feature, a column (n,), times a
share for each cell (C,); columns that are the same are one feature, and what is constant in each cell is only
a share. So a row costs one product for each feature, however many groupings there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from itertools import combinations_with_replacement
from typing import NamedTuple

import numpy as np

from accord.arrays import Floats, Ints

Shares = Floats | None  # None: 1 in every cell
Couple = tuple[int, int]


class Entry(NamedTuple):
    """The multiplier of one coefficient: a feature, by its number, and shares."""

    feature: int
    share: Shares


def times(value: Floats, *shares: Shares) -> Floats:
    for share in shares:
        if share is not None:
            value = value * share
    return value


def summed(value: Floats, starts: Ints) -> Floats:
    """Sums (..., len(starts)) over runs of the last axis, which begin at `starts`; each has a length."""
    if len(starts) == value.shape[-1]:
        return value
    total: Floats = np.add.reduceat(value, starts, axis=-1)
    return total


class Cells:
    """`keys`: the groups of each row, (n,) each, in the rows' order."""

    def __init__(self, keys: Sequence[Ints]) -> None:
        n = len(keys[0])
        new = np.zeros(n, dtype=bool)
        new[:1] = True
        for key in keys:
            new[1:] |= key[1:] != key[:-1]
        self.starts = np.flatnonzero(new)
        self.rows = np.diff(self.starts, append=n)
        self.features: list[Shares] = [None]  # the first is 1 in every row

    def entry(self, column: Floats) -> Entry:
        """The entry of a column (n,), which becomes a feature where none is the same."""
        first = column[self.starts]
        if np.array_equal(np.repeat(first, self.rows), column):
            return Entry(0, None if (first == 1).all() else first)
        for k, feature in enumerate(self.features):
            if feature is not None and np.array_equal(feature, column):
                return Entry(k, None)
        self.features.append(np.ascontiguousarray(column))
        return Entry(len(self.features) - 1, None)

    @cached_property
    def couples(self) -> dict[Couple, Shares]:
        """Products of two features, kept once for both orders with the smaller number first."""
        some = self.features
        return {
            (f, g): some[g] if some[f] is None else times(some[f], some[g])  # type: ignore[arg-type]
            for f, g in combinations_with_replacement(range(len(some)), 2)
        }

    def sums(self, value: Floats) -> list[Floats]:
        """Sums of a value (n,) times each feature, over the rows of each cell."""
        return [summed(times(value, feature), self.starts) for feature in self.features]

    def moments(self, weight: Floats) -> dict[Couple, Floats]:
        """Sums of a weight (n,) times each couple of features."""
        return {key: summed(times(weight, product), self.starts) for key, product in self.couples.items()}

    def spread(self, parts: Sequence[tuple[Shares, Floats]]) -> Floats:
        """The sum (n,) of columns, each times its cell's value (C,)."""
        total = np.zeros(int(self.rows.sum()))
        for column, value in parts:
            total += times(np.repeat(value, self.rows), column)
        return total
