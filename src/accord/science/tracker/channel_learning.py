"""Distribution of each channel in calm and in a rupture, estimated with stated priors.

The regime of a session is known only with a probability; it comes from earlier ratings alone, so a channel
never helps to decide the regime it is judged by, and correlation between channels is not taken for a rupture.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from accord.arrays import Floats
from accord.science.tracker.channels import FORM
from accord.science.tracker.panel import Panel, Rounds, in_rounds
from accord.science.tracker.population import Chance, Population, Reading
from accord.science.tracker.update import learn_reading, weigh_reading

CALM_WEIGHT, RUPTURE_WEIGHT = 40.0, 20.0  # sessions a stated chance is worth
OFTEN = 0.9  # no chance of an empty form is taken to be higher
LOOSENESS = (0.15, 0.5, 0.5, 0.12)  # prior SDs: mean, log sd_level, log sd_noise, shift
ROUNDS = 100


def learn_channels(panel: Panel, values: Population, p_rupture: Floats, modes: Floats) -> Population:
    """Values of the channels in `panel`, given the probability of the regime in each of its sessions."""
    chances = {
        name: (_form if name == FORM else _chance)(panel.channels[name], p_rupture, stated)
        if name in panel.channels
        else stated
        for name, stated in values.chances.items()
    }
    readings = {
        name: _reading(panel, name, modes, stated) if name in panel.channels else stated
        for name, stated in values.readings.items()
    }
    return replace(values, chances=chances, readings=readings)


def _chance(came: Floats, p_rupture: Floats, stated: Chance) -> Chance:
    """Estimate both chances by expectation and maximisation (Dempster et al., 1977), with beta priors."""
    here = ~np.isnan(came) & ~np.isnan(p_rupture)
    # "A little" tension does not count as a yes, as in the filter.
    yes, p, now = (came[here] > 0.5).astype(np.float64), p_rupture[here], stated
    for _ in range(ROUNDS):
        rupture = p * np.where(yes == 1, now.rupture, 1 - now.rupture)
        calm = (1 - p) * np.where(yes == 1, now.calm, 1 - now.calm)
        share = rupture / (rupture + calm)
        now = Chance(
            _pooled(yes, 1 - share, stated.calm, CALM_WEIGHT),
            _pooled(yes, share, stated.rupture, RUPTURE_WEIGHT),
        )
    return now


def _form(empty: Floats, p_rupture: Floats, stated: Chance) -> Chance:
    """Learn how often forms stay empty; the excess in a rupture is a stated value.

    Forms go missing after bad sessions too, and ratings of earlier sessions cannot tell "after" from "in".
    """
    here = ~np.isnan(empty) & ~np.isnan(p_rupture)
    times = stated.rupture / stated.calm
    expected = float(np.sum(1 + p_rupture[here] * (times - 1))) + CALM_WEIGHT
    calm = (float(empty[here].sum()) + CALM_WEIGHT * stated.calm) / expected
    return Chance(calm, min(calm * times, OFTEN))


def _pooled(yes: Floats, weight: Floats, stated: float, sessions: float) -> float:
    return float((yes @ weight + stated * sessions) / (weight.sum() + sessions))


def _reading(panel: Panel, name: str, modes: Floats, stated: Reading) -> Reading:
    """The most probable values of a channel with its own level, given the modes' probabilities."""
    from scipy.optimize import minimize

    came = panel.channels[name]
    rated = came[~np.isnan(came)]
    stated = replace(stated, grain=_grain(rated, stated))
    rounds = in_rounds(replace(panel, rating=came, channels={}))
    loose = np.array(LOOSENESS)
    centre = np.array([stated.mean, math.log(stated.sd_level), math.log(stated.sd_noise), stated.shift])

    def values(shift: Floats) -> Reading:
        mean, level, noise, by = (centre + shift * loose).tolist()
        return replace(stated, mean=mean, sd_level=math.exp(level), sd_noise=math.exp(noise), shift=by)

    def cost(shift: Floats) -> float:
        return 0.5 * float(shift @ shift) - _log_likelihood(rounds, came, modes, values(shift))

    result = minimize(cost, np.zeros(4), method="L-BFGS-B", bounds=[(-4, 4)] * 4, options={"ftol": 1e-6})
    return values(result.x)


def _log_likelihood(rounds: Rounds, came: Floats, modes: Floats, values: Reading) -> float:
    level, var = np.full(rounds.n, values.mean), np.full(rounds.n, values.sd_level**2)
    count, total = np.zeros(rounds.n), 0.0
    for round_ in rounds:
        m = len(round_.row)
        level, var, count, value, prior = (
            level[:m],
            var[:m],
            count[:m],
            came[round_.row],
            modes[:, round_.row],
        )
        pieces = weigh_reading(value, level, var, count, values)
        top = pieces.log_modes.max(axis=0)
        weight = prior * np.exp(pieces.log_modes - top)
        total += float((np.log(weight.sum(axis=0)) + top).sum())
        level, var, count = learn_reading(level, var, count, value, pieces, weight / weight.sum(axis=0))
    return total


def _grain(unit: Floats, stated: Reading) -> float:
    steps = unit / stated.grain if stated.grain else np.full(1, 0.5)
    return stated.grain if np.allclose(steps, np.round(steps)) else 0.0
