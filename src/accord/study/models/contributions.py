"""Associations of clinicians' mean alliance, and of each client's deviation from it, with the outcome.

The part between people is split once more: the mean over a clinician's clients, and how far a client lies
from it (Baldwin, Wampold and Imel, 2007). The first rests on as many values as there are clinicians. Nothing
is reported about any single clinician.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from accord.arrays import Floats, Ints
from accord.study.models.answers import Numbers, combined
from accord.study.models.design import BETWEEN, WITHIN, earlier, sd_of
from accord.study.models.question import Kind, Question
from accord.study.models.refusals import Note, Refused, Why
from accord.study.models.single_models import SingleModel, single_model
from accord.study.models.study_panel import FEWEST_CLINICIANS, Panel

OF_CLINICIAN, OF_CLIENT = "clinician's mean", "client beside it"


@dataclass(frozen=True, slots=True)
class Contributions:
    """Both coefficients, for one point of alliance each, so that they can be compared."""

    question: Question
    clinician: Numbers | None
    client: Numbers | None
    rows: int
    people: int
    clinicians: int
    notes: tuple[Note, ...] = ()


def contributions(panel: Panel, question: Question) -> Contributions:
    try:
        return _contributions(panel, question)
    except Refused as refused:
        return Contributions(question, None, None, 0, 0, 0, (refused.note,))


def _contributions(panel: Panel, question: Question) -> Contributions:
    split = panel.alliance(question.facet, question.rater, question.centring, question.lag)
    own = _own_level(panel, split.between)
    clinician, size = main_clinicians(panel, own)
    if size < FEWEST_CLINICIANS:
        raise Refused(Why.FEW_CLINICIANS, needed=FEWEST_CLINICIANS, people=panel.fewest)
    known = np.isfinite(own) & (clinician >= 0)
    count = np.bincount(clinician[known], minlength=size)
    mean = np.bincount(clinician[known], own[known], size) / np.maximum(count, 1)
    of_clinician = np.where(known, mean[clinician], np.nan)[panel.person]
    sd_of(BETWEEN, of_clinician)
    columns = {
        OF_CLINICIAN: of_clinician,
        OF_CLIENT: own[panel.person] - of_clinician,
        WITHIN: split.within / sd_of(WITHIN, split.within),
    }
    if question.adjusted:
        columns["before"] = earlier(panel, question.outcome)
    model = single_model(panel, panel.numbers(question.outcome.column), columns, question.outcome.kind)
    return Contributions(
        question, _of_clinicians(model, size), model.numbers(OF_CLIENT), model.fit.n_, model.people, size
    )


def _own_level(panel: Panel, between: Floats) -> Floats:
    """Each person's level (people,): the mean over their rows where it is known."""
    known = np.isfinite(between)
    count = np.bincount(panel.person[known], minlength=panel.people)
    total = np.bincount(panel.person[known], between[known], panel.people)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def main_clinicians(panel: Panel, own: Floats) -> tuple[Ints, int]:
    """Each person's most frequent clinician (people,), -1 without one, and how many clinicians there are."""
    names = panel.words("clinician")
    known = np.unique(names[names != ""])
    if not len(known):
        return np.full(len(own), -1, dtype=np.int64), 0
    rows = np.zeros((panel.people, len(known)))
    there = names != ""
    np.add.at(rows, (panel.person[there], np.searchsorted(known, names[there])), 1.0)
    main = np.where(rows.any(axis=1), rows.argmax(axis=1), -1)
    used, codes = np.unique(main[main >= 0], return_inverse=True)
    main[main >= 0] = codes
    return main.astype(np.int64), len(used)


def _of_clinicians(model: SingleModel, clinicians: int) -> Numbers:
    """The coefficient of clinicians, with degrees of freedom of their number less two."""
    weights = np.zeros(len(model.fit.names_))
    weights[model.fit.names_.index(OF_CLINICIAN)] = 1.0
    return combined(model.fit, weights, max(clinicians - 2, 1))


SHOWN = (Kind.SCORE, Kind.COUNT)  # leaving, with its level so far, has none to split
