"""Arrays of a model for a question: rows, predictors, and the number of these that the events allow."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from accord.arrays import Bools, Floats
from accord.science.multilevel.estimate import Data
from accord.science.multilevel.layout import Term
from accord.study.models.question import Kind, Outcome, Question
from accord.study.models.refusals import Note, Refused, Why
from accord.study.models.study_panel import PERIOD_DAYS, Panel
from accord.study.release import counts
from accord.study.release.counts import Count

EVENTS_FOR_ONE = 10  # predictor (Peduzzi et al., 1996): 20 events allow 2
WHOLE_PERIOD = 0.5  # of the usual days; shorter ones do not show who would have left
SAME = 1e-9  # of an SD: all values are the same
WITHIN, BETWEEN = "within", "between"
ALL_ARMS = ""


@dataclass(frozen=True, slots=True)
class Parts:
    """Predictors of a model: separate arms or not, terms of time, and parts of the alliance."""

    by_arm: bool
    time: bool
    terms: tuple[str, ...] = (WITHIN, BETWEEN)


@dataclass(frozen=True, slots=True)
class Place:
    """A reported coefficient: a part of the alliance in an arm, and its place in the model."""

    term: str
    arm: str
    name: str


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """A model ready to be fitted. `sd`: what one unit of each part is, in the rating's own units; `events`:
    rows with an event, or the sum of counts, as may be published; None for a questionnaire."""

    question: Question
    data: Data
    places: tuple[Place, ...]
    rows: Bools
    people: int
    events: Count | None
    sd: dict[str, float]
    notes: tuple[Note, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Arrays (n,) that a question needs, of the rows without a gap."""

    keep: Bools
    y: Floats
    between: Floats
    within: Floats
    before: Floats | None  # the outcome one period earlier
    sd: dict[str, float]


def rows_of(panel: Panel, question: Question) -> Rows:
    """The rows without a gap. Raises Refused if too few people, or no differences, are left."""
    y = outcome_of(panel, question)
    split = panel.alliance(question.facet, question.rater, question.centring, question.lag)
    before = earlier(panel, question.outcome) if question.adjusted else None
    keep = np.isfinite(y) & np.isfinite(split.between) & np.isfinite(split.within)
    keep &= np.isin(panel.arm, panel.arms) & (panel.days > 0)
    if before is not None:
        keep &= np.isfinite(before)
    if question.outcome.kind is Kind.LEAVING:
        keep &= (y == 1) | (panel.days >= WHOLE_PERIOD * np.nanmax(panel.days)) | _ended(panel)
    people = panel.count(keep)
    if people < panel.fewest:
        raise Refused(Why.FEW_PEOPLE, needed=panel.fewest)
    sd = {WITHIN: sd_of(WITHIN, split.within[keep]), BETWEEN: sd_of(BETWEEN, split.between[keep])}
    return Rows(
        keep,
        y[keep],
        split.between[keep] / sd[BETWEEN],
        split.within[keep] / sd[WITHIN],
        None if before is None else before[keep],
        sd,
    )


def sd_of(part: str, value: Floats) -> float:
    """SD of the known values. Raises Refused where nothing differs."""
    sd = float(np.nanstd(value)) if np.isfinite(value).any() else 0.0
    if not sd > SAME:
        raise Refused(Why.CONSTANT_ALLIANCE, part=part)
    return sd


def outcome_of(panel: Panel, question: Question) -> Floats:
    """The outcome (rows,): whether, for yes-or-no families, else how much."""
    value = panel.numbers(question.outcome.column)
    if question.binary:
        return np.where(np.isnan(value), np.nan, (value > 0).astype(np.float64))
    return value


def earlier(panel: Panel, outcome: Outcome) -> Floats:
    """The outcome one period earlier; counts by the logarithm of one more than their number in 28 days."""
    value = panel.before(panel.numbers(outcome.column))
    if outcome.kind is Kind.SCORE:
        return value
    days = panel.before(panel.days)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.log1p(value / days * PERIOD_DAYS)


def _ended(panel: Panel) -> Bools:
    """The last row of people whose care ended some other way than by leaving."""
    return ~np.isin(panel.words("end_reason"), ("", "ongoing", "left"))


def designs(panel: Panel, question: Question) -> list[Design]:
    """The richest model that the data allow; two of one predictor each where the events allow only one.

    Raises Refused, with the reason, where they allow none.
    """
    rows = rows_of(panel, question)
    events = _events(panel, question, rows)
    arms = len([arm for arm in panel.arms if (panel.arm[rows.keep] == arm).any()])
    choices, notes = allowed(question, events, arms)
    return [_design(panel, question, rows, parts, events, notes) for parts in choices]


