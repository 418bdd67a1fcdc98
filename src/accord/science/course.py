"""The own course of a relationship: level and trend, followed online by a local-level filter.

Scores live on the unit scale here: 0 is the worst and 1 the best end of the instrument. The state of a
relationship is its own level and its slope over g = log(1 + weeks), because alliances grow fastest early.
The level may drift. Ratings scatter about it (`sd_within`), and in the rupture regime they lie `DEPTH`
within-SD lower; the two regimes are collapsed to one Gaussian after each rating (GPB1: Bar-Shalom, Li and
Kirubarajan, 2001, section 11.6), so that a rupture pulls the own level down only as far as it is doubtful.
All arrays have shape (relationships,).
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from accord.science.population import Population

Array = NDArray[np.float64]

ONSET = 0.05  # probability per session that a rupture begins
MEAN_LENGTH = 2.5  # sessions a rupture lasts on average
DEPTH = 1.5  # how far ratings lie below the own level in a rupture, in within-person SD
BAND = 1.2815515655446004  # standard normal quantile of an 80 % band


@dataclass(frozen=True, slots=True)
class Beliefs:
    """What is believed about each relationship after its ratings so far."""

    level: Array
    slope: Array
    var_level: Array
    cov: Array
    var_slope: Array
    p_rupture: Array
    weeks: Array  # since the first rating
    ratings: Array  # so far

    def first(self, n: int) -> Beliefs:
        return Beliefs(*(getattr(self, f.name)[:n] for f in fields(self)))

    @property
    def low_edge(self) -> Array:
        return self.level - BAND * np.sqrt(self.var_level)

    @property
    def high_edge(self) -> Array:
        return self.level + BAND * np.sqrt(self.var_level)


@dataclass(frozen=True, slots=True)
class Step:
    """What one rating said, before it was learned from."""

    expected: Array  # the own level before this rating
    low_edge: Array  # below it lies one calm rating in ten
    surprise: Array  # log likelihood ratio of the rupture regime against calm, this rating alone
    log_likelihood: Array


def begin(population: Population, n: int) -> Beliefs:
    """Beliefs about `n` relationships before their first rating: the programme's values."""
    full = np.full
    return Beliefs(
        full(n, population.mean_level),
        full(n, population.mean_slope),
        full(n, population.sd_level**2),
        np.zeros(n),
        full(n, population.sd_slope**2),
        full(n, 0.0),
        np.zeros(n),
        np.zeros(n),
    )


def predict(beliefs: Beliefs, weeks: Array, sessions: Array, population: Population) -> Beliefs:
    """Carry beliefs `weeks` weeks and `sessions` sessions on, without a rating."""
    later = beliefs.weeks + weeks
    growth = np.log1p(later) - np.log1p(beliefs.weeks)
    var = beliefs.var_level + growth * (2 * beliefs.cov + growth * beliefs.var_slope)
    return Beliefs(
        beliefs.level + growth * beliefs.slope,
        beliefs.slope,
        var + population.sd_drift**2 * weeks,
        beliefs.cov + growth * beliefs.var_slope,
        beliefs.var_slope,
        regime_after(beliefs.p_rupture, sessions),
        later,
        beliefs.ratings,
    )


def regime_after(p: Array, sessions: Array) -> Array:
    """Probability of the rupture regime `sessions` sessions on: a two-state Markov chain in closed form."""
    end = 1 / MEAN_LENGTH
    share = ONSET / (ONSET + end)
    return share + (p - share) * (1 - ONSET - end) ** sessions


def update(prior: Beliefs, rating: Array, population: Population) -> tuple[Beliefs, Step]:
    """Learn from one rating (unit scale) of every relationship.

    A first rating tells the level and nothing of a rupture: there is no own course yet to fall from, and a
    bad start is `low_start`'s to notice.
    """
    within = population.sd_within
    depth = DEPTH * within
    spread = prior.var_level + within**2
    gap = rating - prior.level
    surprise = np.where(prior.ratings > 0, -depth * (2 * gap + depth) / (2 * spread), 0.0)
    calm = -0.5 * (gap**2 / spread + np.log(2 * np.pi * spread))
    ratio = np.exp(np.clip(surprise, -700, 700))
    mixture = 1 - prior.p_rupture + prior.p_rupture * ratio
    p = prior.p_rupture * ratio / mixture
    posterior = _learn(prior, gap + p * depth, spread, p * (1 - p) * depth**2, p)
    return posterior, Step(
        prior.level, prior.level - BAND * np.sqrt(spread), surprise, calm + np.log(mixture)
    )


def _learn(prior: Beliefs, gap: Array, spread: Array, doubt: Array, p: Array) -> Beliefs:
    gain = prior.var_level / spread
    gain_slope = prior.cov / spread
    # `doubt`: not knowing the regime leaves the level less certain than either regime alone would.
    left = spread - doubt
    return Beliefs(
        prior.level + gain * gap,
        prior.slope + gain_slope * gap,
        prior.var_level - gain * gain * left,
        prior.cov - gain * gain_slope * left,
        prior.var_slope - gain_slope * gain_slope * left,
        p,
        prior.weeks,
        prior.ratings + 1,
    )
