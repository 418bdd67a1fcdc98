"""Whether a programme has enough observed dropouts for a forecast; if not, how many it needs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from accord.science.dropout.calibration import Calibration

LEAVERS_FOR_ONE = 10  # covariate (Peduzzi et al., 1996)
COVARIATES_LEAST = 3
WIDEST = 0.5  # half the 95 % interval of the calibration slope


class Why(StrEnum):
    FEW_LEAVERS = "few_leavers"
    UNSURE = "unsure"  # the slope's interval is too wide
    NO_BETTER = "no_better"  # than giving everybody the same chance
    NO_FIT = "no_fit"


@dataclass(frozen=True, slots=True)
class Base:
    """The data for a forecast: leavers, people, and days from the first contact to the last."""

    leavers: int
    people: int
    days: int


class TooLittle(Exception):
    """No forecast can be made. `needed` is about how much it would take; None where more would not help."""

    def __init__(self, why: Why, base: Base, needed: Base | None) -> None:
        counts = f"found {base.leavers} who left of {base.people} people over {base.days} days"
        wanted = (
            f", expected about {needed.leavers} who left (of {needed.people} people, {needed.days} days "
            "at this pace)"
            if needed
            else ", expected covariates that tell those who leave from those who stay"
        )
        super().__init__(f"{counts}{wanted}")
        self.why, self.base, self.needed = why, base, needed


def covariates_allowed(base: Base) -> int:
    """Number of covariates that the leavers allow. Raises TooLittle if they are too few."""
    if base.leavers < LEAVERS_FOR_ONE * COVARIATES_LEAST:
        raise TooLittle(Why.FEW_LEAVERS, base, scaled(base, LEAVERS_FOR_ONE * COVARIATES_LEAST))
    return base.leavers // LEAVERS_FOR_ONE


def refuse_unsure(base: Base, calibration: Calibration) -> None:
    """Raise TooLittle where the forecast's slope, on people outside the fit, is too uncertain."""
    low, high = calibration.slope_interval
    half = (high - low) / 2
    if half > WIDEST:
        # An interval narrows with the root of the leavers.
        raise TooLittle(Why.UNSURE, base, scaled(base, math.ceil(base.leavers * (half / WIDEST) ** 2)))
    if low <= 0:
        raise TooLittle(Why.NO_BETTER, base, None)


def scaled(base: Base, leavers: int) -> Base:
    """The same programme observed for longer, until so many have left."""
    times = leavers / max(base.leavers, 1)
    return Base(leavers, math.ceil(base.people * times), math.ceil(base.days * times))
