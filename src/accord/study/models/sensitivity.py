"""Sensitivity to missing outcomes that are worse, or better, than the others suggest.

Outcomes that are missing while a person was in care are drawn from a multilevel model of the known ones
(several times), then moved by delta, and the association is estimated anew (pattern mixture by delta
adjustment: Little, 1993; Carpenter and Kenward, 2013). Where the interval takes in or leaves out 0 is the
tipping point: the assumption that it would take to change the conclusion.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from accord.arrays import Bools, Floats
from accord.science.multilevel.result import Fit
from accord.science.study.imputation import Known, drawn
from accord.science.study.pooling import Pooled, pooled
from accord.study.models.answers import attempt
from accord.study.models.design import BETWEEN, WITHIN, sd_of
from accord.study.models.question import Kind, Outcome, Question, asked
from accord.study.models.refusals import Note, Refused, Why
from accord.study.models.single_models import data_of, whole
from accord.study.models.study_panel import Panel

IMPUTED = 10  # data sets
DELTAS = tuple(np.linspace(-1, 1, 5).tolist())  # SDs of the outcome by which missing values are moved


@dataclass(frozen=True, slots=True)
class Curve:
    """The association for each delta. `tipping`: the delta nearest to 0 at which the interval's side of 0
    changes, None where it does not. `gaps` of `rows` outcomes were drawn."""

    question: Question
    term: str
    deltas: tuple[float, ...]
    pooled: tuple[Pooled, ...]
    outcome_sd: float
    tipping: float | None
    gaps: int
    rows: int
    people: int
    notes: tuple[Note, ...] = ()


def curves(panel: Panel, outcome: Outcome, facet: str, rater: str, seed: int) -> list[Curve]:
    """A curve for each part of the alliance, arms together."""
    question = replace(asked(outcome, facet, rater), adjusted=False, slope=False)
    try:
        return _curves(panel, question, seed)
    except Refused as refused:
        return [Curve(question, "", (), (), 0.0, None, 0, 0, 0, (refused.note,))]


def _curves(panel: Panel, question: Question, seed: int) -> list[Curve]:
    y = panel.numbers(question.outcome.column)
    split = panel.alliance(question.facet, question.rater, question.centring, question.lag)
    raw = {WITHIN: split.within, BETWEEN: split.between}
    columns = {name: value / sd_of(name, value) for name, value in raw.items()}
    keep = whole(panel, np.zeros(len(y)), columns)  # whatever is known of the outcome
    gaps = keep & np.isnan(y)
    if panel.count(gaps) < panel.fewest:
        raise Refused(Why.FEW_GAPS, needed=panel.fewest)
    if panel.count(keep & ~gaps) < panel.fewest:
        raise Refused(Why.FEW_PEOPLE, needed=panel.fewest)
    kept = {name: value[keep] for name, value in columns.items()}
    known = _known(panel, y, kept, keep)
    sd = float(np.nanstd(y[keep]))
    pooled = _pooled_by_term(panel, known, kept, keep, sd, seed)
    return [
        Curve(
            question,
            term,
            DELTAS,
            pooled[term],
            sd,
            tipping(DELTAS, pooled[term]),
            int(gaps.sum()),
            int(keep.sum()),
            panel.count(keep),
        )
        for term in (WITHIN, BETWEEN)
    ]


def _known(panel: Panel, y: Floats, kept: dict[str, Floats], keep: Bools) -> Known:
    """The model from which gaps are drawn: fitted to the known outcomes, with clients' levels only."""
    there = ~np.isnan(y[keep])
    rows = keep.copy()
    rows[keep] = there
    fit = _fit(panel, y[rows], {name: value[there] for name, value in kept.items()}, rows, clinicians=False)
    all_rows = data_of(panel, y[keep], kept, keep, Kind.SCORE, clinicians=False)
    own = [list(all_rows.names).index(name) for name in fit.names_]
    beta = np.array([fit.params_[name] for name in fit.names_])
    x = _same_columns(panel, keep, rows, all_rows.x[:, own], fit.names_)
    return Known(
        y[keep],
        x,
        panel.person[keep],
        beta,
        fit.covariance_,
        float(fit.random_[0].sd[0]),
        float(fit.dispersion_ or 0.0),
    )


def _same_columns(panel: Panel, keep: Bools, rows: Bools, x: Floats, names: tuple[str, ...]) -> Floats:
    """Time columns are centred on the rows of their own fit; shift them to the mean of all rows."""
    x = x.copy()
    period = panel.period.astype(np.float64)
    for name, value in (("period", period), ("log period", np.log1p(period))):
        if name in names:
            x[:, names.index(name)] = value[keep] - value[rows].mean()
    return x


def _fit(panel: Panel, y: Floats, columns: dict[str, Floats], keep: Bools, clinicians: bool = True) -> Fit:
    fit = attempt(data_of(panel, y, columns, keep, Kind.SCORE, clinicians))
    if fit is None or not fit.converged_:
        raise Refused(Why.NOT_CONVERGED, reason="" if fit is None else "; ".join(fit.warnings_[-1:]))
    return fit


def _pooled_by_term(
    panel: Panel, known: Known, kept: dict[str, Floats], keep: Bools, sd: float, seed: int
) -> dict[str, tuple[Pooled, ...]]:
    """Pooled estimates by term; the same draws serve every delta, so that only the assumption changes."""
    rng = np.random.default_rng(seed)
    gap = np.isnan(known.y)
    imputations = [drawn(known, rng) for _ in range(IMPUTED)]
    by_term: dict[str, list[Pooled]] = {WITHIN: [], BETWEEN: []}
    for delta in DELTAS:
        fits = [_fit(panel, imputed + delta * sd * gap, kept, keep) for imputed in imputations]
        for term, values in by_term.items():
            estimates = np.array([fit.params_[term] for fit in fits])
            values.append(pooled(estimates, np.array([fit.standard_errors_[term] for fit in fits])))
    return {term: tuple(values) for term, values in by_term.items()}


def tipping(deltas: tuple[float, ...], pooled: tuple[Pooled, ...]) -> float | None:
    """The delta nearest to 0 at which the interval's nearer end crosses 0, by linear interpolation."""
    middle = min(range(len(deltas)), key=lambda k: abs(deltas[k]))
    sign = 1.0 if pooled[middle].estimate >= 0 else -1.0
    margin = [sign * value.estimate - (value.high - value.low) / 2 for value in pooled]
    crossings = [
        d0 + (d1 - d0) * m0 / (m0 - m1)
        for (d0, m0), (d1, m1) in pairwise(zip(deltas, margin, strict=True))
        if (m0 > 0) != (m1 > 0)
    ]
    return min(crossings, key=abs, default=None)
