"""The marginal likelihood of ratings under given population values, and its gradient.

The likelihood is the filter's own, by prediction errors (Harvey, 1989, section 3.4). Its gradient comes from
one walk back through the same sessions (reverse accumulation: Griewank and Walther, 2008), exact to rounding
and at the cost of about two walks forward, however many values there are.
In names, `for_x` is the derivative of the log likelihood by x.
Shapes: m relationships of a round, M modes, C parts of the noise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import NamedTuple

import numpy as np

from accord.arrays import Floats
from accord.science.tracker.observation import FARTHEST, Pieces, Tail, pull
from accord.science.tracker.panel import Panel, Round, in_rounds, whole_relationships
from accord.science.tracker.population import Population
from accord.science.tracker.predict import Beliefs, begin, predict
from accord.science.tracker.regime import DEPTHS, MODES
from accord.science.tracker.update import OUTLIER, learn_rating, mix, rating_pieces

SESSIONS_AT_ONCE = 100_000  # their intermediate results are kept for the way back: about 50 MB

MOMENTS = tuple(field.name for field in fields(Beliefs))[:9]
BARELY = 1 - 1e-9
WIDE = np.array([1.0, OUTLIER**2])  # the noise's variances, in those of the narrow part


class Block(NamedTuple):
    """Some relationships' sessions with a rating, the rating on the unit scale."""

    n: int
    rounds: tuple[Round, ...]
    rating: Floats


def blocks(panel: Panel, population: Population) -> list[Block]:
    """All rated sessions, in blocks of whole relationships."""
    alone = replace(panel, channels={})
    stretches = whole_relationships(alone, SESSIONS_AT_ONCE)
    return [block for rows in stretches if (block := _block(alone.of(rows), population)).n]


def _block(panel: Panel, population: Population) -> Block:
    rounds = in_rounds(panel)
    return Block(rounds.n, rounds.rounds, population.to_unit(panel.rating))


def log_likelihood(panel_blocks: list[Block], values: Population) -> float:
    """Log likelihood of the ratings, up to a constant that does not depend on the values."""
    return sum(step.log_likelihood for block in panel_blocks for step in _forward(block, values))


def with_gradient(panel_blocks: list[Block], values: Population) -> tuple[float, dict[str, float]]:
    """The log likelihood, and its derivative by each value but `ar`, by name."""
    total, by = 0.0, defaultdict[str, float](float)
    for block in panel_blocks:
        steps = list(_forward(block, values))
        total += sum(step.log_likelihood for step in steps)
        _backward(block, steps, values, by)
    return total, _by_values(by, values)


@dataclass(frozen=True, slots=True)
class _Step:
    """Results of one round that the backward pass needs."""

    growth: Floats
    left: Floats
    before: Floats  # (M, m): probabilities of the modes after the round before
    prior: Beliefs
    pieces: Pieces
    far: Floats
    sure: Floats
    log_mean: Floats  # (m,)

    @property
    def log_likelihood(self) -> float:
        return float(self.log_mean.sum())


def _forward(block: Block, values: Population) -> Iterator[_Step]:
    beliefs = begin(values, block.n)
    for round_ in block.rounds:
        now, rating = beliefs.first(len(round_.row)), block.rating[round_.row]
        prior = predict(now, round_.weeks, round_.sessions, values)
        pieces = rating_pieces(prior, rating, values, unclipped=True)
        modes, log_mean = mix(prior.modes, pieces.log_modes)
        far, sure = pull(pieces, modes)
        growth = np.log1p(prior.weeks) - np.log1p(now.weeks)
        yield _Step(growth, values.ar**round_.weeks, now.modes, prior, pieces, far, sure, log_mean)
        beliefs = learn_rating(prior, rating, far, sure, modes)


class _Adjoint:
    """Derivatives of the log likelihood by the beliefs after a round, for the relationships of that round."""

    def __init__(self) -> None:
        self.moments = {name: np.zeros(0) for name in MOMENTS}
        self.modes = np.zeros((MODES, 0))

    def widen(self, m: int) -> None:
        """Extend to the round before, in which more relationships may still have had a session."""
        more = m - self.modes.shape[1]
        if more:
            self.moments = {name: np.append(a, np.zeros(more)) for name, a in self.moments.items()}
            self.modes = np.concatenate([self.modes, np.zeros((MODES, more))], axis=1)


