"""Population values by empirical Bayes: the most probable ones given the programme's ratings and priors.

The marginal likelihood of each relationship comes from the filter itself (prediction error decomposition:
Harvey, 1989, section 3.4), so that what is learned is what the filter will use. Channels beside the rating
are learned afterwards, each on its own, with the regime's probability as earlier ratings alone give it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from accord.arrays import Bools, Floats
from accord.science.tracker.alarm_threshold import draw_line
from accord.science.tracker.channel_learning import learn_channels
from accord.science.tracker.filter import observations, take_rows
from accord.science.tracker.marginal_likelihood import blocks, with_gradient
from accord.science.tracker.panel import Panel, in_rounds
from accord.science.tracker.population import Population
from accord.science.tracker.predict import begin, predict
from accord.science.tracker.regime import MODES
from accord.science.tracker.update import update

FIRST_LOOK = 400  # relationships of the rough search
LEARN_FROM = 1500  # relationships of the fine one; more change the values by less than their uncertainty


def _logit(p: float) -> float:
    return math.log(p / (1 - p))


def _logistic(x: float) -> float:
    return 1 / (1 + math.exp(-x))


@dataclass(frozen=True, slots=True)
class Free:
    """One value the search may move: the scale it is moved on, and its prior standard deviation there."""

    name: str
    inward: Callable[[float], float]
    outward: Callable[[float], float]
    speed: Callable[[float], float]  # of the value as its scale moves
    loose: float


def _plain(x: float) -> float:
    return x


def _unit_slope(_x: float) -> float:
    return 1.0


def _binomial(p: float) -> float:
    return p * (1 - p)


FREE = (
    Free("mean_level", _plain, _plain, _unit_slope, 0.15),
    Free("mean_slope", _plain, _plain, _unit_slope, 0.03),
    Free("sd_level", math.log, math.exp, _plain, 0.5),
    Free("sd_slope", math.log, math.exp, _plain, 0.7),
    Free("sd_drift", math.log, math.exp, _plain, 0.7),
    Free("sd_within", math.log, math.exp, _plain, 0.5),
    Free("state_share", _logit, _logistic, _binomial, 0.7),
    Free("outliers", _logit, _logistic, _binomial, 1.0),
    Free("onset", _logit, _logistic, _binomial, 0.4),
    Free("exit", _logit, _logistic, _binomial, 0.3),
    Free("depth", math.log, math.exp, _plain, 0.07),
)
KNOWN_NOISE_LOOSENESS = 0.3  # of `sd_within`, where the instrument's reliability says something about it
FARTHEST = 4.0  # prior standard deviations


class NotConverged(Exception):
    """The fit stopped before the most probable values; `population` holds the values it reached."""

    def __init__(self, population: Population) -> None:
        super().__init__("learning the population's values did not converge")
        self.population = population


def learn(panel: Panel, prior: Population, *, known_noise: bool = False, seed: int = 0) -> Population:
    """The values of the relationships in `panel`, and the alarm line. NotConverged when the search fails."""
    rated = panel.rated
    prior = replace(prior, grain=_grain(panel.rating[rated], prior))
    result, sample = _SearchResult(prior, True, np.eye(len(FREE)), int(rated.sum())), panel
    for size, tolerance in ((FIRST_LOOK, 1e-5), (LEARN_FROM, 1e-6)):
        sample = panel.of(_kept(panel, size, seed))
        result = _search(sample, prior, result, known_noise, tolerance)
        if len(sample.session) == len(panel.session):
            break
    values = replace(
        result.values, relationships=len(np.unique(panel.relationship[rated])), ratings=int(rated.sum())
    )
    if sample.channels:
        values = learn_channels(sample, values, *_regimes(sample, values))
    values = draw_line(values, sample, seed)
    if not result.converged:
        raise NotConverged(values)
    return values


def _kept(panel: Panel, size: int, seed: int) -> Bools:
    rated = np.unique(panel.relationship[panel.rated])
    if len(rated) > size:
        rated = np.random.default_rng(seed).permutation(rated)[:size]
    return np.isin(panel.relationship, rated)


@dataclass(frozen=True, slots=True)
class _SearchResult:
    values: Population
    converged: bool
    spread: Floats  # inverse curvature about the values, in units of the prior's looseness
    ratings: int  # that it was found from


def _search(
    panel: Panel, prior: Population, start: _SearchResult, known_noise: bool, tolerance: float
) -> _SearchResult:
    """The most probable values, from `start`; the curvature found there saves most of the steps."""
    from scipy.optimize import minimize  # takes a while to import; scans with given values do without

    panel_blocks = blocks(panel, prior)
    if not panel_blocks:
        return start
    centre, loose, ratings = _to_vector(prior), _looseness(known_noise), int(panel.rated.sum())
    begin_at = (_to_vector(start.values) - centre) / loose
    # The more ratings, the steeper: steps are as long as what is still unknown.
    steps = np.linalg.cholesky(start.spread * start.ratings / ratings)

    def shift(z: Floats) -> Floats:
        return np.clip(begin_at + steps @ z, -FARTHEST, FARTHEST)

    def cost(z: Floats) -> tuple[float, Floats]:
        # In units of the prior's own looseness all directions are about equally steep.
        x = shift(z)
        values = _from_vector(centre + x * loose, prior)
        log_likelihood, by_value = with_gradient(panel_blocks, values)
        by_x = x - _by_vector(by_value, values) * loose
        by_z = steps.T @ np.where(np.abs(x) < FARTHEST, by_x, 0.0)
        return 0.5 * float(x @ x) - log_likelihood, np.asarray(by_z, dtype=np.float64)

    result = minimize(cost, np.zeros(len(FREE)), jac=True, method="L-BFGS-B", options={"ftol": tolerance})
    curvature: Any = result.hess_inv  # an operator: what the search remembers of its steps
    spread = steps @ curvature.todense() @ steps.T
    values = _from_vector(centre + shift(result.x) * loose, prior)
    return _SearchResult(values, bool(result.success), (spread + spread.T) / 2, ratings)


def _looseness(known_noise: bool) -> Floats:
    return np.array(
        [KNOWN_NOISE_LOOSENESS if known_noise and free.name == "sd_within" else free.loose for free in FREE]
    )


def _to_vector(values: Population) -> Floats:
    return np.array([free.inward(getattr(values, free.name)) for free in FREE])


def _from_vector(vector: Floats, like: Population) -> Population:
    moved: dict[str, Any] = {
        free.name: free.outward(x) for free, x in zip(FREE, vector.tolist(), strict=True)
    }
    return replace(like, **moved)


def _by_vector(by_value: Mapping[str, float], values: Population) -> Floats:
    """Derivatives by the scales on which the values are moved."""
    return np.array([by_value[free.name] * free.speed(getattr(values, free.name)) for free in FREE])


def _regimes(panel: Panel, values: Population) -> tuple[Floats, Floats]:
    """Probability of a rupture (sessions,) and of each mode (modes, sessions) before each session.

    They come from earlier ratings alone. The session's own rating must stay out: whether it came, and how it
    scatters, goes with attendance and the clinician's rating in calm as well.
    """
    seen = replace(observations(panel, values), chances={}, readings={})
    modes = np.full((MODES, len(panel.session)), np.nan)
    rounds = in_rounds(panel)
    beliefs = begin(values, rounds.n)
    for round_ in rounds:
        prior = predict(beliefs.first(len(round_.row)), round_.weeks, round_.sessions, values)
        beliefs, _ = update(prior, take_rows(seen, round_.row), values)
        modes[:, round_.row] = prior.modes
    return 1 - modes[0], modes


def _grain(rating: Floats, prior: Population) -> float:
    """Step of the scale on the unit scale; 0 where some rating is no whole number."""
    whole_numbers = len(rating) > 0 and bool(np.all(rating == np.round(rating)))
    return 1 / (prior.high - prior.low) if whole_numbers else 0.0
