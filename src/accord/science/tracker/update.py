"""The measurement update of one session over all its channels: regime, own course and surprise.

The followed rating scatters about the own course. Beside it may come channels that say yes or no (`Chance`)
and channels with a level of their own in each relationship (`Reading`), independent given the regime.
Arrays have shape (m,) for the m relationships of a round; NaN where a channel did not come.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from accord.arrays import Floats
from accord.science.tracker.observation import Pieces, Scale, pull, unit_scale, weigh
from accord.science.tracker.population import Chance, Population, Reading
from accord.science.tracker.predict import BAND, Beliefs, learned, state_variance
from accord.science.tracker.regime import DEPTHS, offsets

OUTLIER = 3.0  # times the noise's standard deviation
NEVER = 1e-12  # keeps logarithms finite where a probability underflows


@dataclass(frozen=True, slots=True)
class Observation:
    """One session of m relationships on unit scales; NaN where a channel is missing."""

    rating: Floats
    chances: Mapping[str, Floats]
    readings: Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Update:
    """Results of one session against the predictions made before it."""

    expected: Floats  # the own level before this session
    low_edge: Floats  # below it lies one calm rating in ten
    predicted: Floats  # mean and standard deviation of a calm rating given all earlier sessions
    predicted_sd: Floats
    surprise: Floats  # log likelihood ratio of rupture against calm, this session alone
    said: Mapping[str, Floats]  # the same, channel by channel


def update(prior: Beliefs, seen: Observation, population: Population) -> tuple[Beliefs, Update]:
    """Beliefs after one session of every relationship, and the results of the session."""
    rating = rating_pieces(prior, seen.rating, population)
    readings = {name: _reading(prior, k, seen, name, population) for k, name in _present(seen, population)}
    everything = _where(seen.rating, rating.log_modes)
    together = _ratio(prior.modes, everything)
    said = {"rating": together}
    for name, pieces in readings.items():
        log_modes = _where(seen.readings[name], pieces.log_modes)
        said[name] = _ratio(prior.modes, log_modes)
        everything += log_modes
    for name, came in seen.chances.items():
        calm, rupture = _chance(came, population.chances[name])
        said[name] = rupture - calm
        everything[0] += calm
        everything[1:] += rupture
    modes = mix(prior.modes, everything)[0]
    together = _ratio(prior.modes, everything) if len(said) > 1 else together
    low_edge = _low_edge(prior, population)
    step = Update(prior.level, low_edge, *_predicted(prior, population), together, said)
    after = learn_rating(prior, seen.rating, *pull(rating, modes), modes)
    for k, name in _present(seen, population):
        after = _learn_reading(after, k, seen.readings[name], readings[name])
    return after, step


def rating_pieces(prior: Beliefs, rating: Floats, values: Population, *, unclipped: bool = False) -> Pieces:
    """Likelihood pieces of the ratings (m,).

    A first rating informs the level but not the regime: there is no own course yet to fall from, and a low
    start is reported by `low_start`.
    """
    centre = prior.level + prior.state
    below = offsets(values, len(rating)) * (prior.ratings > 0)
    noise = values.sd_within**2 - state_variance(values)
    around = prior.var_level + 2 * prior.level_state + prior.var_state
    spread = np.stack([around + noise, around + noise * OUTLIER**2])
    shares = np.array([1 - values.outliers, values.outliers])
    filled = np.where(np.isnan(rating), 0.5, rating)
    if not unclipped:
        low, high = strongest(values.outliers, values.state_share, values.depth)
        sd = np.sqrt(spread[0])
        clipped = np.clip(filled, centre + low * sd, centre + high * sd)
        # A first rating does not inform the regime, and all of it is needed to estimate the level.
        filled = np.where(prior.ratings > 0, clipped, filled)
    return weigh(filled, centre, below, spread, shares, unit_scale(values.grain))


@lru_cache(maxsize=64)
def strongest(outliers: float, state_share: float, depth: float) -> tuple[float, float]:
    """Distances from the level, in SD, at which a rating is the strongest evidence for and against a rupture.

    Farther out the wide noise would explain it ever better. But a deeper drop must never be less alarming,
    so a rating beyond these counts as one at them.
    """
    x = np.linspace(-8.0, 8.0, 641)
    spread = np.array([[1.0], [1 + (OUTLIER**2 - 1) * (1 - state_share)]]) * np.ones(len(x))
    shares, whole_line = np.array([1 - outliers, outliers]), Scale(-np.inf, -np.inf, np.inf, np.inf)
    below = np.repeat((DEPTHS * depth)[:, None], len(x), axis=1)
    log_modes = weigh(x, np.zeros(len(x)), below, spread, shares, whole_line).log_modes
    ratio = _ratio(np.ones_like(log_modes), log_modes)
    return float(x[np.argmax(ratio)]), float(x[np.argmin(ratio)])


def _predicted(prior: Beliefs, values: Population) -> tuple[Floats, Floats]:
    around = prior.var_level + 2 * prior.level_state + prior.var_state
    noise = values.sd_within**2 - state_variance(values)
    return prior.level + prior.state, np.sqrt(around + noise * (1 + values.outliers * (OUTLIER**2 - 1)))


def _low_edge(prior: Beliefs, values: Population) -> Floats:
    return prior.level - BAND * np.sqrt(prior.var_level + values.sd_within**2)


def _present(seen: Observation, values: Population) -> list[tuple[int, str]]:
    return [(k, name) for k, name in enumerate(values.readings) if name in seen.readings]


def _reading(prior: Beliefs, k: int, seen: Observation, name: str, values: Population) -> Pieces:
    return weigh_reading(
        seen.readings[name], prior.reading[k], prior.var_reading[k], prior.readings[k], values.readings[name]
    )


def weigh_reading(value: Floats, level: Floats, var: Floats, count: Floats, values: Reading) -> Pieces:
    """Pieces of a channel with its own level; its first value, too, informs the level only."""
    shift = -values.shift * DEPTHS[:, None] * (count > 0)
    filled = np.where(np.isnan(value), 0.5, value)
    spread = (var + values.sd_noise**2)[None]
    return weigh(filled, level, shift, spread, np.ones(1), unit_scale(values.grain))


def _chance(came: Floats, chance: Chance) -> tuple[Floats, Floats]:
    """Log likelihoods in calm and in a rupture; 0 where nothing came."""
    known, yes = ~np.isnan(came), came > 0.5
    calm, rupture = (
        np.where(known, np.where(yes, np.log(probability), np.log1p(-probability)), 0.0)
        for probability in (chance.calm, chance.rupture)
    )
    return calm, rupture


def _where(came: Floats, log_modes: Floats) -> Floats:
    result: Floats = np.where(np.isnan(came), 0.0, log_modes)
    return result


def mix(modes: Floats, log_modes: Floats) -> tuple[Floats, Floats]:
    top = log_modes.max(axis=0)
    weight = modes * np.exp(log_modes - top)
    total = weight.sum(axis=0)
    return weight / total, np.log(total) + top


def _ratio(modes: Floats, log_modes: Floats) -> Floats:
    """Log likelihood ratio of rupture, of whatever depth, against calm."""
    top = log_modes[1:].max(axis=0)
    deep = modes[1:] + NEVER
    share = (deep * np.exp(log_modes[1:] - top)).sum(axis=0) / deep.sum(axis=0)
    ratio: Floats = np.log(share) + top - log_modes[0]
    return ratio


def learn_rating(prior: Beliefs, rating: Floats, far: Floats, sure: Floats, modes: Floats) -> Beliefs:
    """Learn from the ratings of one session by the moments of `evidence.pull`, and take on the modes."""
    came = ~np.isnan(rating)
    after = learned(prior, np.where(came, far, 0.0), np.where(came, sure, 0.0))
    return replace(after, modes=modes, ratings=prior.ratings + came)


def _learn_reading(now: Beliefs, k: int, value: Floats, pieces: Pieces) -> Beliefs:
    level, var, count = now.reading.copy(), now.var_reading.copy(), now.readings.copy()
    level[k], var[k], count[k] = learn_reading(level[k], var[k], count[k], value, pieces, now.modes)
    return replace(now, reading=level, var_reading=var, readings=count)


def learn_reading(
    level: Floats, var: Floats, count: Floats, value: Floats, pieces: Pieces, modes: Floats
) -> tuple[Floats, Floats, Floats]:
    """The channel's level, its variance and its number of values, after one more value."""
    came = ~np.isnan(value)
    far, sure = pull(pieces, modes)
    return (
        np.where(came, level + var * far, level),
        np.where(came, var - var**2 * sure, var),
        count + came,
    )