def _backward(block: Block, steps: list[_Step], values: Population, by: dict[str, float]) -> None:
    adjoint = _Adjoint()
    for round_, step in zip(reversed(block.rounds), reversed(steps), strict=True):
        adjoint.widen(len(round_.row))
        for_far, for_sure = _back_through_learning(adjoint.moments, step)
        _back_through_rating(adjoint, step, for_far, for_sure, by)
        _back_through_time(adjoint.moments, step, round_, by)
        adjoint.modes = _back_through_chain(adjoint.modes, step.before, round_.sessions, values, by)
    for name, value in (("mean_level", "level"), ("mean_slope", "slope")):
        by[name] += float(adjoint.moments[value].sum())
    for name in ("var_level", "var_slope", "var_state"):
        by[name] += float(adjoint.moments[name].sum())


def _back_through_learning(a: dict[str, Floats], step: _Step) -> tuple[Floats, Floats]:
    """Go back through `course.learned`; returns the derivatives by its `far` and `sure`."""
    p, far, sure = step.prior, step.far, step.sure
    h = p.var_level + p.level_state, p.level_slope + p.slope_state, p.level_state + p.var_state
    means = a["level"], a["slope"], a["state"]
    # Half of each covariance's derivative belongs to either of its two places in the matrix.
    twice = (
        (2 * a["var_level"], a["level_slope"], a["level_state"]),
        (a["level_slope"], 2 * a["var_slope"], a["slope_state"]),
        (a["level_state"], a["slope_state"], 2 * a["var_state"]),
    )
    through = [row[0] * h[0] + row[1] * h[1] + row[2] * h[2] for row in twice]
    level, slope, state = (mean * far - sure * product for mean, product in zip(means, through, strict=True))
    a["var_level"] = a["var_level"] + level
    a["level_state"] = a["level_state"] + level + state
    a["level_slope"] = a["level_slope"] + slope
    a["slope_state"] = a["slope_state"] + slope
    a["var_state"] = a["var_state"] + state
    for_far = means[0] * h[0] + means[1] * h[1] + means[2] * h[2]
    for_sure = -0.5 * (through[0] * h[0] + through[1] * h[1] + through[2] * h[2])
    return for_far, for_sure


def _back_through_rating(
    adjoint: _Adjoint, step: _Step, for_far: Floats, for_sure: Floats, by: dict[str, float]
) -> None:
    """Go back through `session.rating_pieces`, `session.mix` and `evidence.pull`."""
    pieces, prior = step.pieces, step.prior
    shares = pieces.parts * np.exp(pieces.log_modes - step.log_mean)  # likelihoods over their mean
    weights = prior.modes * shares
    exact = (1 / pieces.spread)[:, None]
    for_first = for_far + 2 * for_sure * step.far
    z = pieces.gap * exact
    pulled = for_first * z + for_sure * (exact - z * z) + adjoint.modes
    for tail in pieces.tails:
        at, there = tail.at, exact[..., tail.at]
        pulled[..., at] = for_first[at] * tail.first * there + adjoint.modes[:, at]
        pulled[..., at] += for_sure[at] * (there - tail.second * there**2)
    pulled += 1 - (weights * pulled).sum(axis=(0, 1))
    adjoint.modes = (shares * pulled).sum(axis=0)
    for_log = weights * pulled
    by["log_narrow"] += float(for_log[0].sum())
    by["log_wide"] += float(for_log[1].sum())
    gap, spread = _by_gap_and_spread(pieces, weights, for_log, for_first, for_sure)
    centre, around = -gap.sum(axis=0), spread.sum(axis=0)
    by["below"] += float(((DEPTHS @ gap) * (prior.ratings > 0)).sum())
    by["noise"] += float((WIDE @ spread).sum())
    for name, more in (("level", centre), ("state", centre), ("var_level", around), ("var_state", around)):
        adjoint.moments[name] = adjoint.moments[name] + more
    adjoint.moments["level_state"] = adjoint.moments["level_state"] + 2 * around


