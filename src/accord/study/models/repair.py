"""The next period's outcome after a rupture whose ratings came back, or did not.

That ratings came back does not show whether the two settled the rupture.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from accord.study.models.answers import Numbers
from accord.study.models.design import earlier
from accord.study.models.question import Kind, Outcome
from accord.study.models.refusals import Note, Refused, Why
from accord.study.models.single_models import single_model
from accord.study.models.study_panel import Panel

BACK, NOT_BACK = "ratings back", "ratings not back"


@dataclass(frozen=True, slots=True)
class AfterRupture:
    """Coefficients of both kinds against a period without rupture, and of not back against back."""

    outcome: Outcome
    back: Numbers | None
    not_back: Numbers | None
    difference: Numbers | None
    rows: int
    people: int
    notes: tuple[Note, ...] = ()


def after_rupture(panel: Panel, outcome: Outcome) -> AfterRupture:
    try:
        return _after_rupture(panel, outcome)
    except Refused as refused:
        return AfterRupture(outcome, None, None, None, 0, 0, (refused.note,))


def _after_rupture(panel: Panel, outcome: Outcome) -> AfterRupture:
    rupture, unrepaired = panel.numbers("rupture_lag"), panel.numbers("unrepaired_lag")
    unknown = np.isnan(rupture) | np.isnan(unrepaired)
    columns = {
        BACK: np.where(unknown, np.nan, (rupture > 0) & ~(unrepaired > 0)),
        NOT_BACK: np.where(unknown, np.nan, unrepaired > 0),
    }
    for value in columns.values():
        if panel.count(value == 1) < panel.fewest:
            raise Refused(Why.FEW_WITH_EVENT, needed=panel.fewest)
    y = panel.numbers(outcome.column)
    if outcome.kind is not Kind.LEAVING:
        columns["before"] = earlier(panel, outcome)
    model = single_model(panel, y, columns, outcome.kind)
    return AfterRupture(
        outcome,
        model.numbers(BACK),
        model.numbers(NOT_BACK),
        model.numbers(NOT_BACK, BACK),
        model.fit.n_,
        model.people,
    )
