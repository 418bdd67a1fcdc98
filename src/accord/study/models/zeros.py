"""Three models of counts with many zeros, compared in fit and in their coefficients."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from accord.science.multilevel.estimate import Data
from accord.science.multilevel.result import Fit
from accord.study.models.answers import Fitted, Numbers, attempt, combined, freedom
from accord.study.models.design import Design, designs, without_slope
from accord.study.models.question import Kind, Question
from accord.study.models.refusals import Note, Refused, Why
from accord.study.models.study_panel import Panel


class CountModel(StrEnum):
    PLAIN = "negative binomial"
    INFLATED = "zero-inflated negative binomial"
    ANY = "hurdle: any at all"
    SOME = "hurdle: how many, where any"


FAMILIES = {
    CountModel.PLAIN: "negative-binomial",
    CountModel.INFLATED: "zero-inflated-negative-binomial",
    CountModel.ANY: "bernoulli",
    CountModel.SOME: "truncated-negative-binomial",
}


@dataclass(frozen=True, slots=True)
class AdjacentModel:
    """One coefficient in one of the models; `aic` of the whole model, both parts of a hurdle together."""

    question: Question
    model: CountModel
    term: str
    arm: str
    numbers: Numbers | None
    rows: int
    people: int
    aic: float | None
    notes: tuple[Note, ...] = ()


def side_by_side(panel: Panel, question: Question) -> list[AdjacentModel]:
    """Fit all models for one question, with levels of clients and clinicians but no slopes for any."""
    if question.outcome.kind is not Kind.COUNT:
        return []
    try:
        design = without_slope(panel, designs(panel, question)[0])
    except Refused as refused:
        return [AdjacentModel(question, CountModel.PLAIN, "", "", None, 0, 0, None, (refused.note,))]
    fits = {model: _fit(panel, design, model) for model in CountModel}
    whole = _criteria(fits)
    return [line for model, fit in fits.items() for line in _lines(design, model, fit, whole.get(model))]


def _fit(panel: Panel, design: Design, model: CountModel) -> Fit | Note:
    try:
        fit = attempt(_data(panel, design, model))
    except Refused as refused:
        return refused.note
    if fit is None or not fit.converged_:
        return Note(Why.NOT_CONVERGED, {"reason": "" if fit is None else "; ".join(fit.warnings_[-1:])})
    return fit


def _data(panel: Panel, design: Design, model: CountModel) -> Data:
    data = replace(design.data, family=FAMILIES[model])
    if model is CountModel.ANY:
        return replace(data, y=(data.y > 0).astype(np.float64))
    if model is not CountModel.SOME:
        return data
    some = data.y > 0
    kept = design.rows.copy()
    kept[kept] = some
    terms = [panel.client_term(kept)]
    clinician = panel.clinician_term(kept) if len(data.terms) > 1 else None
    terms += [] if clinician is None else [clinician]
    return replace(data, y=data.y[some], x=data.x[some], offset=data.offset[some], terms=tuple(terms))


def _criteria(fits: dict[CountModel, Fit | Note]) -> dict[CountModel, float]:
    """Akaike's criterion of each model; a hurdle is one model in two parts."""
    criteria = {model: fit.aic_ for model, fit in fits.items() if isinstance(fit, Fit)}
    parts = [criteria.pop(part) for part in (CountModel.ANY, CountModel.SOME) if part in criteria]
    if len(parts) == 2:
        criteria |= dict.fromkeys((CountModel.ANY, CountModel.SOME), sum(parts))
    return criteria


def _lines(design: Design, model: CountModel, fit: Fit | Note, aic: float | None) -> list[AdjacentModel]:
    if isinstance(fit, Note):
        return [AdjacentModel(design.question, model, "", "", None, 0, 0, None, (fit,))]
    names = fit.names_
    lines = []
    for place in design.places:
        weights = np.zeros(len(names))
        weights[names.index(place.name)] = 1.0
        numbers = combined(fit, weights, freedom(Fitted(design, fit, ())))
        lines.append(
            AdjacentModel(design.question, model, place.term, place.arm, numbers, fit.n_, design.people, aic)
        )
    return lines
