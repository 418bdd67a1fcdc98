"""What these data can say, and what they cannot: in figures, before anybody reads the results."""

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
class Smallest:
    """The smallest association (one SD, on the model's scale) found four times in five at this size."""

    outcome: Outcome
    rater: str
    term: str
    arm: str
    size: float
    ratio: bool


@dataclass(frozen=True, slots=True)
class Honesty:
    people: int
    arms: int
    clinicians: int
    left_out: int  # people of arms too small to be told
    budgets: tuple[Budget, ...]
    smallest: tuple[Smallest, ...]
    looked: int  # associations
    below: int  # of them with p below .05
    by_chance: float  # so many would be, were there none
    after_holm: int
    not_told: int


def honesty(panel: Panel, answers: Sequence[Answer], main: str) -> Honesty:
    told = [one for one in answers if one.numbers is not None and one.main]
    below = sum(one.numbers is not None and one.numbers.p < ONE_IN_TWENTY for one in told)
    return Honesty(
        panel.people,
        len(panel.arms),
        panel.clinicians,
        panel.people - panel.count(np.isin(panel.arm, panel.arms)),
        tuple(_budget(panel, one) for one in panel.outcomes() if _rare(panel, one)),
        tuple(_smallest(one) for one in told if one.question.facet == main),
        len(told),
        below,
        ONE_IN_TWENTY * len(told),
        sum(one.holm is not None and one.holm < ONE_IN_TWENTY for one in told),
        sum(one.numbers is None for one in answers),
    )


def _rare(panel: Panel, outcome: Outcome) -> bool:
    return outcome.kind in (Kind.EVENT, Kind.LEAVING) and panel.has(outcome.column)


def _budget(panel: Panel, outcome: Outcome) -> Budget:
    happened = (panel.numbers(outcome.column) > 0) & np.isin(panel.arm, panel.arms)
    if panel.count(happened) < panel.fewest:
        return Budget(outcome, None, 0)
    events = int(happened.sum())
    return Budget(outcome, events, events // EVENTS_FOR_ONE)


def _smallest(one: Answer) -> Smallest:
    error = one.numbers.error if one.numbers else 0.0
    outcome = one.question.outcome
    return Smallest(
        outcome, one.question.rater, one.term, one.arm, detectable(error), outcome.kind is not Kind.SCORE
    )
