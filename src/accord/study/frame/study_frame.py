"""The study frame: one row for each person and period in treatment, with all that analyses need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.arrays import Floats
from accord.errors import InputError
from accord.records.care import END_REASONS
from accord.records.ratings import Findings
from accord.science.multilevel.centring import lagged
from accord.study.frame import direction
from accord.study.frame.contacts import MOST_CLINICIANS, Contacts, contacts_of, treating
from accord.study.frame.events import event_counts, ruptures
from accord.study.frame.people import OUTSIDE, People, Rows, people_of, rows_of_people
from accord.study.frame.ratings import (
    asked_forms,
    facet_means,
    form_counts,
    outcome_means,
    rated_contacts,
    split,
)
from accord.study.plan.resolve_plan import Material
from accord.study.plan.study_plan import Plan

Columns = dict[str, NDArray[Any]]
CLINICIANS = ("clinician", "clinician_2", "clinician_3")
WEIGHTS = ("weight_1", "weight_2", "weight_3")


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """Columns of equal length by client and period: float64, NaN for what is missing, or texts as objects.

    `kinds`: columns of events. `outcome`: id of the instrument in the column of that name. `dictionary`
    describes each column. `turned`: ids of the instruments whose scores are turned round.
    """

    columns: Mapping[str, NDArray[Any]]
    facets: tuple[str, ...]
    raters: tuple[str, ...]
    kinds: tuple[str, ...]
    outcome: str | None
    plan: Plan
    turned: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.columns["client"])


def build(material: Material, findings: Findings | None, plan: Plan) -> tuple[Frame, list[str]]:
    """The frame, with notes on rows left out. `findings` are the tracker's on the same ratings.

    Raises InputError where nobody is in the study, or a kind of event has the name of another column.
    """
    people, notes = people_of(material.episodes, plan)
    rows = rows_of_people(people)
    contacts, contact_notes = contacts_of(material.ratings, people)
    counts, event_notes = event_counts(material.events, plan.events, people, rows)
    columns = _whole(people, rows, plan)
    _beside(columns, _clinicians(material, contacts, rows, plan), "a clinician's column")
    _beside(columns, _forms(material, contacts, rows, plan), "a facet")
    columns |= _with_lags(ruptures(findings, contacts, rows), rows, plan.lag)
    kinds = {kind.replace("-", "_"): count for kind, count in counts.items()}
    _beside(columns, _with_lags(kinds, rows, plan.lag), "a kind of event")
    turned = direction.turned(material.ratings, plan)
    frame = Frame(columns, plan.facets, plan.raters, tuple(kinds), plan.outcome, plan, turned)
    turning = direction.turning_notes(material.ratings, plan)
    return frame, [*turning, *notes, *contact_notes, *event_notes]


def _beside(columns: Columns, more: Columns, what: str) -> None:
    """Add columns; InputError for two of one name, of which one would be lost silently."""
    for name in more:
        if name in columns:
            raise InputError(f"{what} with another name than a column of the frame", found=repr(name))
    columns |= more


def _whole(people: People, rows: Rows, plan: Plan) -> Columns:
    reason = np.array([str(end) for end in END_REASONS], dtype=object)[people.reason[rows.person]]
    ended = np.where(rows.last, reason, "").astype(object)
    return {
        "client": np.array(people.names, dtype=object)[rows.person],
        "arm": np.array(people.arm, dtype=object)[rows.person],
        "period": rows.period.astype(np.float64),
        "start_day": (rows.period * plan.period_days).astype(np.float64),
        "days": rows.days.astype(np.float64),
        "left": np.isin(ended, plan.leaving).astype(np.float64),
        "end_reason": ended,
    }


def _clinicians(material: Material, contacts: Contacts, rows: Rows, plan: Plan) -> Columns:
    asked = asked_forms(material.ratings, plan)
    rated = rated_contacts(material.ratings, contacts, asked)
    shares = treating(contacts, rated, rows)
    names = np.array([*material.ratings.clinicians, ""], dtype=object)  # code -1 finds the last one
    named = names[shares.clinician]
    weight = np.where(named == "", 0.0, shares.weight)
    columns: Columns = {CLINICIANS[k]: named[:, k] for k in range(MOST_CLINICIANS)}
    columns |= {WEIGHTS[k]: weight[:, k] for k in range(MOST_CLINICIANS)}
    row = contacts.row[rated & (contacts.row != OUTSIDE)]
    columns["sessions"] = np.bincount(row, minlength=len(rows)).astype(np.float64)
    columns["forms"] = form_counts(contacts, asked, rows)
    columns["missing_forms"] = form_counts(contacts, asked & np.isnan(material.ratings.score), rows)
    return columns


def _forms(material: Material, contacts: Contacts, rows: Rows, plan: Plan) -> Columns:
    columns: Columns = {}
    for (facet, rater), value in facet_means(material.ratings, contacts, rows, plan).items():
        name, parts = f"{facet}_{rater}", split(value, rows, plan.centring)
        columns |= {name: value, f"{name}_between": parts.between, f"{name}_within": parts.within}
        columns[f"{name}_within_lag"] = before(parts.within, rows, plan.lag)
    if plan.outcome is None:
        return columns
    outcome = outcome_means(material.ratings, contacts, rows, plan.outcome)
    return columns | _with_lags({"outcome": outcome}, rows, plan.lag)


def _with_lags(columns: Mapping[str, Floats], rows: Rows, lag: int) -> Columns:
    lagged: Columns = {}
    for name, value in columns.items():
        lagged |= {name: value, f"{name}_lag": before(value, rows, lag)}
    return lagged


def before(value: Floats, rows: Rows, lag: int) -> Floats:
    """The value `lag` periods earlier, NaN in the first ones. No period of a person is missing."""
    for _ in range(lag):
        value = lagged(value, rows.person, rows.period)
    return value