def _by_gap_and_spread(
    pieces: Pieces, weights: Floats, for_log: Floats, for_first: Floats, for_sure: Floats
) -> tuple[Floats, Floats]:
    """Derivatives by the gap between value and level, (M, m), and by the variances, (C, m)."""
    exact = (1 / pieces.spread)[:, None]
    z = pieces.gap * exact
    by_first, by_sure = weights * for_first * exact, weights * for_sure * exact
    gap = by_first - (for_log + 2 * by_sure) * z
    spread = 0.5 * for_log * (z * z - exact) - by_first * z + by_sure * (2 * z * z - exact)
    for tail in pieces.tails:
        there = exact[..., tail.at]
        parts = (derivative[..., tail.at] for derivative in (for_log, by_first, by_sure))
        gap[..., tail.at], spread[..., tail.at] = _by_tail(tail, there, *parts)
    return gap.sum(axis=0), spread.sum(axis=1)


def _by_tail(
    tail: Tail, exact: Floats, for_log: Floats, by_first: Floats, by_sure: Floats
) -> tuple[Floats, Floats]:
    """The same derivatives at an end of the scale. Beyond FARTHEST a tail no longer changes."""
    narrow = np.sqrt(exact)
    hazard = tail.side * tail.first * narrow
    z = (tail.second * exact - 1) / hazard
    turn = hazard * (hazard - z)  # derivative of the hazard
    for_z = by_first * tail.side * turn / narrow - for_log * hazard - by_sure * (hazard + z * turn)
    for_z = np.where(np.abs(z) < BARELY * FARTHEST, for_z, 0.0)
    direct = by_sure * z * hazard * exact - 0.5 * by_first * tail.side * hazard * narrow
    return for_z * tail.side * narrow, direct - 0.5 * for_z * z * exact


def _back_through_time(a: dict[str, Floats], step: _Step, round_: Round, by: dict[str, float]) -> None:
    """Go back through `course.predict`, except for the modes."""
    g, left = step.growth, step.left
    by["drift"] += float(round_.weeks @ a["var_level"])
    by["var_state"] += float((1 - left**2) @ a["var_state"])
    a["var_slope"] = a["var_slope"] + g * (g * a["var_level"] + a["level_slope"])
    a["level_slope"] = a["level_slope"] + 2 * g * a["var_level"]
    a["slope"] = a["slope"] + g * a["level"]
    a["slope_state"] = left * (a["slope_state"] + g * a["level_state"])
    a["level_state"] = left * a["level_state"]
    a["state"] = left * a["state"]
    a["var_state"] = left**2 * a["var_state"]


def _back_through_chain(
    after: Floats, before: Floats, sessions: Floats, values: Population, by: dict[str, float]
) -> Floats:
    """Go back through `regime.after_sessions`."""
    onset, exit_ = values.onset, values.exit
    both, now, forgets = onset + exit_, 1 - before[0], 1 - onset - exit_
    share = onset / both
    kept, stayed = forgets**sessions, (1 - exit_) ** sessions
    for_begun = after[1:].sum(axis=0) / (MODES - 1)
    for_later = for_begun - after[0]
    for_stayed = (after[1:] * before[1:]).sum(axis=0) - now * for_begun
    for_now = for_later * kept - stayed * for_begun
    for_share = float((for_later * (1 - kept)).sum())
    for_forgets = float((for_later * (now - share) * sessions * forgets ** (sessions - 1)).sum())
    by["onset"] += for_share * exit_ / both**2 - for_forgets
    by["exit"] -= for_share * share / both + for_forgets
    by["exit"] -= float((for_stayed * sessions * (1 - exit_) ** (sessions - 1)).sum())
    return np.concatenate([-for_now[None], after[1:] * stayed])


def _by_values(by: dict[str, float], values: Population) -> dict[str, float]:
    """Convert derivatives by the filter's parameters to ones by the population's values."""
    within, share = values.sd_within, values.state_share
    state, noise, below = by["var_state"], by["noise"], by["below"]
    return {
        "mean_level": by["mean_level"],
        "mean_slope": by["mean_slope"],
        "sd_level": 2 * values.sd_level * by["var_level"],
        "sd_slope": 2 * values.sd_slope * by["var_slope"],
        "sd_drift": 2 * values.sd_drift * by["drift"],
        "sd_within": 2 * within * (share * state + (1 - share) * noise) + values.depth * below,
        "state_share": within**2 * (state - noise),
        "outliers": by["log_wide"] / values.outliers - by["log_narrow"] / (1 - values.outliers),
        "onset": by["onset"],
        "exit": by["exit"],
        "depth": within * below,
    }
