"""A file of ratings laid out for the filter: one row per session of each relationship, gaps included."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from accord.arrays import Bools, Floats, Ints
from accord.columns import lexsort_stable
from accord.errors import InputError
from accord.records.ratings import NO_DAY, RATERS, Instrument, Rater, Ratings

MAX_JUMP = 1000  # session numbers that rise by more are dates or identifiers, not sessions
WEEK = 7.0


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Sessions in order of relationship and session. All arrays have shape (sessions,) unless said."""

    client: NDArray[np.int32]
    clinician: NDArray[np.int32]
    relationship: Ints  # 0, 1, 2, ... rising
    session: Ints
    day: Ints  # NO_DAY where not known
    rating: Floats  # the followed series in its own units, NaN where there is none
    channels: Mapping[str, Floats] = field(default_factory=dict)  # what else came, NaN where it did not
    away: Bools | None = None  # contacts that did not take place, for a reason that is no strain

    @property
    def rated(self) -> Bools:
        return ~np.isnan(self.rating)

    @property
    def seen(self) -> Bools:
        """Sessions with any observation."""
        seen = self.rated
        for came in self.channels.values():
            seen = seen | ~np.isnan(came)
        return seen

    def of(self, rows: NDArray[Any] | slice) -> Panel:
        """The panel of some rows, by index, mask or stretch."""
        return Panel(
            self.client[rows],
            self.clinician[rows],
            self.relationship[rows],
            self.session[rows],
            self.day[rows],
            self.rating[rows],
            {name: came[rows] for name, came in self.channels.items()},
            None if self.away is None else self.away[rows],
        )


def lay_out(ratings: Ratings, followed: Instrument, rater: Rater = Rater.CLIENT) -> Panel:
    """The sessions of every relationship in the file, whatever their instruments and raters."""
    order = lexsort_stable(ratings.client, ratings.clinician, ratings.session)
    key = [column[order] for column in (ratings.client, ratings.clinician, ratings.session)]
    new_session = _changes(*key)
    place = np.cumsum(new_session) - 1
    starts = np.flatnonzero(new_session)
    day = np.minimum.reduceat(_late_if_unknown(ratings.day[order]), starts) if len(starts) else np.empty(0)
    panel = Panel(
        client=key[0][starts],
        clinician=key[1][starts],
        relationship=np.cumsum(_changes(key[0][starts], key[1][starts])) - 1,
        session=key[2][starts].astype(np.int64),
        day=np.where(day == np.inf, NO_DAY, day).astype(np.int64),
        rating=_followed_scores(ratings, followed, rater, order, place, len(starts)),
    )
    return with_gaps(panel)


def _followed_scores(
    ratings: Ratings, followed: Instrument, rater: Rater, order: Ints, place: Ints, n: int
) -> Floats:
    code = [instrument.id for instrument in ratings.instruments].index(followed.id)
    chosen = (ratings.instrument[order] == code) & (ratings.rater[order] == RATERS.index(rater))
    scores = np.full(n, np.nan)
    scores[place[chosen]] = ratings.score[order][chosen]
    return scores


def _changes(*keys: NDArray[np.int32]) -> Bools:
    changed = np.zeros(len(keys[0]), dtype=bool)
    changed[:1] = True
    for key in keys:
        changed[1:] |= key[1:] != key[:-1]
    return changed


def _late_if_unknown(day: NDArray[np.int32]) -> Floats:
    return np.where(day == NO_DAY, np.inf, day)


def with_gaps(panel: Panel) -> Panel:
    """Add one row without a rating for each session number skipped inside a relationship."""
    jump = np.ones(len(panel.session), dtype=np.int64)
    inside = panel.relationship[1:] == panel.relationship[:-1]
    jump[1:][inside] = np.diff(panel.session)[inside]
    if jump.max(initial=1) > MAX_JUMP:
        session = int(panel.session[np.argmax(jump)])
        raise InputError(
            f"numbers that rise by at most {MAX_JUMP} within a relationship",
            column="session",
            found=str(session),
        )
    return panel if jump.max(initial=1) == 1 else _spread(panel, jump)


def _spread(panel: Panel, jump: Ints) -> Panel:
    source = np.repeat(np.arange(len(jump)), jump)
    last = np.cumsum(jump) - 1
    session = panel.session[source] - (last[source] - np.arange(len(source)))
    real = session == panel.session[source]
    return replace(
        panel.of(source),
        session=session,
        day=np.where(real, panel.day[source], NO_DAY),
        rating=np.where(real, panel.rating[source], np.nan),
        channels={name: np.where(real, came[source], np.nan) for name, came in panel.channels.items()},
        away=None if panel.away is None else real & panel.away[source],
    )


class Round(NamedTuple):
    """The k-th known session of every relationship that has so many. Arrays of shape (m,)."""

    row: Ints  # where they stand in the panel
    weeks: Floats  # since the one before; 0 for the first
    sessions: Floats  # session numbers since the one before; 1 for the first


@dataclass(frozen=True, slots=True, eq=False)
class Rounds:
    """Known sessions, regrouped so that one array operation handles one session of many relationships."""

    n: int  # relationships of which anything is known
    rounds: tuple[Round, ...]

    def __iter__(self) -> Iterator[Round]:
        return iter(self.rounds)

    def __len__(self) -> int:
        return len(self.rounds)


def in_rounds(panel: Panel) -> Rounds:
    """Regroup the rows with any observation: longest relationships first, so that rounds nest."""
    row = np.flatnonzero(panel.seen)
    if not len(row):
        return Rounds(0, ())
    starts = np.flatnonzero(_changes(panel.relationship[row].astype(np.int32)))
    count = np.diff(np.append(starts, len(row)))
    weeks, sessions = _since_last(panel, row, starts)
    by_count = np.argsort(-count, kind="stable")
    starts, count = starts[by_count], count[by_count]
    still = np.searchsorted(-count, -np.arange(count[0]), side="left")
    picked = [starts[:m] + k for k, m in enumerate(still.tolist())]
    return Rounds(len(starts), tuple(Round(row[at], weeks[at], sessions[at]) for at in picked))


def whole_relationships(panel: Panel, most: int) -> Iterator[slice]:
    """Stretches of the panel's rows, of at most so many where no single relationship has more."""
    ends = np.flatnonzero(np.diff(panel.relationship, append=-1)) + 1
    start = 0
    while start < len(panel.session):
        longest = int(np.searchsorted(ends, start + most, side="right")) - 1
        end = int(ends[max(longest, int(np.searchsorted(ends, start, side="right")))])
        yield slice(start, end)
        start = end


def _since_last(panel: Panel, row: Ints, starts: Ints) -> tuple[Floats, Floats]:
    """Weeks and sessions since the one before; seven days a session wherever a date is missing.

    A contact that did not take place counts as no session: nothing could begin or be mended in it.
    """
    session, day = panel.session[row], panel.day[row]
    numbers = np.diff(session, prepend=session[:1]).astype(np.float64)
    sessions = numbers
    if panel.away is not None:
        held = panel.session - np.cumsum(panel.away & ~panel.seen)
        sessions = np.diff(held[row], prepend=held[row][:1]).astype(np.float64)
    dated = (day != NO_DAY) & (np.roll(day, 1) != NO_DAY)
    weeks = np.where(dated, np.diff(day, prepend=day[:1]) / WEEK, numbers)
    sessions[starts], weeks[starts] = 1.0, 0.0
    return np.maximum(weeks, 0.0), sessions
