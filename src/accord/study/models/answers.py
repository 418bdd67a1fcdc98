"""Fitted models and their reported lines: one for each part of the alliance in each arm."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy.special import stdtr, stdtrit

from accord.arrays import Floats
from accord.errors import InputError
from accord.science.multilevel.estimate import Data
from accord.science.multilevel.result import Fit, fitted
from accord.science.study.multiplicity import holm
from accord.study.models.design import Design, Place, designs, without_slope
from accord.study.models.question import Question
from accord.study.models.refusals import Note, Refused, Why
from accord.study.models.study_panel import Panel
from accord.study.release.counts import Count


@dataclass(frozen=True, slots=True)
class Numbers:
    """A coefficient for one SD of its predictor: logarithm of a ratio, or points."""

    estimate: float
    error: float
    low: float
    high: float
    p: float

    @property
    def ratio(self) -> tuple[float, float, float]:
        """Estimate and interval as ratios."""
        return tuple(math.exp(min(value, 700.0)) for value in (self.estimate, self.low, self.high))  # type: ignore[return-value]


@dataclass(frozen=True, slots=True)
class Answer:
    """One line of results. `numbers` is None where nothing can be reported, and then a note says why."""

    question: Question
    term: str
    arm: str
    numbers: Numbers | None
    rows: int
    people: int
    events: Count | None
    converged: bool
    boundary: bool
    sd: float | None
    notes: tuple[Note, ...]
    holm: float | None = None
    other_arm: str = ""

    @property
    def main(self) -> bool:
        """An association itself; not a difference between arms."""
        return self.other_arm == ""


def with_numbers(numbers: Numbers | None) -> Numbers:
    """The numbers of a line; only for lines that have some."""
    if numbers is None:
        raise ValueError("found a line without numbers")
    return numbers


class Fitted(NamedTuple):
    design: Design
    fit: Fit
    notes: tuple[Note, ...]


def answers(panel: Panel, question: Question) -> list[Answer]:
    """All reportable lines for a question; a refusal becomes one line with its reason."""
    try:
        fits = [fit_of(panel, design) for design in designs(panel, question)]
    except Refused as refused:
        return [refusal(question, refused.note)]
    return [line for answer in fits for line in lines(answer)]


def refusal(question: Question, note: Note) -> Answer:
    return Answer(question, "", "", None, 0, 0, None, False, False, None, (note,))


def fit_of(panel: Panel, design: Design) -> Fitted:
    """Fit the model, without people's slopes if they cannot be fitted. Raises Refused if not converged."""
    fit = attempt(design.data)
    if design.question.slope and (fit is None or not fit.converged_ or fit.boundary_):
        plain = attempt(without_slope(panel, design).data)
        if plain is not None and plain.converged_:
            return Fitted(design, plain, (*design.notes, Note(Why.NO_SLOPE)))
    if fit is None:
        raise Refused(Why.NOT_CONVERGED, reason="")
    if not fit.converged_:
        raise Refused(Why.NOT_CONVERGED, reason="; ".join(fit.warnings_[-1:]))
    return Fitted(design, fit, design.notes)


def attempt(data: Data) -> Fit | None:
    """A fit, or None where numbers overflow. Raises Refused, in the engine's words, for other data."""
    try:
        return fitted(data)
    except InputError as error:
        if "already tell" in str(error):
            raise Refused(Why.COLLINEAR, column=error.column) from error
        raise Refused(Why.NOT_POSSIBLE, reason=str(error)) from error
    except (ArithmeticError, np.linalg.LinAlgError):
        return None


def lines(fitted: Fitted) -> list[Answer]:
    """A line for each part and arm, then one for each difference between arms."""
    places = fitted.design.places
    found_lines = [_line(fitted, place, _single(fitted, place)) for place in places]
    for first, second in pairwise(places):
        if first.term == second.term:
            base = next(place for place in places if place.term == second.term)
            found_lines.append(
                replace(_line(fitted, second, _contrast(fitted, base, second)), other_arm=base.arm)
            )
    return found_lines


def _line(fitted: Fitted, place: Place, numbers: Numbers) -> Answer:
    design, fit = fitted.design, fitted.fit
    notes = (*fitted.notes, *([Note(Why.BOUNDARY)] if fit.boundary_ else []))
    return Answer(
        design.question,
        place.term,
        place.arm,
        numbers,
        fit.n_,
        design.people,
        design.events,
        fit.converged_,
        fit.boundary_,
        design.sd[place.term],
        notes,
    )


def _single(fitted: Fitted, place: Place) -> Numbers:
    weights = np.zeros(len(fitted.fit.names_))
    weights[fitted.fit.names_.index(place.name)] = 1.0
    return combined(fitted.fit, weights, freedom(fitted))


def _contrast(fitted: Fitted, base: Place, other: Place) -> Numbers:
    names = fitted.fit.names_
    weights = np.zeros(len(names))
    weights[names.index(other.name)], weights[names.index(base.name)] = 1.0, -1.0
    return combined(fitted.fit, weights, freedom(fitted))


def freedom(fitted: Fitted) -> int:
    """Degrees of freedom of t: people less coefficients, which is conservative for within-person terms."""
    return max(fitted.design.people - len(fitted.fit.names_), 1)


def combined(fit: Fit, weights: Floats, degrees: int) -> Numbers:
    """A weighted sum of coefficients with its 95 % interval and two-sided p."""
    beta = np.array([fit.params_[name] for name in fit.names_])
    estimate = float(weights @ beta)
    error = float(np.sqrt(weights @ fit.covariance_ @ weights))
    if not (np.isfinite(estimate) and error > 0 and np.isfinite(error)):
        raise Refused(Why.NOT_CONVERGED, reason="")
    reach = float(stdtrit(degrees, 0.975)) * error
    p = float(2 * stdtr(degrees, -abs(estimate) / error))
    return Numbers(estimate, error, estimate - reach, estimate + reach, p)


def adjusted(unadjusted: Sequence[Answer]) -> list[Answer]:
    """The lines with Holm's p over all associations; differences between arms are not adjusted."""
    counted = [k for k, answer in enumerate(unadjusted) if answer.numbers is not None and answer.main]
    raw = np.array([numbers.p for k in counted if (numbers := unadjusted[k].numbers) is not None])
    values = dict(zip(counted, holm(raw).tolist(), strict=True))
    return [replace(answer, holm=values.get(k)) for k, answer in enumerate(unadjusted)]
