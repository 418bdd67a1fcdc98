"""Sequential tests for a lasting fall: CUSUM and Shiryaev's posterior odds, on standardised innovations.

For a known fall of d standard deviations the log likelihood ratio of one value is l = -d z - d^2 / 2, z being
the value less what was expected, over its standard deviation. CUSUM W = max(0, W + l) finds a lasting fall
soonest in the worst case (Page 1954; Lorden 1971; Moustakides 1986), Shiryaev's odds soonest on average when
onsets are geometric (Shiryaev 1963). Both assume that the z of calm sessions are independent and standard
normal: where ratings hang together from one session to the next, take the one-step innovations of a filter.
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr, ndtri

from accord.arrays import Floats
from accord.science.criteria.history import before, on
from accord.science.criteria.pooled import Pooled
from accord.science.tracker.observation import Scale
from accord.science.tracker.panel import Panel, in_rounds

FARTHEST = 8.0  # standard deviations; beyond it a tail has no middle left in floating point


def innovations(unit: Floats, expected: Floats, predictive_sd: Floats) -> Floats:
    """Standardised one-step innovations of any filter; arrays of shape (sessions,), NaN without a rating."""
    return (unit - expected) / predictive_sd


def censored(z: Floats, unit: Floats, expected: Floats, predictive_sd: Floats, scale: Scale) -> Floats:
    """Innovations in which a value at an end of its scale only says "at least so much".

    Such a value gets the normal score of the tail's middle. Quantile residuals (Dunn, Smyth 1996) draw a
    place in the tail at random; this is its expectation. Without it a perfect score below an own level that
    lies beyond the scale would look like a fall.
    """
    high, low = ((cut - expected) / predictive_sd for cut in (scale.high_cut, scale.low_cut))
    result = np.where(unit >= scale.high, -ndtri(ndtr(-high) / 2), z)
    result = np.where(unit <= scale.low, ndtri(ndtr(low) / 2), result)
    return np.clip(result, -FARTHEST, FARTHEST)


def own_mean_innovations(panel: Panel, unit: Floats, pooled: Pooled) -> Floats:
    """Deviations from the relationship's mean so far, over their standard deviation. Shape (sessions,).

    That is within_sd * sqrt(1 + 1/n) after n ratings. They are independent and standard normal where the
    ratings of a calm course are independent and normal about a fixed level. NaN for a first rating.
    """
    history = before(panel, unit)
    spread = pooled.within_sd * np.sqrt(1 + 1 / np.maximum(history.count, 1))
    return innovations(unit, history.mean, spread)


def evidence(z: Floats, shift: float) -> Floats:
    """Log likelihood ratio of a fall of `shift` standard deviations against calm, for each value alone."""
    if not shift > 0:
        raise ValueError("the fall looked for must be above 0")
    return -shift * z - shift**2 / 2


def cusum(panel: Panel, z: Floats, *, shift: float = 1.0, restart_above: float = np.inf) -> Floats:
    """CUSUM of the innovations `z` (sessions,), from 0 at the start of each relationship.

    After passing `restart_above` it starts again from 0 at the next value. NaN where `z` is.
    """
    rounds, llr = in_rounds(on(panel, z)), evidence(z, shift)
    result, w = np.full(len(z), np.nan), np.zeros(rounds.n)
    for round_ in rounds:
        now = w[: len(round_.row)]
        now[:] = np.maximum(0.0, np.where(now > restart_above, 0.0, now) + llr[round_.row])
        result[round_.row] = now
    return result


def shiryaev(panel: Panel, z: Floats, *, shift: float = 1.0, onset: float = 0.05) -> Floats:
    """Log posterior odds that a lasting fall has begun, its onset being geometric. Shape (sessions,).

    `onset` is the chance per session, from the first value on and sessions without one counted too. NaN
    where `z` is.
    """
    if not 0 < onset < 1:
        raise ValueError("the chance of an onset must lie between 0 and 1")
    rounds, llr = in_rounds(on(panel, z)), evidence(z, shift)
    result, odds = np.full(len(z), np.nan), np.full(rounds.n, -np.inf)
    stay = np.log1p(-onset)
    for round_ in rounds:
        now = odds[: len(round_.row)]
        # Odds o become (o + 1 - s) / s where s is the chance that nothing begins in these sessions.
        calm = round_.sessions * stay
        now[:] = np.logaddexp(now, np.log(-np.expm1(calm))) - calm + llr[round_.row]
        result[round_.row] = now
    return result
