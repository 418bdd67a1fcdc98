"""The state of a relationship after each session: alarm threshold, episodes, and undecidable cases.

An episode opens at the session whose surprise passes the line and lasts until ratings are back: a rupture is
improbable, and the rating itself lies no lower than the range in which four of five of the last ratings
before the episode fell. Ratings that are back are no evidence of repair; only people can report that.
All arrays have shape (relationships,), except where another is named.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from accord.arrays import Bools, Floats, Ints
from accord.records.ratings import STATES, Construct, State
from accord.records.usual_range import FEWEST, WINDOW
from accord.science.tracker.population import Population
from accord.science.tracker.predict import BAND, Beliefs
from accord.science.tracker.update import Update

ENOUGH_RATINGS = 3
EARLY_RATINGS = 5  # `low_start` looks at so many
LIKELY = 0.5
IMPROBABLE = 0.2  # `p_rupture` below which a rating may be called back
LOWER_END = 0.1  # quantile of the last ratings at which the usual range begins
ROUNDING = 1e-9  # of ratings on the unit scale
NONE_YET = -1.0  # in `recent`: fewer ratings so far
TENTH = BAND  # the tenth percentile lies as far below the mean as the lower edge of an 80 % band


@dataclass(frozen=True, slots=True)
class Episode:
    """State of each relationship from one rating to the next, besides its course."""

    open: Bools
    edge: Floats  # lower end of the usual range before the session that opened the episode
    recent: Floats  # shape (relationships, WINDOW): the last ratings, each in place of the one WINDOW earlier
    count: Ints  # ratings so far
    all_best: Bools  # every rating so far at the best end of the scale
    all_worst: Bools

    def first(self, n: int) -> Episode:
        return Episode(*(getattr(self, field.name)[:n] for field in fields(self)))


def no_episode(n: int) -> Episode:
    return Episode(
        np.zeros(n, bool),
        np.zeros(n),
        np.full((n, WINDOW), NONE_YET),
        np.zeros(n, np.int64),
        np.ones(n, bool),
        np.ones(n, bool),
    )


def follow(
    before: Episode, rating: Floats, step: Update, after: Beliefs, line: float | Floats
) -> tuple[Episode, NDArray[np.int8]]:
    """The episode after one session (rating on the unit scale), and its state as a code into STATES."""
    rated = ~np.isnan(rating)
    opens = ~before.open & (step.surprise > line)
    edge = before.edge.copy()
    edge[opens] = usual_low(before.recent[opens], step.low_edge[opens])
    back = before.open & rated & (after.p_rupture < IMPROBABLE) & (rating >= edge - ROUNDING)
    now = Episode(
        (before.open | opens) & ~back,
        edge,
        _with_rating(before, rating, rated),
        before.count + rated,
        before.all_best & ~(rating < 1.0),
        before.all_worst & ~(rating > 0.0),
    )
    return now, _state(now, back, rated, after)


def usual_low(recent: Floats, otherwise: Floats) -> Floats:
    """Lower end of the range of these ratings, shape (k, WINDOW) -> (k,); `otherwise` where they are few.

    The same as `records.usual_range`, for many relationships at once.
    """
    enough = (recent != NONE_YET).sum(axis=1) >= FEWEST
    result = otherwise.copy()
    if enough.any():
        known = np.where(recent[enough] == NONE_YET, np.nan, recent[enough])
        result[enough] = np.nanquantile(known, LOWER_END, axis=1, method="weibull")
    return result


def _with_rating(before: Episode, rating: Floats, rated: Bools) -> Floats:
    recent, rows = before.recent.copy(), np.flatnonzero(rated)
    recent[rows, before.count[rows] % WINDOW] = rating[rows]
    return recent


def _state(now: Episode, back: Bools, rated: Bools, after: Beliefs) -> NDArray[np.int8]:
    conditions = [
        (now.open, State.RUPTURE),
        (back, State.BACK),
        (~rated, State.NO_RATING),
        (after.ratings < ENOUGH_RATINGS, State.TOO_EARLY),
        (now.all_best | now.all_worst, State.CANNOT_SAY),
        (after.p_rupture >= LIKELY, State.STRAIN),
    ]
    codes = [np.int8(STATES.index(state)) for _, state in conditions]
    return np.select([holds for holds, _ in conditions], codes, np.int8(STATES.index(State.STEADY)))


def low_start(after: Beliefs, population: Population) -> Bools:
    """Whether the whole band of the level lies below the programme's tenth percentile, early on."""
    expected = population.mean_level + population.mean_slope * np.log1p(after.weeks)
    tenth = expected - TENTH * population.sd_level
    return (after.ratings <= EARLY_RATINGS) & (after.high_edge < tenth)


def name_for(construct: Construct, state: NDArray[np.int8]) -> NDArray[np.int8]:
    """The name of a state: rupture and strain for an alliance, `worse` and `dip` for anything else."""
    if construct is Construct.ALLIANCE:
        return state
    names = np.arange(len(STATES), dtype=np.int8)
    names[STATES.index(State.RUPTURE)] = STATES.index(State.WORSE)
    names[STATES.index(State.STRAIN)] = STATES.index(State.DIP)
    return names[state]
