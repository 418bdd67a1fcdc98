"""The client's true alliance: own level and trend, and the state that wanders around them.

All values are on the 1-5 mean; arrays are sessions x relationships.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from accord.arrays import Floats
from accord.simulator.layout import Layout
from accord.simulator.parameters import Alliance
from accord.simulator.schedule import Grid


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """What stays the same within a relationship."""

    level: Floats  # (relationships,): at the first session
    slope: Floats  # (relationships,): per log(week)
    standardised_level: Floats  # (relationships,): the client's part of the level, standardised


def slope_sd(alliance: Alliance) -> float:
    """SD of slopes, in SD per log(week), that leaves `falling_share` of the slopes at or below 0."""
    return alliance.trend / -NormalDist().inv_cdf(alliance.falling_share)


def levels(alliance: Alliance, layout: Layout, rng: np.random.Generator) -> Levels:
    clients, own = len(layout.clients), alliance.relationship_share
    if np.bincount(layout.client).max() == 1:
        own = 0.0  # with one relationship per client its own part cannot be separated from the client's
    standardised_level = np.sqrt(1.0 - own) * rng.standard_normal(clients)[layout.client] + np.sqrt(
        own
    ) * rng.standard_normal(len(layout))
    clinician = rng.standard_normal(len(layout.staff))[layout.clinician]
    slope = alliance.sd * (alliance.trend + slope_sd(alliance) * rng.standard_normal(len(layout)))
    top = (rng.random(clients) < alliance.top_share)[layout.client]
    level = (
        alliance.mean
        + alliance.client_sd * (standardised_level + alliance.top_shift * top)
        + alliance.part_sd(alliance.clinician_share) * clinician
    )
    return Levels(level, slope, standardised_level)


def own_course(levels_: Levels, grid: Grid) -> Floats:
    """Level and trend without any rupture; the first session is week 1."""
    return levels_.level + levels_.slope * np.log1p(grid.weeks)


def wandering(ar1: float, grid: Grid, rng: np.random.Generator) -> Floats:
    """A standardised first-order autoregression; correlation `ar1` over 7 days, less over longer gaps."""
    values = rng.standard_normal(grid.day.shape)
    kept = ar1 ** (np.diff(grid.day, axis=0) / 7.0)
    for t in range(1, len(values)):
        values[t] = kept[t - 1] * values[t - 1] + np.sqrt(1.0 - kept[t - 1] ** 2) * values[t]
    return values


def noise(df: float, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    """Standardised noise: normal, or Student's t scaled to SD 1 (more than 2 degrees of freedom)."""
    if np.isinf(df):
        return rng.standard_normal(shape)
    return np.asarray(rng.standard_t(df, shape) * math.sqrt((df - 2.0) / df))
