"""Population values by empirical Bayes: the most probable ones given the programme's ratings and priors.

The marginal likelihood of each relationship comes from the filter itself (prediction error decomposition:
Harvey, 1989, section 3.4), so that what is learned is what the filter will use. The alarm line is then drawn
by simulating calm courses from the fitted values and running the same filter over them.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from accord.science.course import begin, predict, update
from accord.science.panel import Panel, Round, Rounds, in_rounds
from accord.science.population import Population

Floats = NDArray[np.float64]

LEARN_FROM = 1500  # relationships; more change the values by less than their own uncertainty
CALM_SESSIONS = 200_000  # simulated, for the line: 3 % then has a Monte Carlo error of .04 %
LONGEST_CALM = 60
WEEKLY = 40  # sessions of a simulated course where there are no real ones to copy

# Prior standard deviations: of the two means on the unit scale, of the four SDs in log units.
LOOSENESS = {
    "mean_level": 0.15,
    "mean_slope": 0.03,
    "sd_level": 0.5,
    "sd_slope": 0.7,
    "sd_drift": 0.7,
    "sd_within": 0.5,
}
KNOWN_NOISE_LOOSENESS = 0.3  # of `sd_within`, where the instrument's reliability says something about it


class NotConverged(Exception):
    """The fit stopped without having found the most probable values; `population` holds what it found."""

    def __init__(self, population: Population) -> None:
        super().__init__("learning the population's values did not converge")
        self.population = population


def learn(panel: Panel, prior: Population, *, known_noise: bool = False, seed: int = 0) -> Population:
    """The values of the relationships in `panel`, and the alarm line. NotConverged when the search fails."""
    rounds = in_rounds(_sample(panel, seed))
    unit = prior.to_unit(panel.rating)
    values, converged = _search(rounds, _sample_rating(unit, panel, seed), prior, known_noise)
    rated = panel.rated
    found = replace(
        values,
        relationships=len(np.unique(panel.relationship[rated])),
        ratings=int(rated.sum()),
    )
    found = draw_line(found, rounds, _grain(panel.rating[rated], prior), seed)
    if not converged:
        raise NotConverged(found)
    return found


def draw_line(
    values: Population, rounds: Rounds | None = None, grain: float = 0.0, seed: int = 0
) -> Population:
    """Simulate calm courses (spaced like `rounds`, else weekly) and keep how surprising they look."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, 7]))
    rounds = rounds if rounds is not None and rounds.n else _weekly()
    return values.with_line(np.concatenate(_calm_run(values, _repeated(rounds), grain, rng)))


def _sample(panel: Panel, seed: int) -> Panel:
    keep = _kept(panel, seed)
    return Panel(*(getattr(panel, name)[keep] for name in Panel.__slots__))


def _sample_rating(unit: Floats, panel: Panel, seed: int) -> Floats:
    return unit[_kept(panel, seed)]


def _kept(panel: Panel, seed: int) -> NDArray[np.bool_]:
    rated = np.unique(panel.relationship[panel.rated])
    if len(rated) > LEARN_FROM:
        rated = np.random.default_rng(seed).choice(rated, LEARN_FROM, replace=False)
    return np.isin(panel.relationship, rated)


def _search(rounds: Rounds, rating: Floats, prior: Population, known_noise: bool) -> tuple[Population, bool]:
    from scipy.optimize import minimize  # scipy takes a second to import; scans with given values do without

    centre = _to_vector(prior)
    loose = np.array(list(LOOSENESS.values()))
    if known_noise:
        loose[-1] = KNOWN_NOISE_LOOSENESS

    def cost(shift: Floats) -> float:
        # In units of the prior's own looseness all directions are about equally steep.
        values = _from_vector(centre + shift * loose, prior)
        return 0.5 * float(shift @ shift) - _log_likelihood(rounds, rating, values)

    if not rounds.n:
        return prior, True
    result = minimize(cost, np.zeros(len(centre)), method="L-BFGS-B", bounds=[(-8, 8)] * len(centre))
    return _from_vector(centre + result.x * loose, prior), bool(result.success)


def _to_vector(values: Population) -> Floats:
    raw = [getattr(values, name) for name in LOOSENESS]
    return np.array([*raw[:2], *map(math.log, raw[2:])])


def _from_vector(vector: Floats, like: Population) -> Population:
    raw = [*vector[:2].tolist(), *np.exp(vector[2:]).tolist()]
    return replace(like, **dict(zip(LOOSENESS, raw, strict=True)))


def _log_likelihood(rounds: Rounds, rating: Floats, values: Population) -> float:
    beliefs, total = begin(values, rounds.n), 0.0
    for one in rounds:
        prior = predict(beliefs.first(len(one.row)), one.weeks, one.sessions, values)
        beliefs, step = update(prior, rating[one.row], values)
        total += float(step.log_likelihood.sum())
    return total


def _grain(rating: Floats, prior: Population) -> float:
    """Step of the scale on the unit scale: ratings given as whole numbers are simulated as whole numbers."""
    whole = len(rating) > 0 and bool(np.all(rating == np.round(rating)))
    return 1 / (prior.high - prior.low) if whole else 0.0


def _weekly() -> Rounds:
    first = Round(np.zeros(1, dtype=np.int64), np.zeros(1), np.ones(1))
    return Rounds(1, (first, *[first._replace(weeks=np.ones(1))] * (WEEKLY - 1)))


def _repeated(rounds: Rounds) -> Rounds:
    """Each course as often as it takes to simulate CALM_SESSIONS sessions, spaced as it is."""
    kept = rounds.rounds[:LONGEST_CALM]
    times = math.ceil(CALM_SESSIONS / sum(len(one.row) for one in kept))
    copies = tuple(
        Round(np.repeat(row, times), np.repeat(weeks, times), np.repeat(sessions, times))
        for row, weeks, sessions in kept
    )
    return Rounds(rounds.n * times, copies)


def _calm_run(values: Population, rounds: Rounds, grain: float, rng: np.random.Generator) -> list[Floats]:
    """One calm course for each relationship of `rounds`, with its spacing; the surprises, round by round."""
    level = rng.normal(values.mean_level, values.sd_level, rounds.n)
    slope = rng.normal(values.mean_slope, values.sd_slope, rounds.n)
    beliefs, found = begin(values, rounds.n), []
    for one in rounds:
        m = len(one.row)
        prior = predict(beliefs.first(m), one.weeks, one.sessions, values)
        growth = np.log1p(prior.weeks) - np.log1p(beliefs.weeks[:m])
        drift = values.sd_drift * np.sqrt(one.weeks) * rng.standard_normal(m)
        level, slope = level[:m] + growth * slope[:m] + drift, slope[:m]
        rating = level + values.sd_within * rng.standard_normal(m)
        if grain:
            rating = np.round(rating / grain) * grain
        beliefs, step = update(prior, np.clip(rating, 0.0, 1.0), values)
        found.append(step.surprise)
    return found
