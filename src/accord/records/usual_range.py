"""The range in which four of five of somebody's last ratings fall."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import quantiles

WINDOW = 20  # ratings whose range is called usual
FEWEST = 5  # ratings that have a range
TENTHS = 10


def usual_range(ratings: Sequence[float]) -> tuple[float, float] | None:
    """The 10th and 90th percentile of the last WINDOW of these ratings, oldest first, in their own units.

    Definition 6 of Hyndman RJ, Fan Y 1996 (The American Statistician 50, 361): of ratings that scatter alike,
    four of five of the next ones fall inside. Of few ratings the ends are the lowest and the highest. None
    for fewer than FEWEST.
    """
    last = ratings[-WINDOW:]
    if len(last) < FEWEST:
        return None
    low, high = min(last), max(last)
    first, *_between, ninth = quantiles(last, n=TENTHS, method="exclusive")
    return min(max(first, low), high), max(min(ninth, high), low)
