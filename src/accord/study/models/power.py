"""Power of these data, in figures, to be read before the results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from accord.science.study.detectable_effect import detectable
from accord.study.models.answers import Answer
from accord.study.models.design import EVENTS_FOR_ONE
from accord.study.models.question import Kind, Outcome
from accord.study.models.study_panel import Panel

ONE_IN_TWENTY = 0.05


@dataclass(frozen=True, slots=True)
class Budget:
    """What the events of an outcome allow. `events` is None where fewer than ten people had one."""

    outcome: Outcome
    events: int | None
    allowed: int


@dataclass(frozen=True, slots=True)
class DetectableEffect:
    """The smallest association (one SD, on the model's scale) found four times in five at this size."""

    outcome: Outcome
    rater: str
    term: str
    arm: str
    size: float
    ratio: bool


@dataclass(frozen=True, slots=True)
class Power:
    people: int
    arms: int
    clinicians: int
    left_out: int  # people of arms too small to be shown
    budgets: tuple[Budget, ...]
    detectable: tuple[DetectableEffect, ...]
    looked: int  # associations
    below: int  # of them with p below .05
    by_chance: float  # so many would be, were there none
    after_holm: int
    not_shown: int


def study_power(panel: Panel, answers: Sequence[Answer], main: str) -> Power:
    numbered = [answer for answer in answers if answer.numbers is not None and answer.main]
    below = sum(answer.numbers is not None and answer.numbers.p < ONE_IN_TWENTY for answer in numbered)
    return Power(
        panel.people,
        len(panel.arms),
        panel.clinicians,
        panel.people - panel.count(np.isin(panel.arm, panel.arms)),
        tuple(_budget(panel, answer) for answer in panel.outcomes() if _rare(panel, answer)),
        tuple(_smallest(answer) for answer in numbered if answer.question.facet == main),
        len(numbered),
        below,
        ONE_IN_TWENTY * len(numbered),
        sum(answer.holm is not None and answer.holm < ONE_IN_TWENTY for answer in numbered),
        sum(answer.numbers is None for answer in answers),
    )


def _rare(panel: Panel, outcome: Outcome) -> bool:
    return outcome.kind in (Kind.EVENT, Kind.LEAVING) and panel.has(outcome.column)


def _budget(panel: Panel, outcome: Outcome) -> Budget:
    happened = (panel.numbers(outcome.column) > 0) & np.isin(panel.arm, panel.arms)
    if panel.count(happened) < panel.fewest:
        return Budget(outcome, None, 0)
    events = int(happened.sum())
    return Budget(outcome, events, events // EVENTS_FOR_ONE)


def _smallest(answer: Answer) -> DetectableEffect:
    error = answer.numbers.error if answer.numbers else 0.0
    outcome = answer.question.outcome
    return DetectableEffect(
        outcome,
        answer.question.rater,
        answer.term,
        answer.arm,
        detectable(error),
        outcome.kind is not Kind.SCORE,
    )
