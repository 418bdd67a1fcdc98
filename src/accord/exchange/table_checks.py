"""Checks that need the whole table: a rating given twice, falling dates, runaway numbers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from accord.columns import first_of_each, lexsort_stable
from accord.errors import InputError
from accord.errors import message as _
from accord.exchange.columns import Part
from accord.records.ratings import NO_DAY

LONGEST_GAP = 1000  # session numbers that rise by more are dates or identifiers, not sessions
MOST_SKIPPED = 2_000_000  # sessions without a row that all relationships together may have, or
SKIPPED_PER_ROW = 3  # so many times the rows of a larger table

_LATE = np.iinfo(np.int32).max  # "no date" where the earliest is searched for


class Clash(NamedTuple):
    """Two rows that cannot both be right: `at` is the one left out when bad rows are skipped."""

    at: int
    column: str
    found: str
    expected: str


@dataclass(frozen=True, slots=True)
class Sessions:
    """The sessions of every relationship in order: where each begins in `order`, whose it is, its date."""

    order: NDArray[np.intp]
    starts: NDArray[np.intp]
    relationship: NDArray[np.int64]
    number: NDArray[np.int32]
    day: NDArray[np.int32]


def relationships(part: Part) -> NDArray[np.int64]:
    return part.client.astype(np.int64) * (int(part.clinician.max(initial=0)) + 1) + part.clinician


def duplicates(part: Part) -> list[Clash]:
    """Rows with the client, clinician, session, rater and instrument of an earlier row."""
    channel = part.instrument.astype(np.int32) * 8 + part.rater
    return [
        Clash(
            again,
            "session",
            str(part.session[again]),
            _(
                "one row for a client, clinician, session, rater and instrument; row %(row)s has the same",
                row=part.line[first],
            ),
        )
        for again, first in repeated(relationships(part), part.session, channel)
    ]


def repeated(*keys: NDArray[Any]) -> list[tuple[int, int]]:
    """Rows that agree with an earlier one in every key, each with the first such row."""
    order = lexsort_stable(*keys)
    same = np.ones(max(len(order) - 1, 0), dtype=bool)
    for key in keys:
        same &= key[order[1:]] == key[order[:-1]]
    first = np.maximum.accumulate(np.where(np.append(True, ~same)[: len(order)], np.arange(len(order)), 0))
    return [(int(order[at + 1]), int(order[first[at + 1]])) for at in np.flatnonzero(same).tolist()]


def sessions_of(part: Part) -> Sessions:
    """The dated rows grouped by session; a session's date is the earliest among its rows."""
    who = relationships(part)
    order = lexsort_stable(who, part.session)
    who, number = who[order], part.session[order]
    new = np.append(True, (who[1:] != who[:-1]) | (number[1:] != number[:-1]))[: len(order)]
    starts = np.flatnonzero(new)
    day = np.where(part.day == NO_DAY, _LATE, part.day)[order]
    earliest = np.minimum.reduceat(day, starts) if len(starts) else day
    return Sessions(order, starts, who[starts], number[starts], earliest)


def falling_dates(part: Part) -> list[Clash]:
    """Rows whose date puts their session before an earlier one.

    As few sessions of a relationship as possible are reported, and of two the later number.
    """
    if (part.day == NO_DAY).all():
        return []
    sessions = sessions_of(part)
    dated = np.flatnonzero(sessions.day != _LATE)
    who, day = sessions.relationship[dated], sessions.day[dated]
    falls = (who[1:] == who[:-1]) & (day[1:] < day[:-1])
    clashes: list[Clash] = []
    for relationship in np.unique(who[1:][falls]):
        inside = np.searchsorted(who, relationship), np.searchsorted(who, relationship, side="right")
        clashes.extend(_misdated(part, sessions, dated[inside[0] : inside[1]]))
    return clashes


def _misdated(part: Part, sessions: Sessions, dated: NDArray[np.intp]) -> Iterator[Clash]:
    days = sessions.day[dated].tolist()
    kept = longest_rise(days)
    for position, at in enumerate(dated.tolist()):
        if position in kept:
            continue
        before = max((k for k in kept if k < position), default=None)
        after = min((k for k in kept if k > position), default=None)
        other = before if before is not None and days[before] > days[position] else after
        if other is not None:  # always: it contradicts one of its neighbours, else it would have been kept
            yield from _rows_outside(part, sessions, at, int(dated[other]))