def _events(panel: Panel, question: Question, rows: Rows) -> Count | None:
    """Number of events, None for a questionnaire. Raises Refused where too few people had one."""
    if question.outcome.kind is Kind.SCORE:
        if np.ptp(rows.y) == 0:
            raise Refused(Why.CONSTANT_OUTCOME)
        return None
    happened = rows.keep.copy()
    happened[rows.keep] = rows.y > 0
    people = panel.count(happened)
    if people == 0:
        raise Refused(Why.NONE_HAPPENED)
    if people < panel.fewest:
        raise Refused(Why.FEW_WITH_EVENT, needed=panel.fewest)
    value = outcome_of(panel, question)
    others = panel.count((value > 0) & np.isin(panel.arm, panel.arms) & ~rows.keep)
    return counts.events(int(rows.y.sum()), others, panel.fewest)


def allowed(question: Question, events: Count | None, arms: int) -> tuple[list[Parts], list[Note]]:
    """The predictors that a model may hold: for yes-or-no outcomes one for ten of the rarer answer."""
    by_arm = arms > 1
    if not question.binary or events is None:
        return [Parts(by_arm, time=True)], []
    many = events.low // EVENTS_FOR_ONE
    figures: dict[str, str | int | float] = {"events": str(events), "allowed": many}
    if by_arm and many >= 3 * arms:
        return [Parts(by_arm=True, time=True)], []
    notes = [Note(Why.ARMS_TOGETHER, figures)] if by_arm else []
    if many >= 3:
        return [Parts(by_arm=False, time=True)], notes
    if many == 2:
        return [Parts(by_arm=False, time=False)], [*notes, Note(Why.NO_TIME, figures)]
    if many == 1:
        single = [Parts(False, False, (WITHIN,)), Parts(False, False, (BETWEEN,))]
        return single, [*notes, Note(Why.ONE_AT_A_TIME, figures)]
    raise Refused(Why.FEW_EVENTS, events=str(events), allowed=0)


def _design(
    panel: Panel, question: Question, rows: Rows, parts: Parts, events: Count | None, notes: list[Note]
) -> Design:
    columns, places = _predictors(panel, question, rows, parts)
    x = np.column_stack(list(columns.values()))
    slope = rows.within if question.slope and WITHIN in parts.terms else None
    terms, thin = _terms(panel, question, rows.keep, slope)
    offset = np.zeros(len(rows.y))
    if question.outcome.kind in (Kind.COUNT, Kind.EVENT):
        offset = np.log(panel.days[rows.keep] / PERIOD_DAYS)
    data = Data(rows.y, x, terms, offset, tuple(columns), question.family, question.prior_sd)
    people = panel.count(rows.keep)
    return Design(question, data, tuple(places), rows.keep, people, events, rows.sd, (*notes, *thin))


def _predictors(
    panel: Panel, question: Question, rows: Rows, parts: Parts
) -> tuple[dict[str, Floats], list[Place]]:
    """Columns by name: level, time, arms, the outcome before, and the alliance's parts in each arm."""
    n, arm = len(rows.y), panel.arm[rows.keep]
    present = [group for group in panel.arms if (arm == group).any()]
    columns: dict[str, Floats] = {"Intercept": np.ones(n)}
    if parts.time:
        columns |= time_columns(panel, rows.keep, question.binary)
    if parts.by_arm:
        columns |= {f"arm {group}": (arm == group).astype(np.float64) for group in present[1:]}
    if rows.before is not None:
        columns["before"] = rows.before
    places = []
    for term in parts.terms:
        value = rows.within if term == WITHIN else rows.between
        for group in present if parts.by_arm else [ALL_ARMS]:
            name = f"{term} {group}".strip()
            columns[name] = np.where(arm == group, value, 0.0) if parts.by_arm else value
            places.append(Place(term, group, name))
    return columns, places


def time_columns(panel: Panel, rows: Bools, rare: bool) -> dict[str, Floats]:
    """The period as a straight line and as its logarithm, so that an early change may level off; for rare
    events only the logarithm. What all rows share is left out."""
    period = panel.period[rows].astype(np.float64)
    if np.ptp(period) == 0:
        return {}
    bent = np.log1p(period)
    if rare or len(np.unique(period)) < 3:
        return {"log period": bent - bent.mean()}
    return {"period": period - period.mean(), "log period": bent - bent.mean()}


def _terms(
    panel: Panel, question: Question, keep: Bools, slope: Floats | None
) -> tuple[tuple[Term, ...], list[Note]]:
    """Levels of clients (one end each says nothing of them for leaving) and of clinicians."""
    terms: list[Term] = []
    notes = []
    if question.outcome.kind is not Kind.LEAVING:
        terms.append(panel.client_term(keep, slope))
    if question.clinicians:
        clinician = panel.clinician_term(keep)
        if clinician is None:
            notes.append(Note(Why.WITHOUT_CLINICIANS))
        else:
            terms.append(clinician)
    return tuple(terms), notes


def without_slope(panel: Panel, design: Design) -> Design:
    """The same model in which people differ in their level only."""
    terms, _ = _terms(panel, design.question, design.rows, None)
    return replace(design, data=replace(design.data, terms=terms))
