"""Scores of forecasts within a horizon, with competing ends and censoring.

Shapes (n,): the forecast `chance`, `days` until the end and its `status` as in `risk_set`, `horizon` in days.
Those not seen up to the horizon are made up for by weighting those who were, by the inverse of the chance of
being seen so long (IPCW). Cases leave within the horizon; controls are all others, those who ended otherwise
among them (Blanche, Dartigues and Jacqmin-Gadda, 2013, second definition).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from accord.arrays import Bools, Floats, Ints
from accord.science.dropout.risk_set import LEFT, STILL

TENTHS = 10


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """Who left within the horizon, and how much each counts; 0 for those not seen up to it."""

    left: Bools
    weight: Floats

    def chosen(self, at: Ints | Bools) -> Seen:
        return Seen(self.left[at], self.weight[at])


def seen(days: Ints, status: Ints, horizon: int) -> Seen:
    """Weights by the Kaplan-Meier estimate of being seen, an end on a day coming before being lost on it."""
    ended = (status != STILL) & (days <= horizon)
    free = ~ended & (days >= horizon)
    at = np.where(ended, days, horizon)
    weight = np.where(ended | free, 1.0 / _still_seen(days, status)[at], 0.0)
    return Seen((status == LEFT) & (days <= horizon), weight)


def _still_seen(days: Ints, status: Ints) -> Floats:
    """Chance of being seen up to and including each day 0, 1, ..., the last of `days`."""
    longest = int(days.max(initial=0)) + 1
    lost = np.bincount(days[status == STILL], minlength=longest + 1)
    ends = np.bincount(days[status != STILL], minlength=longest + 1)
    total = lost + ends
    at_risk = np.cumsum(total[::-1])[::-1] - ends
    share = np.where(lost > 0, 1.0 - lost / np.maximum(at_risk, 1), 1.0)
    chance: Floats = np.concatenate([[1.0], np.cumprod(share)])[: longest + 1]
    return np.maximum(chance, 1e-6)


def auc(chance: Floats, who: Seen) -> float:
    """Probability that a case has a higher chance than a control, ties counting half.

    Cumulative and dynamic (Heagerty, Lumley and Pepe, 2000), weighted (Uno et al., 2007). NaN without both.
    """
    values, place = np.unique(chance, return_inverse=True)
    case = np.bincount(place, np.where(who.left, who.weight, 0.0), len(values))
    control = np.bincount(place, np.where(who.left, 0.0, who.weight), len(values))
    if not case.sum() or not control.sum():
        return math.nan
    below = np.cumsum(control) - control / 2
    return float(case @ below / (case.sum() * control.sum()))


def brier(chance: Floats, who: Seen) -> float:
    """Weighted mean squared distance of the chance from the outcome (Graf et al., 1999)."""
    return float(np.sum(who.weight * (who.left - chance) ** 2) / len(chance))


def share(who: Seen) -> float:
    """Weighted share who leave within the horizon."""
    return float((who.weight @ who.left) / who.weight.sum()) if who.weight.any() else math.nan


def expected_over_observed(chance: Floats, who: Seen) -> float:
    """Leavers expected for each one who left; 1 is right."""
    return float(who.weight @ chance) / max(float(who.weight @ who.left), 1e-12)


def net_benefit(chance: Floats, who: Seen, threshold: float) -> float:
    """Net benefit of reaching out from this chance on (Vickers and Elkin, 2006), for each client-day."""
    reached = chance >= threshold
    total = who.weight.sum()
    right = who.weight @ (reached & who.left) / total
    wrong = who.weight @ (reached & ~who.left) / total
    return float(right - wrong * threshold / (1 - threshold))


def line_at(chance: Floats, who: Seen, false_alarms: float) -> float:
    """The chance that only `false_alarms` of those who do not leave lie above."""
    other, weight = chance[~who.left], who.weight[~who.left]
    order = np.argsort(-other)
    spent = np.cumsum(weight[order]) / weight.sum()
    return float(other[order][np.searchsorted(spent, false_alarms)])


def sensitivity(chance: Floats, who: Seen, line: float) -> float:
    """Share of leavers whose chance lies above a line."""
    cases = who.weight * who.left
    return float(cases @ (chance > line) / cases.sum())


def predictive_value(sensitivity: float, false_alarms: float, base: float) -> float:
    """Share of those above the line who leave (Bayes)."""
    right, wrong = sensitivity * base, false_alarms * (1 - base)
    return right / (right + wrong) if right + wrong else math.nan


@dataclass(frozen=True, slots=True)
class Tenth:
    """A tenth of the forecasts, from the lowest: mean chance, share who left, and number of rows."""

    told: float
    came: float
    rows: int


def tenths(chance: Floats, who: Seen) -> tuple[Tenth, ...]:
    """The calibration curve."""
    order = np.argsort(chance, kind="stable")
    parts = [part for part in np.array_split(order, TENTHS) if who.weight[part].any()]
    return tuple(
        Tenth(
            float(np.average(chance[part], weights=who.weight[part])),
            float(np.average(who.left[part], weights=who.weight[part])),
            len(part),
        )
        for part in parts
    )


def resampled(client: Ints, draws: int, rng: np.random.Generator) -> list[Ints]:
    """Samples of rows: clients are drawn with replacement, each with all rows."""
    order = np.argsort(client, kind="stable")
    _, begins, count = np.unique(client[order], return_index=True, return_counts=True)
    samples = []
    for _ in range(draws):
        drawn = rng.integers(0, len(begins), len(begins))
        n = count[drawn]
        first = np.repeat(begins[drawn] - np.concatenate([[0], np.cumsum(n)[:-1]]), n)
        samples.append(order[first + np.arange(n.sum())])
    return samples
