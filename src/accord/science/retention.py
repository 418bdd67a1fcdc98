"""Shares still in treatment and of each way of ending it, with competing ends.

Aalen O, Johansen S (1978). An empirical transition matrix for non-homogeneous Markov chains based on censored
observations. Scandinavian Journal of Statistics 5, 141-150. The standard error is the infinitesimal jackknife
(Jaeckel 1972), summed over the entries of one person where somebody has several.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from accord.arrays import Floats, Ints

GOES_ON = 0  # code of an entry that had not ended when it was last known
NORMAL = 1.959963984540054  # standard normal quantile of a 95 % interval


class Curve(NamedTuple):
    """One line of the figure at some times: value, standard error and 95 % interval. Shape (times,)."""

    value: Floats
    se: Floats
    low: Floats
    high: Floats


class Ends(NamedTuple):
    """Still in treatment, and for each kind of end the share of all who have ended so by then."""

    still: Curve
    ended: tuple[Curve, ...]  # of code 1, 2, ...
    at_risk: Ints  # (times,): known to be in treatment until then at least


def ends(
    duration: NDArray[np.integer],
    code: NDArray[np.integer],
    at: Ints,
    causes: int,
    person: Ints | None = None,
) -> Ends:
    """Shares at the times `at`, which rise. Shape of the entries: (n,).

    `duration`: time from the start to the end, or to when the entry was last known; 0 or more. `code`:
    GOES_ON, or 1 to `causes`. An entry that ends and one that is last known at the same time: the end came
    first. `person`: who an entry belongs to, where somebody may have several.
    ValueError for a negative duration, an unknown code or no entry.
    """
    _check(duration, code, causes)
    times = np.unique(np.append(duration[code != GOES_ON], 0))
    risk = duration[:, None] >= times
    at_risk = np.maximum(risk.sum(axis=0), 1)
    ending = duration[:, None] == times
    hazards = [((code == cause)[:, None] & ending).sum(axis=0) / at_risk for cause in range(1, causes + 1)]
    whole = np.sum(hazards, axis=0)
    still = np.cumprod(1.0 - whole)
    before = np.concatenate(([1.0], still[:-1]))
    # The effect of one more entry of each kind: the derivative with respect to its weight.
    ended = (code != GOES_ON)[:, None] & ending
    # Where everybody at risk ends, the share that is left is 0, and so is its derivative.
    kept = np.where(whole < 1.0, 1.0 - whole, 1.0)
    on_still = -still * np.cumsum((ended - risk * whole) / at_risk / kept, axis=1)
    on_before = np.hstack((np.zeros((len(duration), 1)), on_still[:, :-1]))
    place = np.searchsorted(times, at, side="right") - 1
    curves = []
    for cause, hazard in enumerate(hazards, 1):
        mine = (code == cause)[:, None] & ending
        moves = np.cumsum(on_before * hazard + before * (mine - risk * hazard) / at_risk, axis=1)
        curves.append(_curve(np.cumsum(before * hazard)[place], _se(moves[:, place], person)))
    gone = 1.0 - still[place]
    left = _curve(gone, _se(on_still[:, place], person))
    return Ends(
        Curve(1.0 - gone, left.se, 1.0 - left.high, 1.0 - left.low),
        tuple(curves),
        (duration[:, None] >= at).sum(axis=0),
    )


def reached(curve: Curve, at: Ints, share: float = 0.5) -> int | None:
    """First of the times `at` by which at least `share` have ended so; None if it is not reached."""
    there = np.flatnonzero(curve.value >= share - 1e-12)
    return int(at[there[0]]) if len(there) else None


def _check(duration: NDArray[np.integer], code: NDArray[np.integer], causes: int) -> None:
    if not len(duration):
        raise ValueError("at least one entry, found none")
    if duration.min() < 0:
        raise ValueError(f"durations of 0 or more, found {duration.min()}")
    if code.min() < GOES_ON or code.max() > causes:
        raise ValueError(f"codes from {GOES_ON} to {causes}, found {code.min()} to {code.max()}")


def _se(moves: Floats, person: Ints | None) -> Floats:
    """Standard errors (times,) from moves (n, times) of all entries, summed over each person."""
    if person is not None:
        _, place = np.unique(person, return_inverse=True)
        together = np.zeros((int(place.max()) + 1, moves.shape[1]))
        np.add.at(together, place, moves)
        moves = together
    error: Floats = np.sqrt((moves**2).sum(axis=0))
    return error


def _curve(value: Floats, se: Floats) -> Curve:
    """A curve whose interval stays within 0 and 1: symmetric for the log of the cumulative hazard."""
    inside = (value > 0) & (value < 1) & (se > 0)
    share = np.where(inside, value, 0.5)
    hazard = -np.log1p(-share)
    width = np.where(inside, NORMAL * se / ((1.0 - share) * hazard), 0.0)
    low, high = (-np.expm1(-hazard * np.exp(side * width)) for side in (-1.0, 1.0))
    return Curve(value, se, np.where(inside, low, value), np.where(inside, high, value))
