"""The tracker as the benchmark runs it: through its public entry point, with learned or true values."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from accord.arrays import Floats
from accord.benchmark.case import Case, learn, relationships
from accord.records.ratings import Ratings
from accord.science.criteria import sequential
from accord.science.criteria.history import before
from accord.science.drop_channels import drop_channels
from accord.science.tracker import assess
from accord.science.tracker import filter as tracker_filter
from accord.science.tracker.channels import ATTENDANCE, URGE
from accord.science.tracker.observation import unit_scale
from accord.science.tracker.population import Population

METHOD = assess.METHOD_VERSION
NOMINAL_RATE = 0.03  # false alarms per calm session for which the model's own line is drawn


class DetectorOutput(NamedTuple):
    """Output of a detector for each session of the case's panel."""

    alarm: Floats  # the statistic that alarms are drawn from
    state: Floats  # the statistic for being in a rupture now
    own_line: float | None = None  # where the detector itself would draw the line on `alarm`
    probability: bool = False  # `state` is one
    converged: bool = True


def run_tracker(
    case: Case,
    values: Population,
    *,
    ratings: Ratings | None = None,
    channels: bool = True,
    own_line: bool = False,
) -> DetectorOutput:
    """The tracker with given values. `ratings` in place of the case's own may lack some of its sessions."""
    findings = assess.assess_all(
        case.ratings if ratings is None else ratings, case.followed, values, channels=channels
    )
    mine, theirs = (
        (table.client.astype(np.int64) * len(case.ratings.clinicians) + table.clinician, table.session)
        for table in (case.panel, findings)
    )
    wide = int(case.panel.session.max(initial=0)) + 1
    place = np.searchsorted(mine[0] * wide + mine[1], theirs[0] * wide + theirs[1])
    surprise, p_rupture = (np.full(len(case.unit), np.nan) for _ in range(2))
    surprise[place], p_rupture[place] = findings.surprise, findings.p_rupture
    line = values.alarm_line(NOMINAL_RATE) if own_line else None
    return DetectorOutput(surprise, p_rupture, line, probability=True)


def innovations(case: Case, values: Population) -> Floats:
    """One-step innovations of the tracker on the rating alone, standardised as a calm rating's would be.

    NaN for a first rating, which has no own course before it.
    """
    followed = tracker_filter.run(case.panel, values, np.inf)
    predictions = case.unit, followed.predicted, followed.predicted_sd
    z = sequential.censored(sequential.innovations(*predictions), *predictions, unit_scale(values.grain))
    return np.where(before(case.panel, case.unit).count > 0, z, np.nan)


def learned_from(case: Case, count: int, rng: np.random.Generator) -> DetectorOutput:
    """The tracker on the whole case, with values learned from so many of its relationships."""
    values, converged = learn(case, relationships(case, count, rng))
    return run_tracker(case, values)._replace(converged=converged)


def without_attendance_and_urge(case: Case) -> Ratings:
    """The ratings without these two channels, and without the empty forms by which a missed contact shows."""
    return drop_channels(case.ratings, (ATTENDANCE, URGE))
