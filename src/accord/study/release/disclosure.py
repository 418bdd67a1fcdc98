"""Hiding of small cells, and of as many others as it takes so that none follows from the sums.

Every count of 1 to k - 1 people is hidden. A hidden cell alone in its row is the row's sum less the rest; so
others are hidden with it until a reader who knows the shown cells, all shown sums, and that nothing is below
0 can narrow no hidden cell to fewer than k + 1 values: complementary suppression (Hundepool et al., 2012).
Linear programming finds how far each can be narrowed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accord.arrays import Bools, Floats, Ints

Cell = tuple[int, int]
_SLACK = 1e-6  # of the linear programs
_UNBOUNDED = 3  # how scipy says it


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """A table with its sums as last row and last column, (rows + 1, columns + 1) each."""

    counts: Ints
    hidden: Bools


def with_sums(inner: NDArray[np.integer]) -> Ints:
    """A table (rows, columns) with its sums as last row and column."""
    whole = np.zeros((inner.shape[0] + 1, inner.shape[1] + 1), dtype=np.int64)
    whole[:-1, :-1] = inner
    whole[-1, :-1], whole[:-1, -1] = inner.sum(axis=0), inner.sum(axis=1)
    whole[-1, -1] = inner.sum()
    return whole


def small(people: NDArray[np.integer], k: int) -> Bools:
    """Whether each count is of 1 to k - 1 people; a count of 0 identifies nobody."""
    hidden: Bools = (people > 0) & (people < k)
    return hidden


def suppress(
    inner: NDArray[np.integer], k: int, primary: Bools | None = None, known: Bools | None = None
) -> Shown:
    """The cells of a table of counts (rows, columns) and its sums that may be shown.

    `primary` (rows + 1, columns + 1): cells to hide in any case, where the counts are not of people; without
    it, those of 1 to k - 1. `known`, of that shape: cells that are published elsewhere, and so are hidden
    only where nothing else is left to hide.
    """
    counts = with_sums(inner)
    hidden = small(counts, k) if primary is None else primary.copy()
    known = np.zeros_like(hidden) if known is None else known
    while narrow := _narrow(counts, hidden, k):
        hidden[_partner(counts, hidden, known, narrow, k)] = True
    return Shown(counts, hidden)


def _narrow(counts: Ints, hidden: Bools, k: int) -> list[Cell]:
    """Hidden cells that can be narrowed too far, the smallest first."""
    cells = sorted(_cells(hidden), key=lambda cell: (counts[cell], cell))
    reach = {cell: bounds(counts, hidden, cell) for cell in cells}
    return [cell for cell in cells if reach[cell][1] - reach[cell][0] < k - _SLACK]


def bounds(counts: Ints, hidden: Bools, cell: Cell) -> tuple[float, float]:
    """The lowest and the highest value of a hidden cell that agree with the shown cells."""
    from scipy.optimize import linprog

    place = np.full(counts.shape, -1)
    place[hidden] = np.arange(int(hidden.sum()))
    left, right = _equations(counts, hidden, place)
    goal = np.zeros(int(hidden.sum()))
    goal[place[cell]] = 1.0
    least, most = (linprog(sign * goal, A_eq=left, b_eq=right, method="highs") for sign in (1.0, -1.0))
    return float(least.fun or 0.0), np.inf if most.status == _UNBOUNDED else -float(most.fun or 0.0)


def _equations(counts: Ints, hidden: Bools, place: Ints) -> tuple[Floats, Floats]:
    """The equations in the hidden cells by which each row and column adds up to its sum."""
    left, right = [], []
    for lines in ((counts, hidden, place), (counts.T, hidden.T, place.T)):
        for values, unknown, at in zip(*lines, strict=True):
            sign = np.append(np.ones(len(values) - 1), -1.0)
            equation = np.zeros(int(hidden.sum()))
            equation[at[unknown]] = sign[unknown]
            left.append(equation)
            right.append(-float(sign[~unknown] @ values[~unknown]))
    return np.array(left), np.array(right)


def _partner(counts: Ints, hidden: Bools, known: Bools, narrow: list[Cell], k: int) -> Cell:
    """One more cell to hide, in the row or column of a narrow cell that holds too little.

    If there is none, it is one in the row or column of the narrowest cell, and in the end any cell.
    """
    may: Bools = ~hidden & ~known
    for cell in narrow:
        for line in _lines(counts, cell):
            free = [candidate for candidate in line if may[candidate]]
            if free and _holds_too_little(counts, hidden, line, k):
                return min(free, key=lambda candidate: _order(counts, hidden, candidate, line))
    near = [candidate for line in _lines(counts, narrow[0]) for candidate in line if may[candidate]]
    return min(
        near or _cells(may) or _cells(~hidden), key=lambda candidate: _order(counts, hidden, candidate, [])
    )


def _holds_too_little(counts: Ints, hidden: Bools, line: list[Cell], k: int) -> bool:
    """Whether the row or column alone narrows a hidden cell, between 0 and the sum of the hidden ones."""
    unknown = [cell for cell in line if hidden[cell]]
    open_sum = hidden[line[-1]]
    return len(unknown) < 2 or (not open_sum and sum(int(counts[cell]) for cell in unknown) < k)


def _cells(chosen: Bools) -> list[Cell]:
    return [(row, column) for row, column in np.argwhere(chosen).tolist()]


def _lines(counts: Ints, cell: Cell) -> tuple[list[Cell], list[Cell]]:
    """The row and the column of a cell."""
    return (
        [(cell[0], at) for at in range(counts.shape[1])],
        [(at, cell[1]) for at in range(counts.shape[0])],
    )


def _order(counts: Ints, hidden: Bools, cell: Cell, line: list[Cell]) -> tuple[bool, int, bool, int]:
    """Sort key of cells to hide: no zero, no sum, one whose other line has hidden cells, the smallest."""
    sums = (cell[0] == counts.shape[0] - 1) + (cell[1] == counts.shape[1] - 1)
    other = next((across for across in _lines(counts, cell) if across != line), [])
    return counts[cell] == 0, sums, not any(hidden[across] for across in other), int(counts[cell])
