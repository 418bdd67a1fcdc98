"""How the plain rules do in simulated programmes: how often they fire in calm, and what they find.

python -m tests.reference.measure_criteria
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from accord.arrays import Bools, Floats
from accord.instruments.catalogue import catalogue
from accord.science.criteria import chart, family
from accord.science.criteria.channels import (
    any_of,
    deviations,
    equal_weight_sum,
    fit_logistic,
    pool_channels,
)
from accord.science.criteria.family import Criterion, Reference, Scale
from accord.science.criteria.pooled import pool
from accord.science.criteria.sequential import cusum, own_mean_innovations, shiryaev
from accord.science.tracker.channels import channel_columns
from accord.science.tracker.panel import Panel, lay_out
from accord.simulator.generate import Simulated, simulate

CLIENTS, SESSIONS, SEED, FALSE_ALARMS = 1000, 30, 1, 0.03
FIXED = (
    (Reference.PREVIOUS, Scale.WITHIN_SD, 1.0),
    (Reference.PREVIOUS, Scale.WITHIN_SD, 2.0),
    (Reference.PREVIOUS, Scale.OWN_DIFFERENCE_SD, 2.0),
    (Reference.OWN_MEAN, Scale.WITHIN_SD, 1.0),
    (Reference.OWN_MEAN, Scale.WITHIN_SD, 2.0),
    (Reference.OWN_MEAN, Scale.OWN_SD, 2.0),
    (Reference.OWN_LINE, Scale.OWN_SD, 2.0),
)


def programme(scenario: str, seed: int) -> tuple[Simulated, Panel, dict[str, Floats]]:
    made = simulate(scenario, instruments=catalogue(), clients=CLIENTS, sessions=SESSIONS, seed=seed)
    followed = catalogue()[made.scenario.instrument.casefold()]
    panel = lay_out(made.ratings, followed)
    return made, panel, channel_columns(made.ratings, panel, followed)


def judged(statistic: Floats, made: Simulated, panel: Panel) -> tuple[float, float, float]:
    """AUC of the sessions in ruptures; episodes found at the onset or the next session; false alarms.

    The line lets 3 % of the calm sessions pass about which the rule says anything. Values that many sessions
    share can make the false alarms fewer.
    """
    bad = made.truth.in_rupture.astype(bool)
    known = ~np.isnan(statistic)
    line = np.quantile(statistic[known & ~bad], 1 - FALSE_ALARMS)
    fires = np.where(known, statistic, -np.inf) > line
    onset = np.flatnonzero(made.truth.onset)
    after = np.minimum(onset + 1, len(bad) - 1)
    still = (panel.relationship[after] == panel.relationship[onset]) & bad[after]
    result = float((fires[onset] | (fires[after] & still)).mean())
    return _auc(statistic[known], bad[known]), result, float(fires[known & ~bad].mean())


def _auc(statistic: Floats, bad: Bools) -> float:
    _, place, count = np.unique(statistic, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[place]
    return float((rank[bad].sum() - bad.sum() * (bad.sum() + 1) / 2) / (bad.sum() * (~bad).sum()))


def one_channel(panel: Panel, unit: Floats, training: tuple[Panel, Floats]) -> Iterator[tuple[str, Floats]]:
    pooled = pool(*training)
    for reference, scale in dict.fromkeys((reference, scale) for reference, scale, _ in FIXED):
        yield f"{reference}, {scale}", family.statistic(panel, unit, Criterion(reference, scale), pooled)
    yield "individuals chart", chart.statistic(panel, unit)
    z = own_mean_innovations(panel, unit, pooled)
    yield "CUSUM, 1.5 SD", cusum(panel, z, shift=1.5)
    yield "Shiryaev, 1.5 SD", shiryaev(panel, z, shift=1.5)


def fixed_lines() -> None:
    """Textbook programme: how often a criterion holds in sessions outside of any rupture."""
    made, panel, columns = programme("textbook", SEED)
    calm = made.truth.in_rupture == 0
    pooled = pool(panel, columns["rating"])
    for reference, scale, c in FIXED:
        statistic = family.statistic(panel, columns["rating"], Criterion(reference, scale, least=3), pooled)
        here = calm & ~np.isnan(statistic)
        hit = statistic[here] >= c
        courses = np.bincount(panel.relationship[here], hit)
        told_of = f"{hit.mean():.3f} of sessions, {(courses > 0).mean():.2f} of courses"
        print(f"{reference}, {c:g} {scale}: {told_of}")


def compared() -> None:
    train_made, train_panel, train = programme("channels", SEED + 1)
    made, panel, columns = programme("channels", SEED)
    rules = dict(one_channel(panel, columns["rating"], (train_panel, train["rating"])))
    pooled = pool_channels(train, train_panel)
    learned = fit_logistic(deviations(train, train_panel, pooled), train_made.truth.in_rupture == 1)
    several = deviations(columns, panel, pooled)
    rules["equal-weight sum"] = equal_weight_sum(several)
    rules["logistic rule"] = learned.statistic(several)
    rules["any of three signs"] = any_of(columns)
    for name, statistic in rules.items():
        auc, result, false = judged(statistic, made, panel)
        print(f"{name}: AUC {auc:.2f}, found {result:.2f} at {false:.3f}")
    signs = rules["any of three signs"]
    bad = made.truth.in_rupture == 1
    rates = [np.nanmean(signs[part]) for part in (bad, ~bad)]
    print(f"any of three signs: in {rates[0]:.2f} of sessions in ruptures, {rates[1]:.3f} of calm ones")


if __name__ == "__main__":
    fixed_lines()
    compared()
