"""Reasons why a number is withheld or reported with caution; `phrases` makes the sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Why(StrEnum):
    ABSENT = "absent"  # not in the files
    FEW_PEOPLE = "few people"
    FEW_WITH_EVENT = "few with event"
    FEW_EVENTS = "few events"
    NONE_HAPPENED = "none happened"
    CONSTANT_OUTCOME = "constant outcome"
    CONSTANT_ALLIANCE = "constant alliance"
    COLLINEAR = "collinear"
    NOT_CONVERGED = "not converged"
    NOT_POSSIBLE = "not possible"  # in the engine's own words
    FEW_CLINICIANS = "few clinicians"
    ONE_RATER = "one rater"
    FEW_GAPS = "few gaps"
    ONE_AT_A_TIME = "one at a time"
    ARMS_TOGETHER = "arms together"
    NO_TIME = "no time"
    NO_SLOPE = "no slope"
    WITHOUT_CLINICIANS = "without clinicians"
    BOUNDARY = "boundary"


@dataclass(frozen=True, slots=True)
class Note:
    """A reason with its figures, such as {"events": 20, "allowed": 2}."""

    why: Why
    values: Mapping[str, str | int | float] = field(default_factory=dict)


class Refused(Exception):
    """No number can be reported; the note says why."""

    def __init__(self, why: Why, **values: str | int | float) -> None:
        self.note = Note(why, values)
        super().__init__(f"{why}: {values}")
