"""Agreement of two raters of the same relationships: between people, and within people over time."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from accord.arrays import Floats, Ints


class Agreement(NamedTuple):
    """A correlation with a 95 % interval, how many values and people it rests on."""

    correlation: float
    low: float
    high: float
    values: int
    people: int


class Disagreement(ArithmeticError):
    """No correlation can be computed; the message gives the reason."""


def between(first: Floats, second: Floats, person: Ints, *, draws: int, seed: int) -> Agreement:
    """Correlation of people's means over the occasions that both rated."""
    sums = _sums(first, second, person)
    return _with_interval(sums, draws, seed, _of_means)


def within(first: Floats, second: Floats, person: Ints, *, draws: int, seed: int) -> Agreement:
    """Correlation of deviations from people's own means over the occasions that both rated."""
    sums = _sums(first, second, person)
    return _with_interval(sums[sums[:, 0] > 1], draws, seed, _of_deviations)


def _sums(first: Floats, second: Floats, person: Ints) -> Floats:
    """Sums of each person (people, 6): count, sums of a, b, a a, b b, a b."""
    both = ~(np.isnan(first) | np.isnan(second))
    a, b, code = first[both] - np.nanmean(first), second[both] - np.nanmean(second), person[both]
    size = int(person.max(initial=-1)) + 1
    parts = [np.bincount(code, weights, size) for weights in (np.ones(len(a)), a, b, a * a, b * b, a * b)]
    table: Floats = np.column_stack(parts).astype(np.float64)
    return table[table[:, 0] > 0]


def _of_means(sums: Floats) -> float:
    return float(_correlation(sums[:, 1] / sums[:, 0], sums[:, 2] / sums[:, 0]))


def _correlation(a: Floats, b: Floats) -> float:
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / size if size > 0 else np.nan


def _of_deviations(sums: Floats) -> float:
    n, a, b, aa, bb, ab = sums.T
    size = float(np.sqrt((aa - a * a / n).sum() * (bb - b * b / n).sum()))
    return float((ab - a * b / n).sum()) / size if size > 0 else np.nan


def _with_interval(sums: Floats, draws: int, seed: int, of: Callable[[Floats], float]) -> Agreement:
    """Interval by percentiles over resampled people, because a person's occasions belong together."""
    people = len(sums)
    if people < 3:
        raise Disagreement(f"{people} people were rated by both")
    middle = of(sums)
    if not np.isfinite(middle):
        raise Disagreement("one of the raters gives the same value throughout")
    rng = np.random.default_rng(seed)
    again = np.array([of(sums[rng.integers(0, people, people)]) for _ in range(draws)])
    low, high = np.nanquantile(again, [0.025, 0.975])
    return Agreement(middle, float(low), float(high), int(sums[:, 0].sum()), people)
