"""Shares, rates, means and medians over people, each with a 95 % interval. Pure functions."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from scipy.special import bdtr, stdtrit

from accord.arrays import Floats

NORMAL = 1.959963984540054  # standard normal quantile of a 95 % interval
TAIL = 0.025
DRAWS = 2000
MOST_AT_ONCE = 2**22  # numbers drawn together


class Interval(NamedTuple):
    """A value with its interval; NaN where the data do not determine it."""

    value: float
    low: float
    high: float


NOTHING = Interval(math.nan, math.nan, math.nan)


def share(yes: int, of: int) -> Interval:
    """Share of independent people (Wilson EB 1927, J. of the American Statistical Association 22, 209)."""
    if of <= 0:
        return NOTHING
    p, squared = yes / of, NORMAL**2
    centre = (p + squared / (2 * of)) / (1 + squared / of)
    half = NORMAL / (1 + squared / of) * math.sqrt(p * (1 - p) / of + squared / (4 * of * of))
    low = 0.0 if yes == 0 else max(0.0, centre - half)
    return Interval(p, low, 1.0 if yes == of else min(1.0, centre + half))


def rate(count: Floats, time: Floats) -> Interval:
    """Events per time over all people, (people,) each; people may differ as much as they like.

    The variance is that of a ratio of sums (Cochran WG 1977, Sampling Techniques, 6.4), on the log scale, so
    nothing is assumed of how one person's events are spread. Without any event the upper bound is that of a
    Poisson count of 0.
    """
    events, exposed = float(count.sum()), float(time.sum())
    if exposed <= 0:
        return NOTHING
    if events == 0:
        return Interval(0.0, 0.0, -math.log(TAIL) / exposed)
    value = events / exposed
    n = len(count)
    if n == 1:
        return Interval(value, math.nan, math.nan)
    off = count - value * time
    se = math.sqrt(n / (n - 1) * float((off**2).sum())) / events
    return Interval(value, value * math.exp(-NORMAL * se), value * math.exp(NORMAL * se))


def ratio(part: Floats, whole: Floats, seed: int = 0) -> Interval:
    """Sum of `part` over sum of `whole`, where each person has several; people are resampled whole.

    The cluster bootstrap (Davison AC, Hinkley DV 1997, Bootstrap Methods, 3.8), percentiles of DRAWS draws.
    """
    if whole.sum() <= 0:
        return NOTHING
    n = len(part)
    rng = np.random.default_rng(seed)
    draws = []
    for size in _sizes(n):
        weights = rng.multinomial(n, np.full(n, 1 / n), size)
        below = weights @ whole
        draws.append((weights @ part)[below > 0] / below[below > 0])
    low, high = np.quantile(np.concatenate(draws), (TAIL, 1 - TAIL))
    return Interval(float(part.sum() / whole.sum()), float(low), float(high))


def mean(values: Floats) -> Interval:
    """Mean of independent people, with an interval by Student's t."""
    n = len(values)
    if n < 2:
        return NOTHING
    value, half = float(values.mean()), float(stdtrit(n - 1, 1 - TAIL) * values.std(ddof=1) / math.sqrt(n))
    return Interval(value, value - half, value + half)


def median(values: Floats) -> Interval:
    """Median with the order statistics that hold it in at least 95 % of samples (Thompson WR 1936).

    With fewer than six values there are no such order statistics, and the ends are NaN.
    """
    n = len(values)
    if not n:
        return NOTHING
    ordered = np.sort(values)
    outside = int(np.searchsorted(bdtr(np.arange(n + 1), n, 0.5), TAIL))
    if outside < 1:
        return Interval(float(np.median(ordered)), math.nan, math.nan)
    return Interval(float(np.median(ordered)), float(ordered[outside - 1]), float(ordered[n - outside]))


def _sizes(n: int) -> list[int]:
    """Sizes of the parts of DRAWS, each of which fits into memory."""
    most = max(1, min(DRAWS, MOST_AT_ONCE // n))
    whole, rest = divmod(DRAWS, most)
    return [most] * whole + ([rest] if rest else [])
