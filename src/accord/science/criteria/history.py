"""Statistics of a relationship's ratings before each session: mean, spread, last value, line.

The panel's rounds are passed over once, so that one array operation handles one rating of many
relationships.
Sums are kept by Welford's updates (Technometrics 4, 1962, 419-420), which stay exact where plain sums of
squares cancel.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from accord.arrays import Floats, Ints
from accord.science.tracker.panel import Panel, in_rounds

LEAST_FOR_LINE = 3  # two points make a line and leave no residual


@dataclass(frozen=True, slots=True, eq=False)
class History:
    """Statistics before each rating, from the earlier ratings of its relationship alone.

    Arrays of shape (sessions,), on the scale of the values. NaN in sessions without a value, and where there
    were too few earlier ones: one for `previous` and `mean`, two for `sd` and `moving_range`, three for
    `line` and `difference_sd`.
    """

    count: Floats  # earlier values
    previous: Floats
    mean: Floats
    sd: Floats  # about the mean, n - 1 below
    moving_range: Floats  # mean absolute difference of neighbours
    difference_sd: Floats  # SD of the differences of neighbours, about their mean
    line: Floats  # least squares over session numbers, carried on to this session


def on(panel: Panel, values: Floats) -> Panel:
    """The same sessions with these values in the place of the ratings. ValueError when the shapes differ."""
    if values.shape != panel.session.shape:
        raise ValueError(f"{len(panel.session)} sessions, but values of shape {values.shape}")
    return replace(panel, rating=np.asarray(values, dtype=np.float64))


def before(panel: Panel, values: Floats) -> History:
    """Statistics known before each of `values` (sessions,), which are NaN where there is none."""
    rounds = in_rounds(on(panel, values))
    result = History(*(np.full(len(values), np.nan) for _ in fields(History)))
    sums = _Sums(rounds.n)
    for k, round_ in enumerate(rounds):
        sums.tell(result, round_.row, k, panel.session[round_.row].astype(np.float64))
        sums.add(k, panel.session[round_.row].astype(np.float64), values[round_.row])
    return result


class _Sums:
    """Running sums of many relationships; those with fewer values come last and are left alone."""

    def __init__(self, n: int) -> None:
        self.x, self.y, self.xx, self.xy, self.yy = (np.zeros(n) for _ in range(5))
        self.last, self.step, self.steps, self.range = (np.zeros(n) for _ in range(4))

    def add(self, k: int, x: Floats, y: Floats) -> None:
        """Add the value after `k` earlier ones; arrays of shape (m,)."""
        m, n = len(y), k + 1
        dx, dy = x - self.x[:m], y - self.y[:m]
        self.x[:m] += dx / n
        self.y[:m] += dy / n
        left = y - self.y[:m]
        self.xx[:m] += dx * (x - self.x[:m])
        self.xy[:m] += dx * left
        self.yy[:m] += dy * left
        if k:
            self._add_difference(k, y - self.last[:m])
        self.last[:m] = y

    def _add_difference(self, k: int, difference: Floats) -> None:
        m = len(difference)
        off = difference - self.step[:m]
        self.step[:m] += off / k
        self.steps[:m] += off * (difference - self.step[:m])
        self.range[:m] += (np.abs(difference) - self.range[:m]) / k

    def tell(self, history: History, row: Ints, k: int, x: Floats) -> None:
        m = len(row)
        history.count[row] = k
        if k >= 1:
            history.previous[row], history.mean[row] = self.last[:m], self.y[:m]
        if k >= 2:
            history.sd[row] = np.sqrt(self.yy[:m] / (k - 1))
            history.moving_range[row] = self.range[:m]
        if k >= LEAST_FOR_LINE:
            history.difference_sd[row] = np.sqrt(self.steps[:m] / (k - 2))
            history.line[row] = self.y[:m] + self.xy[:m] / self.xx[:m] * (x - self.x[:m])
