"""Models of chosen columns, for questions other than one alliance and one outcome."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from accord.arrays import Bools, Floats
from accord.science.multilevel.estimate import Data
from accord.science.multilevel.layout import Term
from accord.science.multilevel.result import Fit
from accord.study.models.answers import Numbers, attempt, combined
from accord.study.models.design import EVENTS_FOR_ONE, time_columns
from accord.study.models.question import PRIOR_SD, Kind
from accord.study.models.refusals import Refused, Why
from accord.study.models.study_panel import PERIOD_DAYS, Panel
from accord.study.release import counts

FAMILIES = {Kind.SCORE: "gaussian", Kind.COUNT: "negative-binomial", Kind.LEAVING: "cloglog"}


@dataclass(frozen=True, slots=True, eq=False)
class SingleModel:
    """A fit of chosen columns, the rows it rests on, and their people."""

    fit: Fit
    keep: Bools
    people: int

    def numbers(self, *names: str) -> Numbers:
        """The first name's coefficient, less the second's where there is one."""
        weights = np.zeros(len(self.fit.names_))
        for name, sign in zip(names, (1.0, -1.0), strict=False):
            weights[self.fit.names_.index(name)] = sign
        return combined(self.fit, weights, max(self.people - len(weights), 1))


def single_model(panel: Panel, y: Floats, columns: Mapping[str, Floats], kind: Kind) -> SingleModel:
    """Fit `y` (rows,) on columns, time, arms and levels of clients and clinicians. Refused as `answers`."""
    keep = whole(panel, y, columns)
    people = panel.count(keep)
    if people < panel.fewest:
        raise Refused(Why.FEW_PEOPLE, needed=panel.fewest)
    _enough_events(panel, y, keep, kind, len(columns))
    data = data_of(panel, y[keep], {name: value[keep] for name, value in columns.items()}, keep, kind)
    fit = attempt(data)
    if fit is None or not fit.converged_:
        raise Refused(Why.NOT_CONVERGED, reason="" if fit is None else "; ".join(fit.warnings_[-1:]))
    return SingleModel(fit, keep, people)


def whole(panel: Panel, y: Floats, columns: Mapping[str, Floats]) -> Bools:
    keep = np.isfinite(y) & np.isin(panel.arm, panel.arms) & (panel.days > 0)
    for value in columns.values():
        keep &= np.isfinite(value)
    return keep


def _enough_events(panel: Panel, y: Floats, keep: Bools, kind: Kind, predictors: int) -> None:
    if kind is Kind.SCORE:
        return
    happened = keep & (y > 0)
    if panel.count(happened) < panel.fewest:
        raise Refused(Why.FEW_WITH_EVENT, needed=panel.fewest)
    others = panel.count((y > 0) & np.isin(panel.arm, panel.arms) & ~keep)
    events = counts.events(int(happened.sum()), others, panel.fewest)
    if kind is Kind.LEAVING and events.low // EVENTS_FOR_ONE < predictors:
        raise Refused(Why.FEW_EVENTS, events=str(events), allowed=events.low // EVENTS_FOR_ONE)


def data_of(
    panel: Panel, y: Floats, columns: Mapping[str, Floats], keep: Bools, kind: Kind, clinicians: bool = True
) -> Data:
    """The arrays of such a model; `y` and `columns` hold the kept rows only."""
    rare = kind is Kind.LEAVING
    arm = panel.arm[keep]
    present = [name for name in panel.arms if (arm == name).any()]
    x = {"Intercept": np.ones(len(y)), **time_columns(panel, keep, rare)}
    x |= {f"arm {name}": (arm == name).astype(np.float64) for name in present[1:]} | dict(columns)
    terms: list[Term] = [] if rare else [panel.client_term(keep)]
    if clinicians and (clinician := panel.clinician_term(keep)) is not None:
        terms.append(clinician)
    offset = np.log(panel.days[keep] / PERIOD_DAYS) if kind is Kind.COUNT else np.zeros(len(y))
    prior = PRIOR_SD if rare else None
    return Data(y, np.column_stack(list(x.values())), tuple(terms), offset, tuple(x), FAMILIES[kind], prior)
