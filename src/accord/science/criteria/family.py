"""Drop-and-return criteria as one family: a rating far below a reference, and whether ratings come back.

    rupture:  y <= R - c S
    back:     some y within w sessions  >=  R - (1 - f) c S       (R and S as they were at the drop)

R is the previous rating, the own mean so far or the own line so far; S one of five scales. Criteria used in
studies are members of this family; no member bears a study's name here.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from accord.arrays import Bools, Floats, Ints
from accord.science.criteria.history import History, before, on
from accord.science.criteria.pooled import Pooled
from accord.science.tracker.panel import Panel, Round, in_rounds


class Reference(StrEnum):
    PREVIOUS = "previous"
    OWN_MEAN = "own_mean"
    OWN_LINE = "own_line"


class Scale(StrEnum):
    OWN_SD = "own_sd"
    OWN_DIFFERENCE_SD = "own_difference_sd"
    WITHIN_SD = "within_sd"  # pooled
    DIFFERENCE_SD = "difference_sd"  # pooled
    STANDARD_ERROR_OF_DIFFERENCE = "standard_error_of_difference"  # c = 1.96 is the reliable change index


NOTHING = 1e-9  # on the unit scale: a spread this small is rounding, as of differences that are all equal
OWN = {Scale.OWN_SD: "sd", Scale.OWN_DIFFERENCE_SD: "difference_sd"}


@dataclass(frozen=True, slots=True)
class Criterion:
    """One member of the family. ValueError for values outside the stated bounds."""

    reference: Reference
    scale: Scale
    threshold: float = 1.0  # c, above 0
    window: int = 3  # w, sessions in which ratings may come back, at least 1
    recovery: float = 0.5  # f, share of the threshold that has to be regained, above 0 and at most 1
    least: int = 1  # earlier ratings without which nothing is said
    floor: float = 0.0  # the smallest scale believed, on the unit scale: somebody's ratings may all be equal

    def __post_init__(self) -> None:
        if not (self.threshold > 0 and self.window >= 1 and 0 < self.recovery <= 1 and self.floor >= 0):
            raise ValueError("threshold above 0, window of 1 or more, recovery in (0, 1], floor 0 or more")


class Outcome(StrEnum):
    NONE = "none"  # no rupture begins here
    BACK = "back"  # ratings came back in time; the criteria call it repaired
    UNRESOLVED = "unresolved"
    OPEN = "open"  # the record ends before the window does


OUTCOMES = tuple(Outcome)  # outcome codes are positions in this tuple


@dataclass(frozen=True, slots=True, eq=False)
class Marks:
    """Arrays of shape (sessions,). `rupture` and `back` are known at their session, `outcome` only later."""

    rupture: Bools  # a rupture begins
    back: Bools  # ratings are back from the one before
    outcome: NDArray[np.int8]  # of the rupture that begins here, as a code into OUTCOMES


def statistic(panel: Panel, unit: Floats, criterion: Criterion, pooled: Pooled | None = None) -> Floats:
    """(R - y) / S, shape (sessions,). ValueError where a pooled scale is wanted and not given.

    NaN without a rating, with too few earlier ones, and where both the scale and `floor` are 0.
    """
    reference, scale = _reference_and_scale(panel, unit, criterion, pooled)
    return (reference - unit) / scale


def marks(panel: Panel, unit: Floats, criterion: Criterion, pooled: Pooled | None = None) -> Marks:
    """Mark episodes; while an episode waits for ratings to come back, further drops belong to it."""
    reference, scale = _reference_and_scale(panel, unit, criterion, pooled)
    drop = criterion.threshold * scale
    hit = (reference - unit) / scale >= criterion.threshold
    bar = reference - (1 - criterion.recovery) * drop
    rounds = in_rounds(on(panel, unit))
    result = Marks(np.zeros(len(unit), bool), np.zeros(len(unit), bool), np.zeros(len(unit), np.int8))
    waiting = _Waiting(rounds.n, criterion.window)
    for round_ in rounds:
        waiting.see(
            result, round_, panel.session[round_.row], unit[round_.row], hit[round_.row], bar[round_.row]
        )
    waiting.end(result, panel)
    return result


def _reference_and_scale(
    panel: Panel, unit: Floats, criterion: Criterion, pooled: Pooled | None
) -> tuple[Floats, Floats]:
    history = before(panel, unit)
    scale = np.maximum(_scale(history, criterion.scale, pooled), criterion.floor)
    known = (scale > NOTHING) & (history.count >= criterion.least)
    return _reference(history, criterion.reference), np.where(known, scale, np.nan)


def _reference(history: History, reference: Reference) -> Floats:
    by_name = {
        Reference.PREVIOUS: history.previous,
        Reference.OWN_MEAN: history.mean,
        Reference.OWN_LINE: history.line,
    }
    return by_name[reference]


def _scale(history: History, scale: Scale, pooled: Pooled | None) -> Floats:
    if scale in OWN:
        own: Floats = getattr(history, OWN[scale])
        return own
    if pooled is None or not getattr(pooled, scale) > 0:
        raise ValueError(f"the scale {scale} needs a pooled value above 0")
    return np.full(len(history.count), float(getattr(pooled, scale)))


class _Waiting:
    """The rupture each relationship waits to come back from, if any. Arrays of shape (relationships,)."""

    def __init__(self, n: int, window: int) -> None:
        self.open, self.row, self.bar = np.zeros(n, bool), np.zeros(n, np.int64), np.zeros(n)
        self.until, self.window = np.zeros(n, np.int64), window

    def see(self, marks: Marks, round_: Round, session: Ints, y: Floats, hit: Bools, bar: Floats) -> None:
        m = len(y)
        late = self.open[:m] & (session > self.until[:m])
        self._close(marks, late, Outcome.UNRESOLVED)
        back = self.open[:m] & (y >= self.bar[:m])
        self._close(marks, back, Outcome.BACK)
        marks.back[round_.row] = back
        begins = hit & ~self.open[:m]
        marks.rupture[round_.row] = begins
        which = np.flatnonzero(begins)
        self.open[which], self.row[which] = True, round_.row[which]
        self.bar[which], self.until[which] = bar[which], session[which] + self.window

    def _close(self, marks: Marks, which: Bools, outcome: Outcome) -> None:
        at = np.flatnonzero(which)
        marks.outcome[self.row[at]] = OUTCOMES.index(outcome)
        self.open[at] = False

    def end(self, marks: Marks, panel: Panel) -> None:
        """Close ruptures that still wait: unresolved where the record holds the whole window, else open."""
        row = self.row[self.open]
        last = np.searchsorted(panel.relationship, panel.relationship[row], side="right") - 1
        over = panel.session[last] >= self.until[self.open]
        codes = [OUTCOMES.index(Outcome.UNRESOLVED), OUTCOMES.index(Outcome.OPEN)]
        marks.outcome[row] = np.where(over, *codes)
