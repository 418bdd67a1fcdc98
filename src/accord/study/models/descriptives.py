"""Descriptive statistics: people, their time in care, how it ended, and the course of the alliance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from accord.arrays import Floats
from accord.study.models.study_panel import Panel
from accord.study.release import counts
from accord.study.release.counts import Count
from accord.study.release.small_cells import Ends, by_quarter, ends_by_arm

ENDS = ("ongoing", "completed", "left", "agreed", "transfer", "hospital", "discharged", "died")


@dataclass(frozen=True, slots=True)
class Hidden:
    """A cell of fewer than ten people, or one that would give such a cell away."""


HIDDEN = Hidden()
Cell = int | Count | Hidden


@dataclass(frozen=True, slots=True)
class Arm:
    """An arm by its people, rows and days under observation, and how care ended, or that it goes on."""

    name: str
    people: Cell
    rows: int
    years: float
    ends: dict[str, Cell]


@dataclass(frozen=True, slots=True)
class OutcomeCounts:
    """An outcome before any model: rows where it is known, its amount, and the people who had any."""

    column: str
    rows: int
    missing: float  # share of rows
    mean: float | None
    sd: float | None
    total: int | None
    people: Cell


@dataclass(frozen=True, slots=True)
class Mean:
    period: int
    mean: float
    low: float
    high: float
    people: int


@dataclass(frozen=True, slots=True)
class Alliance:
    """A facet by a rater: course, level, spread between and within people, share of rows without it."""

    facet: str
    rater: str
    course: tuple[Mean, ...]
    mean: float | None
    between_sd: float | None
    within_sd: float | None
    missing: float
    people: Cell


def arms(panel: Panel) -> list[Arm]:
    """Arms of enough people, with ends of care; small cells are hidden, and others that would reveal them."""
    by_arm = ends_by_arm(panel.frame.columns, panel.arms, panel.fewest)
    return [_arm(panel, by_arm, place) for place in range(len(by_arm.arms))]


def _arm(panel: Panel, by_arm: Ends, place: int) -> Arm:
    rows = panel.arm == by_arm.arms[place]
    ends = {end: _shown(by_arm, place, at) for at, end in enumerate(by_arm.ends)}
    years = float(np.nansum(panel.days[rows])) / 365.25
    shown = {end: count for end, count in ends.items() if count != 0}
    return Arm(by_arm.arms[place], _shown(by_arm, place, -1), int(rows.sum()), years, shown)


def _shown(by_arm: Ends, place: int, at: int) -> Cell:
    return HIDDEN if by_arm.shown.hidden[place, at] else int(by_arm.shown.counts[place, at])


def cell(panel: Panel, people: int) -> Cell:
    """A count of people as it may be published, such that no small remainder follows from it."""
    if 0 < people < panel.fewest:
        return HIDDEN
    return counts.people(people, panel.count(np.isin(panel.arm, panel.arms)), panel.fewest)


def outcomes(panel: Panel) -> list[OutcomeCounts]:
    return [_kinds(panel, outcome.column) for outcome in panel.outcomes() if panel.has(outcome.column)]


def _kinds(panel: Panel, column: str) -> OutcomeCounts:
    shown = np.isin(panel.arm, panel.arms)
    value = panel.numbers(column)
    known = shown & np.isfinite(value)
    missing = 1 - float(known.sum()) / max(int(shown.sum()), 1)
    if column == "outcome":
        people = cell(panel, panel.count(known))
        enough = panel.count(known) >= panel.fewest
        mean, sd = (float(value[known].mean()), float(value[known].std(ddof=1))) if enough else (None, None)
        return OutcomeCounts(column, int(known.sum()), missing, mean, sd, None, people)
    people = cell(panel, panel.count(known & (value > 0)))
    hidden = by_quarter(panel.frame.columns, column, panel.arms, panel.fewest).shown.hidden[-1, -1]
    total = None if isinstance(people, Hidden) or hidden else int(value[known].sum())
    return OutcomeCounts(column, int(known.sum()), missing, None, None, total, people)


def alliances(panel: Panel) -> list[Alliance]:
    pairs = [(facet, rater) for facet in panel.frame.facets for rater in panel.frame.raters]
    return [_alliance(panel, facet, rater) for facet, rater in pairs if panel.has(f"{facet}_{rater}")]


def _alliance(panel: Panel, facet: str, rater: str) -> Alliance:
    shown = np.isin(panel.arm, panel.arms)
    value = np.where(shown, panel.numbers(f"{facet}_{rater}"), np.nan)
    known = np.isfinite(value)
    people = panel.count(known)
    missing = 1 - float(known.sum()) / max(int(shown.sum()), 1)
    if people < panel.fewest:
        return Alliance(facet, rater, (), None, None, None, missing, cell(panel, people))
    count = np.bincount(panel.person[known], minlength=panel.people)
    mean = np.bincount(panel.person[known], value[known], panel.people) / np.maximum(count, 1)
    means, within = mean[count > 0], value[known] - mean[panel.person[known]]
    return Alliance(
        facet,
        rater,
        tuple(_course(panel, value)),
        float(means.mean()),
        float(means.std(ddof=1)),
        float(within.std()),
        missing,
        cell(panel, people),
    )


def _course(panel: Panel, value: Floats) -> list[Mean]:
    """Means over people of each period with ten of them or more, with 95 % intervals."""
    means = []
    for period in np.unique(panel.period):
        known = value[(panel.period == period) & np.isfinite(value)]
        people = len(known)
        if people >= panel.fewest:
            reach = 1.96 * float(known.std(ddof=1)) / people**0.5
            mean = float(known.mean())
            means.append(Mean(int(period), mean, mean - reach, mean + reach, people))
    return means
