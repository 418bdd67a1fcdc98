"""Variance of alliance ratings between clients, clinicians and occasions; never about a single person.

The client's part holds what is theirs and what is of their own relationship: with one clinician each, the two
cannot be separated. The occasion's part holds change from period to period and the form's own error.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from accord.arrays import Floats
from accord.science.multilevel.estimate import Data
from accord.science.multilevel.result import Fit
from accord.science.study.agreement import Agreement, Disagreement, between, within
from accord.study.models.answers import attempt
from accord.study.models.question import Kind
from accord.study.models.refusals import Note, Refused, Why
from accord.study.models.single_models import data_of, whole
from accord.study.models.study_panel import FEWEST_CLINICIANS, Panel

PARTS = ("client", "clinician", "occasion")
BOOTSTRAPS = 100  # programmes simulated from the fit, for the interval of a share
RESAMPLED = 1000  # draws of people, for the interval of an agreement


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of variance of one facet and rater with 95 % intervals (None if not drawn), and the whole SD."""

    facet: str
    rater: str
    share: dict[str, float]
    interval: dict[str, tuple[float, float]]
    sd: float
    rows: int
    people: int
    clinicians: int
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Raters:
    """Agreement of client and clinician about one facet."""

    facet: str
    between: Agreement | None
    within: Agreement | None
    notes: tuple[Note, ...] = ()


def shares(panel: Panel, facet: str, rater: str, seed: int | None) -> Shares:
    """Variance components about a common course; with a seed, each share gets an interval by simulation."""
    try:
        return _shares(panel, facet, rater, seed)
    except Refused as refused:
        return Shares(facet, rater, {}, {}, 0.0, 0, 0, 0, (refused.note,))


def _shares(panel: Panel, facet: str, rater: str, seed: int | None) -> Shares:
    y = panel.numbers(f"{facet}_{rater}")
    keep = whole(panel, y, {})
    if panel.count(keep) < panel.fewest:
        raise Refused(Why.FEW_PEOPLE, needed=panel.fewest)
    data = data_of(panel, y[keep], {}, keep, Kind.SCORE)
    if len(data.terms) < 2:
        raise Refused(Why.FEW_CLINICIANS, needed=FEWEST_CLINICIANS, people=panel.fewest)
    fit = attempt(data)
    if fit is None or not fit.converged_:
        raise Refused(Why.NOT_CONVERGED, reason="" if fit is None else "; ".join(fit.warnings_[-1:]))
    variance = _variances(fit)
    interval = {} if seed is None else _intervals(fit, data, seed)
    notes = (Note(Why.BOUNDARY),) if fit.boundary_ else ()
    clinicians = data.terms[1].groups
    share = dict(zip(PARTS, (variance / variance.sum()).tolist(), strict=True))
    return Shares(
        facet,
        rater,
        share,
        interval,
        float(np.sqrt(variance.sum())),
        fit.n_,
        panel.count(keep),
        clinicians,
        notes,
    )


def _variances(fit: Fit) -> Floats:
    by_name = {term.group: float(term.sd[0]) ** 2 for term in fit.random_}
    return np.array([by_name["client"], by_name["clinician"], float(fit.dispersion_ or 0.0) ** 2])


def _intervals(fit: Fit, data: Data, seed: int) -> dict[str, tuple[float, float]]:
    """Intervals by percentiles over programmes simulated from the fit (parametric bootstrap)."""
    rng = np.random.default_rng(seed)
    drawn = []
    for _ in range(BOOTSTRAPS):
        again = attempt(replace(data, y=fit.simulate(rng)))
        if again is not None and again.converged_:
            variance = _variances(again)
            drawn.append(variance / variance.sum())
    low, high = np.quantile(np.array(drawn), [0.025, 0.975], axis=0)
    return {part: (float(a), float(b)) for part, a, b in zip(PARTS, low, high, strict=True)}


def raters(panel: Panel, facet: str, seed: int) -> Raters:
    """Agreement of client's and clinician's ratings of the same periods."""
    try:
        first, second = (panel.numbers(f"{facet}_{rater}") for rater in ("client", "clinician"))
        both = np.isfinite(first) & np.isfinite(second)
        if panel.count(both) < panel.fewest:
            raise Refused(Why.ONE_RATER, needed=panel.fewest)
        correlations = [
            agreement(first, second, panel.person, draws=RESAMPLED, seed=seed)
            for agreement in (between, within)
        ]
    except Refused as refused:
        return Raters(facet, None, None, (refused.note,))
    except Disagreement as error:
        return Raters(facet, None, None, (Note(Why.NOT_POSSIBLE, {"reason": str(error)}),))
    return Raters(facet, correlations[0], correlations[1])
