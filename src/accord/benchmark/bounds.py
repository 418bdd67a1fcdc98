"""What the tracker has to reach, and whether it does. Each bound is measured by the benchmark itself."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np

from accord.benchmark.detectors import (
    CHART,
    DETECTORS,
    RATING_ALONE,
    REFERENCE,
    REFERENCE_ALONE,
    SUM,
    TRACKER,
    Kind,
)
from accord.benchmark.judge import BENCH, OWN, RATES
from accord.benchmark.results import Results
from accord.benchmark.run import AGAINST_REFERENCE, AT_THE_DROPS, CHANNELS, NULL, STRENGTHS

LEAST_IN_TENTH = 150  # sessions, for a tenth of the probability to be judged
NEARLY = 1e-9  # a difference of exactly a point may miss it by rounding
PASS, SHORT, UNMEASURED = "pass", "falls short", "not measured"

Measured = Iterator[tuple[str, float]]  # where, and what was found there


class Bound(NamedTuple):
    """`low` and `high` bound every measured value; `worst` is the one that comes closest to breaking them."""

    name: str
    how: str
    measure: Callable[[Results], Measured]
    low: float = -math.inf
    high: float = math.inf
    # The same of the filter with true values: no learning from such ratings can do better but by luck.
    reference: Callable[[Results], Measured] | None = None


class Outcome(NamedTuple):
    bound: Bound
    verdict: str
    worst: float
    where: str
    reference: float = math.nan  # at the same place, by the filter with true values


def judge_all(results: Results) -> list[Outcome]:
    return [outcome(bound, results) for bound in BOUNDS]


def outcome(bound: Bound, results: Results) -> Outcome:
    """The value that is farthest beyond the bound, or nearest to it, and the verdict."""
    measured = [(where, value) for where, value in bound.measure(results) if not math.isnan(value)]
    if not measured:
        return Outcome(bound, UNMEASURED, math.nan, "")
    where, worst = max(measured, key=lambda pair: max(bound.low - pair[1], pair[1] - bound.high))
    verdict = PASS if bound.low - NEARLY <= worst <= bound.high + NEARLY else SHORT
    by_reference = dict(bound.reference(results)) if bound.reference else {}
    return Outcome(bound, verdict, worst, where, by_reference.get(where, math.nan))


def limit(bound: Bound) -> str:
    """The limit in words."""
    if math.isinf(bound.high):
        return f"at least {bound.low:g}"
    return f"at most {bound.high:g}" if math.isinf(bound.low) else f"{bound.low:g} to {bound.high:g}"


def with_ruptures(results: Results) -> list[str]:
    return [scenario for scenario in results.scenarios if scenario != NULL and scenario not in STRENGTHS]


def _auc_behind(results: Results) -> Measured:
    for scenario in with_ruptures(results):
        yield scenario, results.mean(scenario, REFERENCE, "AUC") - results.mean(scenario, TRACKER, "AUC")


def _recall_of_reference(results: Results) -> Measured:
    for scenario in with_ruptures(results):
        yield scenario, _ratio(results, scenario, TRACKER, REFERENCE)


def _recall_with_20(results: Results) -> Measured:
    for scenario in with_ruptures(results):
        yield scenario, results.mean(scenario, f"{TRACKER}-20", AGAINST_REFERENCE, BENCH)


def _behind_best_rule(results: Results, detector: Callable[[Results, str], str]) -> Measured:
    for scenario in with_ruptures(results):
        for at in RATES:
            rules = [
                results.mean(scenario, rule, "found", at)
                for rule, about in DETECTORS.items()
                if about.kind is Kind.SINGLE
            ]
            yield (
                f"{scenario} at {at}",
                max(rules) - results.mean(scenario, detector(results, scenario), "found", at),
            )


def _over_chart_alone(results: Results, who: Callable[[Results, str], str]) -> Measured:
    for scenario in with_ruptures(results):
        yield scenario, _ratio(results, scenario, who(results, scenario), CHART)


def _over_chart_several(results: Results, who: str = TRACKER) -> Measured:
    yield CHANNELS, _ratio(results, CHANNELS, who, CHART)


def _over_sum(results: Results, who: str = TRACKER) -> Measured:
    yield CHANNELS, _ratio(results, CHANNELS, who, SUM)


def _of_drops_false_alarms(results: Results, who: str = TRACKER) -> Measured:
    for scenario in with_ruptures(results):
        yield scenario, results.mean(scenario, who, AT_THE_DROPS, BENCH) / RATES[BENCH]


def _off_in_tenths(results: Results, over: Callable[[list[float]], float], who: str = TRACKER) -> Measured:
    for scenario in with_ruptures(results):
        for part in results.parts("observed"):
            columns = (
                results.values(scenario, who, name, part=part)
                for name in ("sessions", "predicted", "observed")
            )
            off = [
                abs(predicted - observed)
                for sessions, predicted, observed in zip(*columns, strict=True)
                if sessions > LEAST_IN_TENTH
            ]
            yield f"{scenario}, {part}", over(off) if off else math.nan


def _calm_rate(results: Results, who: str = TRACKER) -> Measured:
    for scenario in with_ruptures(results):
        yield scenario, results.mean(scenario, who, "false alarms where it speaks", OWN)


def _null_rate(results: Results, who: str = TRACKER) -> Measured:
    for value in results.values(NULL, who, "false alarms where it speaks", OWN):
        yield NULL, value


def on_rating(results: Results, scenario: str) -> str:
    """The tracker on the rating alone: where nothing else is recorded that is the tracker itself."""
    return RATING_ALONE if RATING_ALONE in results.spoke(scenario) else TRACKER


def reference_on_rating(results: Results, scenario: str) -> str:
    return REFERENCE_ALONE if REFERENCE_ALONE in results.spoke(scenario) else REFERENCE


def _tracker(_results: Results, _scenario: str) -> str:
    return TRACKER


def _reference(_results: Results, _scenario: str) -> str:
    return REFERENCE


def _median(off: list[float]) -> float:
    return float(np.median(off))


def _ratio(results: Results, scenario: str, ours: str, theirs: str) -> float:
    below = results.mean(scenario, theirs, "found", BENCH)
    return results.mean(scenario, ours, "found", BENCH) / below if below > 0 else math.nan


BOUNDS = (
    Bound(
        "AUC behind true values",
        "AUC of the state, reference less learned; worst scenario",
        _auc_behind,
        high=0.01,
    ),
    Bound(
        "found, of the reference's",
        "at 3 %, learned over reference; worst scenario",
        _recall_of_reference,
        low=0.97,
    ),
    Bound("found with 20 to learn from", "the same, mean of six draws of 20", _recall_with_20, low=0.95),
    Bound(
        "behind the best rule on the rating",
        "found at 1, 3 and 5 %, best rule less tracker",
        lambda results: _behind_best_rule(results, _tracker),
        high=0.01,
        reference=lambda results: _behind_best_rule(results, _reference),
    ),
    Bound(
        "the same, on the rating alone",
        "the tracker seeing no more than these rules",
        lambda results: _behind_best_rule(results, on_rating),
        high=0.01,
        reference=lambda results: _behind_best_rule(results, reference_on_rating),
    ),
    Bound(
        "over the chart, rating alone",
        "found at 3 %, tracker over chart",
        lambda results: _over_chart_alone(results, on_rating),
        low=1.15,
        reference=lambda results: _over_chart_alone(results, reference_on_rating),
    ),
    Bound(
        "over the chart, all channels",
        "the same in channels",
        _over_chart_several,
        low=2.8,
        reference=lambda results: _over_chart_several(results, REFERENCE),
    ),
    Bound(
        "over the equal-weight sum",
        "found at 3 % in channels",
        _over_sum,
        low=1.05,
        reference=lambda results: _over_sum(results, REFERENCE),
    ),
    Bound(
        "of the drop's false alarms",
        "to find as many as the drop does at 3 %",
        _of_drops_false_alarms,
        high=0.5,
        reference=lambda results: _of_drops_false_alarms(results, REFERENCE),
    ),
    Bound(
        "calibrated, median seed",
        "share in rupture less p_rupture, in tenths with over 150 sessions",
        lambda results: _off_in_tenths(results, _median),
        high=0.07,
        reference=lambda results: _off_in_tenths(results, _median, REFERENCE),
    ),
    Bound(
        "calibrated, any seed",
        "the same, worst seed",
        lambda results: _off_in_tenths(results, max),
        high=0.10,
        reference=lambda results: _off_in_tenths(results, max, REFERENCE),
    ),
    Bound(
        "alarm line",
        "calm sessions past the line drawn for .03",
        _calm_rate,
        low=0.025,
        high=0.035,
        reference=lambda results: _calm_rate(results, REFERENCE),
    ),
    Bound("alarm line without ruptures", "the same in null, any seed", _null_rate, high=0.045),
)
