"""The course of a relationship: level, trend and passing state, estimated online by a Kalman filter.

Scores live on the unit scale here: 0 is the worst and 1 the best end of the instrument. A relationship has
its own level and its slope over g = log(1 + weeks), because alliances grow fastest early; the level may
drift. A passing state decays from week to week (AR(1)); noise is the form's own. In a rupture ratings lie
lower.
Arrays have shape (relationships,), those of modes and channels (modes or channels, relationships).
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from accord.arrays import Floats
from accord.science.tracker.population import Population
from accord.science.tracker.regime import MODES, after_sessions

BAND = 1.2815515655446004  # standard normal quantile of an 80 % band


@dataclass(frozen=True, slots=True)
class Beliefs:
    """Beliefs about each relationship after the observations so far."""

    level: Floats
    slope: Floats
    state: Floats
    var_level: Floats
    var_slope: Floats
    var_state: Floats
    level_slope: Floats  # covariances
    level_state: Floats
    slope_state: Floats
    modes: Floats  # (modes, n): probabilities of calm and of ruptures of each depth
    weeks: Floats  # since the first session seen
    ratings: Floats  # so far
    reading: Floats  # (readings, n): own level in each channel that has one
    var_reading: Floats
    readings: Floats  # how many so far

    def first(self, n: int) -> Beliefs:
        return Beliefs(*(getattr(self, field.name)[..., :n] for field in fields(self)))

    @property
    def p_rupture(self) -> Floats:
        calm: Floats = self.modes[0]
        return 1 - calm

    @property
    def low_edge(self) -> Floats:
        return self.level - BAND * np.sqrt(self.var_level)

    @property
    def high_edge(self) -> Floats:
        return self.level + BAND * np.sqrt(self.var_level)


def begin(population: Population, n: int) -> Beliefs:
    """Beliefs about `n` relationships before anything was seen: the programme's values."""
    readings = list(population.readings.values())
    zero = np.zeros(n)
    modes = np.zeros((MODES, n))
    modes[0] = 1.0
    return Beliefs(
        np.full(n, population.mean_level),
        np.full(n, population.mean_slope),
        zero,
        np.full(n, population.sd_level**2),
        np.full(n, population.sd_slope**2),
        np.full(n, state_variance(population)),
        zero,
        zero,
        zero,
        modes,
        zero,
        zero,
        np.repeat([[reading.mean] for reading in readings], n, axis=1).reshape(len(readings), n),
        np.repeat([[reading.sd_level**2] for reading in readings], n, axis=1).reshape(len(readings), n),
        np.zeros((len(readings), n)),
    )


def state_variance(population: Population) -> float:
    return population.sd_within**2 * population.state_share


def predict(now: Beliefs, weeks: Floats, sessions: Floats, population: Population) -> Beliefs:
    """Carry beliefs on by `weeks` weeks and `sessions` sessions without an observation."""
    later = now.weeks + weeks
    g = np.log1p(later) - np.log1p(now.weeks)
    left = population.ar**weeks
    return replace(
        now,
        level=now.level + g * now.slope,
        state=left * now.state,
        var_level=now.var_level
        + g * (2 * now.level_slope + g * now.var_slope)
        + population.sd_drift**2 * weeks,
        var_state=left**2 * now.var_state + (1 - left**2) * state_variance(population),
        level_slope=now.level_slope + g * now.var_slope,
        level_state=left * (now.level_state + g * now.slope_state),
        slope_state=left * now.slope_state,
        modes=after_sessions(now.modes, sessions, population),
        weeks=later,
    )


def learned(prior: Beliefs, far: Floats, sure: Floats) -> Beliefs:
    """Update level, slope and state by a rating (see `evidence.pull`)."""
    level = prior.var_level + prior.level_state
    slope = prior.level_slope + prior.slope_state
    state = prior.level_state + prior.var_state
    return replace(
        prior,
        level=prior.level + level * far,
        slope=prior.slope + slope * far,
        state=prior.state + state * far,
        var_level=prior.var_level - level * level * sure,
        var_slope=prior.var_slope - slope * slope * sure,
        var_state=prior.var_state - state * state * sure,
        level_slope=prior.level_slope - level * slope * sure,
        level_state=prior.level_state - level * state * sure,
        slope_state=prior.slope_state - slope * state * sure,
    )
