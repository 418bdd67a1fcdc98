"""Plain rules over several channels, beside which anything cleverer has to be shown.

Input: channels as `accord.science.tracker.channels.channel_columns` gives them, name -> (sessions,). Most of
what several channels add comes from having them at all, so these rules are the honest comparison.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from accord.arrays import Bools, Floats
from accord.science.criteria.history import before
from accord.science.criteria.pooled import Pooled, pool
from accord.science.tracker.channels import ATTENDANCE, PROBE, URGE, WORSE_IS_HIGH
from accord.science.tracker.panel import Panel

STRONG_URGE = 4.0
RIDGE = 1e-3  # keeps a fit finite where a channel alone tells all labels apart
STEPS, SMALL = 50, 1e-8


class NotConverged(Exception):
    """The fit of the logistic rule stopped without having found its maximum."""


def pool_channels(columns: Mapping[str, Floats], panel: Panel) -> dict[str, Pooled]:
    """Pooled values of each channel, from a training panel."""
    return {name: pool(panel, column) for name, column in columns.items()}


def deviations(
    columns: Mapping[str, Floats], panel: Panel, pooled: Mapping[str, Pooled], *, weight_of_pool: float = 0.0
) -> dict[str, Floats]:
    """Deviation of each channel from its mean so far, in pooled within SDs (sessions,); higher is worse.

    The programme's mean counts as `weight_of_pool` earlier sessions; with 0 the deviation of a
    channel's first value is undefined (NaN). Channels without a pooled spread above 0 are left out.
    """
    return {
        name: _deviation(name, column, panel, pooled[name], weight_of_pool)
        for name, column in columns.items()
        if name in pooled and pooled[name].within_sd > 0
    }


def _deviation(name: str, column: Floats, panel: Panel, pooled: Pooled, weight: float) -> Floats:
    history = before(panel, column)
    total = history.count + weight
    own = np.where(history.count > 0, history.mean, 0.0) * history.count
    mean = (own + weight * pooled.mean) / np.where(total > 0, total, np.nan)
    worse = 1.0 if name in WORSE_IS_HIGH else -1.0
    return worse * (column - mean) / pooled.within_sd


def equal_weight_sum(deviation: Mapping[str, Floats]) -> Floats:
    """Sum of the deviations that came, shape (sessions,); NaN where none did. ValueError without channels."""
    columns = _stacked(deviation)
    return np.where(np.isnan(columns).all(axis=0), np.nan, np.nansum(columns, axis=0))


def any_of(columns: Mapping[str, Floats]) -> Floats:
    """1 where the probe says a lot, the urge to stop is 4 or more, or the session was missed; else 0.

    Shape (sessions,); NaN where none of the three came. ValueError without any of the three channels.
    """
    signs = {PROBE: lambda x: x >= 1, URGE: lambda x: x >= STRONG_URGE, ATTENDANCE: lambda x: x <= 0}
    known = _stacked({name: columns[name] for name in signs if name in columns})
    present = np.array([signs[name](columns[name]) for name in signs if name in columns])
    return np.where(np.isnan(known).all(axis=0), np.nan, present.any(axis=0).astype(np.float64))


@dataclass(frozen=True, slots=True)
class LogisticRule:
    """Log odds of a rupture as a weighted sum of deviations; a channel that did not come adds nothing."""

    intercept: float
    weights: Mapping[str, float]

    def statistic(self, deviation: Mapping[str, Floats]) -> Floats:
        """Log odds, shape (sessions,); NaN where none of the weighted channels came."""
        columns = _stacked({name: deviation[name] for name in self.weights if name in deviation})
        weights = [weight for name, weight in self.weights.items() if name in deviation]
        log_odds = self.intercept + np.nan_to_num(columns).T @ np.array(weights)
        return np.where(np.isnan(columns).all(axis=0), np.nan, log_odds)


def fit_logistic(deviation: Mapping[str, Floats], label: Bools) -> LogisticRule:
    """The rule that makes the labels most probable, by Newton's method with a slight ridge on the weights.

    `label` (sessions,): whether the session lies in a rupture. Sessions without any channel are left out.
    ValueError unless both labels occur; NotConverged when the search fails.
    """
    columns = _stacked(deviation)
    came = ~np.isnan(columns).all(axis=0)
    y = label[came].astype(np.float64)
    if not 0 < y.sum() < len(y):
        raise ValueError("a logistic rule needs sessions inside and outside of ruptures")
    x = np.column_stack([np.ones(len(y)), np.nan_to_num(columns[:, came]).T])
    best = _newton(x, y)
    return LogisticRule(float(best[0]), dict(zip(deviation, best[1:].tolist(), strict=True)))


def _newton(x: Floats, y: Floats) -> Floats:
    ridge = np.full(x.shape[1], RIDGE * len(y))
    ridge[0] = 0.0
    beta = np.zeros(x.shape[1])
    beta[0] = np.log(y.mean() / (1 - y.mean()))
    cost = _cost(x, y, beta, ridge)
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(x @ beta, -700, 700)))
        gradient = x.T @ (y - p) - ridge * beta
        step = np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + np.diag(ridge), gradient)
        while _cost(x, y, beta + step, ridge) > cost and np.abs(step).max() > SMALL:
            step = step / 2
        beta = beta + step
        cost = _cost(x, y, beta, ridge)
        if np.abs(step).max() <= SMALL:
            return beta
    raise NotConverged("the logistic rule's weights did not settle")


def _cost(x: Floats, y: Floats, beta: Floats, ridge: Floats) -> float:
    eta = x @ beta
    return float((np.logaddexp(0, eta) - y * eta).sum() + 0.5 * (ridge * beta**2).sum())


def _stacked(columns: Mapping[str, Floats]) -> Floats:
    if not columns:
        raise ValueError("none of the channels this rule looks at is there")
    return np.array(list(columns.values()), dtype=np.float64)
