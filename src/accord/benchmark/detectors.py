"""Every detector of the benchmark, by name: what it is, and how it speaks about a case.

All speak online: what they say of a session uses nothing after it. Rules with a spread take the programme's
pooled one, learned from the same ratings, as the tracker learns its own values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from accord.arrays import Floats
from accord.benchmark import tracker
from accord.benchmark.case import Case, learn
from accord.benchmark.tracker import DetectorOutput
from accord.benchmark.true_values import true_population
from accord.science.criteria import channels, chart, family
from accord.science.criteria.family import Criterion, Reference, Scale
from accord.science.criteria.sequential import cusum, own_mean_innovations, shiryaev
from accord.science.tracker.channels import ATTENDANCE, PROBE, URGE

TRACKER, RATING_ALONE, EARLY, REFERENCE = "tracker", "tracker-rating", "tracker-early", "reference"
REFERENCE_ALONE = "reference-rating"
OWN_MEAN, CHART, DROP, TREND = "own-mean", "chart", "drop", "trend"
CUSUM, SHIRYAEV, MISSED = "cusum", "shiryaev", "missed"
TRACKERS_CUSUM, TRACKERS_SHIRYAEV = "cusum-tracker", "shiryaev-tracker"
SUM, LOGISTIC, ANY_OF = "sum", "logistic", "any-of"

FALL = 1.5  # within-SD, for which CUSUM and Shiryaev's odds are made: the mean depth of simulated ruptures
SMALLEST_SIGMA = 0.01  # of the scale; without it the chart is silent where all ratings were equal so far
PROGRAMME_WEIGHT = 1.0  # earlier sessions the programme's mean counts for in rules over several channels
EITHER_OR = 0.5  # the line of rules that say 0 or 1


class Kind(StrEnum):
    MODEL = "model"
    SINGLE = "single"  # rules on the rating alone
    SEVERAL = "several"  # rules on several channels, or on another than the rating


class Detector(NamedTuple):
    about: str
    kind: Kind
    speak: Callable[[Case], DetectorOutput]
    has_its_channels: Callable[[Case], bool] = lambda _case: True


def _tracker(case: Case) -> DetectorOutput:
    values, converged = case.learned
    return tracker.run_tracker(case, values, own_line=True)._replace(converged=converged)


def _rating_alone(case: Case) -> DetectorOutput:
    values, converged = case.learned
    return tracker.run_tracker(case, values, channels=False)._replace(converged=converged)


def _early(case: Case) -> DetectorOutput:
    kept = tracker.without_attendance_and_urge(case)
    values, converged = learn(case, kept)
    return tracker.run_tracker(case, values, ratings=kept)._replace(converged=converged)


def _reference(case: Case) -> DetectorOutput:
    return tracker.run_tracker(case, true_population(case), own_line=True)


def _reference_alone(case: Case) -> DetectorOutput:
    return tracker.run_tracker(case, true_population(case), channels=False)


def _rule(reference: Reference) -> Callable[[Case], DetectorOutput]:
    def speak(case: Case) -> DetectorOutput:
        criterion = Criterion(reference, Scale.WITHIN_SD)
        return _plain(family.statistic(case.panel, case.unit, criterion, case.pooled))

    return speak


def _chart(case: Case) -> DetectorOutput:
    return _plain(chart.statistic(case.panel, case.unit, floor=SMALLEST_SIGMA))


def _cusum(case: Case) -> DetectorOutput:
    return _plain(cusum(case.panel, own_mean_innovations(case.panel, case.unit, case.pooled), shift=FALL))


def _shiryaev(case: Case) -> DetectorOutput:
    return _plain(shiryaev(case.panel, own_mean_innovations(case.panel, case.unit, case.pooled), shift=FALL))


def _trackers_cusum(case: Case) -> DetectorOutput:
    values, converged = case.learned
    z = tracker.innovations(case, values)
    return _plain(cusum(case.panel, z, shift=FALL))._replace(converged=converged)


def _trackers_shiryaev(case: Case) -> DetectorOutput:
    values, converged = case.learned
    z = tracker.innovations(case, values)
    said = shiryaev(case.panel, z, shift=FALL, onset=values.onset)
    return _plain(said)._replace(converged=converged)


def _missed(case: Case) -> DetectorOutput:
    missed = 1 - case.columns[ATTENDANCE]
    return DetectorOutput(missed, missed, EITHER_OR)


def _deviations(case: Case) -> dict[str, Floats]:
    known = case.pooled_channels
    return channels.deviations(case.columns, case.panel, known, weight_of_pool=PROGRAMME_WEIGHT)


def _sum(case: Case) -> DetectorOutput:
    return _plain(channels.equal_weight_sum(_deviations(case)))


def _logistic(case: Case) -> DetectorOutput:
    """Learned from another, labelled programme; a site without labels cannot have it."""
    training = case.training
    rule = channels.fit_logistic(_deviations(training), training.in_rupture)
    odds = rule.statistic(_deviations(case))
    return DetectorOutput(odds, 1 / (1 + np.exp(-odds)), probability=True)


def _has_several(case: Case) -> bool:
    return case.several


def _can_be_learned(case: Case) -> bool:
    return case.several and bool(case.training.in_rupture.any())


def _any_of(case: Case) -> DetectorOutput:
    sign = channels.any_of(case.columns)
    return DetectorOutput(sign, sign, EITHER_OR)


def _plain(statistic: Floats) -> DetectorOutput:
    return DetectorOutput(statistic, statistic)


def _has(*names: str) -> Callable[[Case], bool]:
    return lambda case: any(name in case.columns for name in names)


DETECTORS: Mapping[str, Detector] = MappingProxyType({
    TRACKER: Detector("accord's tracker on everything recorded, its values learned", Kind.MODEL, _tracker),
    RATING_ALONE: Detector("the tracker on the rating alone", Kind.MODEL, _rating_alone, _has_several),
    EARLY: Detector("the tracker without attendance and urge", Kind.MODEL, _early, _has(ATTENDANCE, URGE)),
    REFERENCE: Detector("the same filter with the simulator's true values", Kind.MODEL, _reference),
    REFERENCE_ALONE: Detector("the same on the rating alone", Kind.MODEL, _reference_alone, _has_several),
    OWN_MEAN: Detector("deviation from the own mean so far", Kind.SINGLE, _rule(Reference.OWN_MEAN)),
    CHART: Detector("individuals chart", Kind.SINGLE, _chart),
    DROP: Detector("drop since the last session", Kind.SINGLE, _rule(Reference.PREVIOUS)),
    TREND: Detector("deviation from the own trend so far", Kind.SINGLE, _rule(Reference.OWN_LINE)),
    CUSUM: Detector("CUSUM of deviations from the own mean", Kind.SINGLE, _cusum),
    SHIRYAEV: Detector("Shiryaev's odds on the same deviations", Kind.SINGLE, _shiryaev),
    TRACKERS_CUSUM: Detector("CUSUM of the tracker's one-step innovations", Kind.MODEL, _trackers_cusum),
    TRACKERS_SHIRYAEV: Detector("Shiryaev's odds on the same", Kind.MODEL, _trackers_shiryaev),
    MISSED: Detector("a missed session", Kind.SEVERAL, _missed, _has(ATTENDANCE)),
    SUM: Detector("equal-weight sum of deviations", Kind.SEVERAL, _sum, _has_several),
    LOGISTIC: Detector("logistic rule, learned with labels", Kind.SEVERAL, _logistic, _can_be_learned),
    ANY_OF: Detector("any of probe, urge, missed", Kind.SEVERAL, _any_of, _has(PROBE, URGE, ATTENDANCE)),
})  # fmt: skip
