"""Individuals chart: sigmas by which a rating lies below the mean, sigma from the mean moving range.

Shewhart's chart for single values as in Montgomery, Introduction to statistical quality control, chapter 6:
sigma is the mean absolute difference of neighbours over d2 = 1.128. Here mean and sigma come from the
ratings before the session, so that the chart can be read as the course goes on.
"""

from __future__ import annotations

import numpy as np

from accord.arrays import Floats
from accord.science.criteria.history import before
from accord.science.tracker.panel import Panel

D2 = 1.128  # mean range of two standard normal values
LEAST = 3  # earlier ratings without which nothing is said


def statistic(panel: Panel, unit: Floats, *, least: int = LEAST, floor: float = 0.0) -> Floats:
    """Sigma below the mean so far, shape (sessions,).

    NaN without a rating, with fewer than `least` earlier ones, and where they are all equal. With a `floor`
    above 0 (on the unit scale) sigma is at least that, so equal ratings give a statistic too.
    """
    history = before(panel, unit)
    sigma = np.maximum(history.moving_range / D2, floor)
    known = (history.count >= max(least, 2)) & (sigma > 0)
    return (history.mean - unit) / np.where(known, sigma, np.nan)
