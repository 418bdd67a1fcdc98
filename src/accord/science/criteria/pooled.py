"""Values that a programme's relationships share, for rules without a model of the course."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from accord.arrays import Floats, Ints
from accord.science.criteria.history import on
from accord.science.tracker.panel import Panel


@dataclass(frozen=True, slots=True)
class Pooled:
    """Pooled values, on the scale of the values they come from; NaN where not known."""

    mean: float = math.nan  # over all values
    within_sd: float = math.nan  # about each relationship's own mean
    difference_sd: float = math.nan  # of differences of neighbouring values, about their mean
    noise_sd: float = math.nan  # standard error of one value, from the instrument's reliability

    @property
    def standard_error_of_difference(self) -> float:
        """noise_sd * sqrt(2), for two values of one person; the reliable change index is 1.96 of them."""
        return self.noise_sd * math.sqrt(2)


def pool(panel: Panel, values: Floats, *, noise_sd: float = math.nan) -> Pooled:
    """Pooled values of a training panel. `values` and `noise_sd` on the same scale; NaN where it has too few.

    One degree of freedom is taken for each relationship's mean, and one for the mean difference.
    """
    row = np.flatnonzero(on(panel, values).rated)
    if not len(row):
        return Pooled(noise_sd=noise_sd)
    value, relationship = values[row], panel.relationship[row]
    difference = np.diff(value)[np.diff(relationship) == 0]
    return Pooled(
        float(value.mean()),
        _within_sd(value, relationship),
        float(difference.std(ddof=1)) if len(difference) > 1 else math.nan,
        noise_sd,
    )


def _within_sd(value: Floats, relationship: Ints) -> float:
    _, place, count = np.unique(relationship, return_inverse=True, return_counts=True)
    mean = np.bincount(place, value) / count
    free = len(value) - len(count)
    return math.sqrt(float(((value - mean[place]) ** 2).sum()) / free) if free else math.nan