def _rows_outside(part: Part, sessions: Sessions, at: int, other: int) -> Iterator[Clash]:
    """The rows of session `at` whose date contradicts that of the session `other`."""
    earlier = sessions.number[other] < sessions.number[at]
    limit = np.datetime64(int(sessions.day[other]), "D")
    known = {
        "day": limit,
        "session": sessions.number[other],
        "row": _row_with_day(part, sessions, other),
    }
    expected = _not_before(known) if earlier else _not_after(known)
    for row in _rows(sessions, at):
        day = part.day[row]
        if day != NO_DAY and (day < sessions.day[other] if earlier else day > sessions.day[other]):
            yield Clash(int(row), "date", str(np.datetime64(int(day), "D")), expected)


def _not_before(known: dict[str, object]) -> str:
    return _(
        "a date not before %(day)s, that of session %(session)s (row %(row)s), "
        "as session numbers rise with the dates",
        **known,
    )


def _not_after(known: dict[str, object]) -> str:
    return _(
        "a date not after %(day)s, that of session %(session)s (row %(row)s), "
        "as session numbers rise with the dates",
        **known,
    )


def _rows(sessions: Sessions, at: int) -> NDArray[np.intp]:
    end = sessions.starts[at + 1] if at + 1 < len(sessions.starts) else len(sessions.order)
    return sessions.order[sessions.starts[at] : end]


def _row_with_day(part: Part, sessions: Sessions, at: int) -> int:
    rows = _rows(sessions, at)
    return int(part.line[rows[part.day[rows] == sessions.day[at]]].min())


def longest_rise(values: list[int]) -> set[int]:
    """Positions of a longest never-falling subsequence; of equally long ones the one that begins earliest."""
    ends: list[int] = []  # smallest last value of a rise of each length
    length: list[int] = []
    for value in values:
        place = bisect_right(ends, value)
        ends[place : place + 1] = [value]
        length.append(place + 1)
    by_length: dict[int, list[int]] = {}
    for position, rise in enumerate(length):
        by_length.setdefault(rise, []).append(position)
    kept: set[int] = set()
    below, limit = len(values), max(values, default=0)
    for rise in range(len(ends), 0, -1):
        below = next(
            position for position in by_length[rise] if position < below and values[position] <= limit
        )
        limit = values[below]
        kept.add(below)
    return kept


def runaway_sessions(part: Part) -> list[Clash]:
    """Rows whose session number leaps, as it does where it is a date or an identifier."""
    sessions = sessions_of(part)
    number = sessions.number.astype(np.int64)
    leaps = (np.diff(number) > LONGEST_GAP) & (sessions.relationship[1:] == sessions.relationship[:-1])
    clashes: list[Clash] = []
    for at in _from_the_leap_on(sessions, leaps).tolist():
        expected = _("a session number at most %(gap)s above the one before it", gap=LONGEST_GAP)
        clashes.extend(Clash(int(row), "session", str(number[at]), expected) for row in _rows(sessions, at))
    return clashes


def _from_the_leap_on(sessions: Sessions, leaps: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Sessions that leap, with the later ones of their relationships, whose numbers continue from there."""
    so_far = np.append(0, np.cumsum(leaps))[: len(sessions.number)]
    return np.flatnonzero(so_far > so_far[first_of_each(sessions.relationship)])


def refuse_too_many_gaps(part: Part, file: str) -> None:
    """Refuse a table whose skipped session numbers, which each get a finding, would fill the memory."""
    sessions = sessions_of(part)
    same = sessions.relationship[1:] == sessions.relationship[:-1]
    skipped = np.where(same, np.diff(sessions.number.astype(np.int64)) - 1, 0)
    if skipped.sum() <= max(MOST_SKIPPED, SKIPPED_PER_ROW * len(part.line)):
        return
    widest = int(np.argmax(skipped))
    raise InputError(
        _(
            "sessions counted one by one; the table skips %(n)s numbers in all, "
            "most of them here, after %(session)s",
            n=f"{int(skipped.sum()):,}",
            session=sessions.number[widest],
        ),
        file=file,
        row=int(part.line[_rows(sessions, widest + 1)].min()),
        column="session",
        found=str(sessions.number[widest + 1]),
    )
