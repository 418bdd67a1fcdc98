"""The same question under every reasonable choice, all shown and none chosen (Steegen et al., 2016).

The length of a period is the frame's; besides it: whether the alliance is measured with the outcome or before
it, how it is centred, whether the outcome before is held constant, the family, whether people differ in their
slope, and whether clinicians are in the model.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from statistics import median

from accord.study.models.answers import Answer, Fitted, attempt, lines
from accord.study.models.design import Design, designs
from accord.study.models.question import Centring, Kind, Outcome, Question, asked
from accord.study.models.refusals import Refused
from accord.study.models.study_panel import Panel

FAMILIES = {
    Kind.EVENT: ("cloglog", "bernoulli"),
    Kind.COUNT: ("negative-binomial", "zero-inflated-negative-binomial"),
    Kind.SCORE: ("gaussian",),
    Kind.LEAVING: ("cloglog", "bernoulli"),
}
LEAST = 4  # choices that could be fitted, below which no curve is drawn


@dataclass(frozen=True, slots=True)
class Specification:
    """One set of choices and its answer."""

    question: Question
    answer: Answer

    @property
    def estimate(self) -> float:
        return self.answer.numbers.estimate if self.answer.numbers else 0.0


@dataclass(frozen=True, slots=True)
class Multiverse:
    """All choices for one part of the alliance in one arm, in order of their estimates."""

    outcome: Outcome
    facet: str
    rater: str
    term: str
    arm: str
    specifications: tuple[Specification, ...]
    tried: int

    @property
    def positive(self) -> float:
        """Share of choices with a coefficient above 0."""
        above = sum(specification.estimate > 0 for specification in self.specifications)
        return above / len(self.specifications)

    @property
    def middle(self) -> float:
        return float(median(specification.estimate for specification in self.specifications))

    @property
    def beyond_chance(self) -> float:
        """Share of choices whose own interval leaves out 0."""
        return sum(
            specification.answer.numbers is not None and specification.answer.numbers.p < 0.05
            for specification in self.specifications
        ) / len(self.specifications)


def choices(outcome: Outcome, facet: str, rater: str) -> Iterator[Question]:
    """Every reasonable way to ask. Zero inflation and own slopes both take up what differs between people,
    and small programmes do not bear the two together."""
    plain = asked(outcome, facet, rater)
    leaving, event = outcome.kind is Kind.LEAVING, outcome.kind is Kind.EVENT
    centrings = (Centring.SO_FAR,) if leaving else (Centring.PERSON_MEAN, Centring.DETRENDED)
    yes_no = (False, True)
    for family, lag, centring, adjusted, slope, clinicians in product(
        FAMILIES[outcome.kind],
        (1,) if leaving else (0, 1),
        centrings,
        (False,) if leaving or event else yes_no,
        (False,) if leaving or event else yes_no,
        yes_no,
    ):
        if slope and family.startswith("zero-inflated"):
            continue
        yield replace(
            plain,
            family=family,
            lag=lag,
            centring=centring,
            adjusted=adjusted,
            slope=slope,
            clinicians=clinicians,
        )


def multiverse(panel: Panel, outcome: Outcome, facet: str, rater: str) -> list[Multiverse]:
    """A curve for each part and arm; none where fewer than four choices can be fitted."""
    questions = list(choices(outcome, facet, rater))
    if panel.clinicians == 0:
        questions = [asked_question for asked_question in questions if not asked_question.clinicians]
    by_place: dict[tuple[str, str], list[Specification]] = {}
    for question in questions:
        for answer in _answers(panel, question):
            by_place.setdefault((answer.term, answer.arm), []).append(Specification(question, answer))
    return [
        Multiverse(outcome, facet, rater, term, arm, _ordered(specifications), len(questions))
        for (term, arm), specifications in by_place.items()
        if len(specifications) >= LEAST
    ]


def _answers(panel: Panel, question: Question) -> list[Answer]:
    """Answers under one set of choices, exactly as chosen; empty where the model cannot be fitted."""
    try:
        fits = [_as_chosen(design) for design in designs(panel, question)]
    except Refused:
        return []
    return [line for answer in fits if answer is not None for line in lines(answer) if line.main]


def _as_chosen(design: Design) -> Fitted | None:
    fit = attempt(design.data)
    return None if fit is None or not fit.converged_ else Fitted(design, fit, design.notes)


def _ordered(specifications: Sequence[Specification]) -> tuple[Specification, ...]:
    return tuple(sorted(specifications, key=lambda specification: specification.estimate))
