"""A question to the data: one outcome, one facet of the alliance by one rater, and the model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class Kind(StrEnum):
    """Kinds of outcome; each has a family of its own."""

    EVENT = "event"  # did it happen in the period: a hazard
    COUNT = "count"  # how often it happened
    SCORE = "score"  # a questionnaire
    LEAVING = "leaving"  # ended by leaving; other ends are the end of what is known


class Centring(StrEnum):
    AS_PLANNED = "as planned"  # the frame's own columns
    PERSON_MEAN = "person mean"
    DETRENDED = "detrended"
    SO_FAR = "so far"


FAMILY = {
    Kind.EVENT: "cloglog",
    Kind.COUNT: "negative-binomial",
    Kind.SCORE: "gaussian",
    Kind.LEAVING: "cloglog",
}
PRIOR_SD = 1.0  # of a predictor's SD; a hazard ratio of 7 for one SD would be two of these away


@dataclass(frozen=True, slots=True)
class Outcome:
    column: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Question:
    """`lag`: periods by which the alliance comes before; `adjusted`: for the outcome one period before;
    `slope`: people differ in the association within; `prior_sd`: of weak normal priors, None for none."""

    outcome: Outcome
    facet: str
    rater: str
    family: str
    lag: int = 1
    centring: Centring = Centring.AS_PLANNED
    adjusted: bool = False
    slope: bool = False
    clinicians: bool = True
    prior_sd: float | None = None

    @property
    def binary(self) -> bool:
        return self.family in ("cloglog", "bernoulli")


def asked(outcome: Outcome, facet: str, rater: str) -> Question:
    """The question in its form before any result was seen."""
    plain = Question(outcome, facet, rater, FAMILY[outcome.kind])
    if outcome.kind in (Kind.SCORE, Kind.COUNT):
        return replace(plain, adjusted=True, slope=True)
    if outcome.kind is Kind.LEAVING:
        return replace(plain, centring=Centring.SO_FAR, prior_sd=PRIOR_SD)
    return replace(plain, prior_sd=PRIOR_SD)
