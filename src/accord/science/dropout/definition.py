"""The site's definition of leaving treatment early, dated at the last attended contact.

The date is known only later: leaving shows in contacts that were missed. So the last days of a record, in
which a run of misses may still be under way, are not used (`Followed.closed`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from accord.arrays import Bools, Ints
from accord.records.ratings import NO_DAY
from accord.science.dropout.record import CAME, MISSED, End, Record


@dataclass(frozen=True, slots=True)
class Definition:
    """A client has left who missed `missed` scheduled contacts in a row, or all for `days` days.

    Contacts that were announced off, or that the clinician did not hold, neither count nor end a run; a
    client who comes back has not left. `silent`: a client who came to nothing for so many days has left too,
    for records that do not hold missed contacts. `put_out_counts`: whether being put out by such a rule is
    analysed as leaving.
    """

    missed: int = 4
    days: int = 28
    silent: int | None = None
    put_out_counts: bool = False

    @property
    def to_tell(self) -> int:
        """Days after the last contact until it shows that it was the last."""
        return max(self.days, self.silent or 0)


@dataclass(frozen=True, slots=True, eq=False)
class Runs:
    """For each client the run of misses that goes on at the record's end: (clients,)."""

    missed: Ints  # scheduled contacts since the last one they came to
    days: Ints  # from the last one they came to up to the last one missed


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """Each client's time in treatment (clients,): from the first to the last contact they came to.

    `end` is ONGOING for those who are still in treatment at `last_known`, up to which nothing happened.
    """

    first: Ints  # NO_DAY: came to nothing
    last: Ints
    end: Ints
    end_day: Ints  # of leaving: the last contact they came to
    last_known: Ints
    closed: int
    runs: Runs


def followed(record: Record, definition: Definition) -> Followed:
    """Date every leaving and every other end."""
    came = record.came == CAME
    before_end = (
        record.day <= np.where(record.end == End.ONGOING, record.until, record.end_day)[record.client]
    )
    first = _least(record, came)
    last = _most(record, came & before_end)
    runs = running(record, last)
    met = _met(runs, last, record, definition)
    end = np.where((record.end == End.ONGOING) & met, End.LEFT, record.end)
    end = np.where((record.end == End.DISCHARGED) & met, End.PUT_OUT, end)
    end = np.where((end == End.PUT_OUT) & definition.put_out_counts, End.LEFT, end)
    end = np.where(first == NO_DAY, End.ONGOING, end)
    gone = (end == End.LEFT) | (end == End.PUT_OUT)
    closed = record.until - definition.to_tell
    end_day = np.where(gone, last, np.maximum(record.end_day, last))
    seen = _most(record, np.ones(len(came), dtype=bool))
    return Followed(first, last, end, end_day, np.minimum(closed, seen), closed, runs)


def running(record: Record, last: Ints) -> Runs:
    """Runs of misses since the `last` contact each client came to."""
    missed = (record.came == MISSED) & (record.day > last[record.client])
    count = np.bincount(record.client[missed], minlength=record.clients)
    days = np.where(count > 0, _most(record, missed) - last, 0)
    return Runs(count, days)


def _met(runs: Runs, last: Ints, record: Record, definition: Definition) -> Bools:
    met = (runs.missed >= definition.missed) | ((runs.missed > 0) & (runs.days >= definition.days))
    if definition.silent is not None:
        met |= record.until - last >= definition.silent
    return met


def _most(record: Record, chosen: Bools) -> Ints:
    latest = np.full(record.clients, NO_DAY, dtype=np.int64)
    np.maximum.at(latest, record.client[chosen], record.day[chosen])
    return latest


def _least(record: Record, chosen: Bools) -> Ints:
    earliest = np.full(record.clients, np.iinfo(np.int64).max)
    np.minimum.at(earliest, record.client[chosen], record.day[chosen])
    return np.where(earliest == np.iinfo(np.int64).max, NO_DAY, earliest)


@dataclass(frozen=True, slots=True)
class RunsOf:
    """Runs that reached so many misses, with their outcomes. `left`: the client did not come back."""

    missed: int
    reached: int
    came_back: int
    left: int


def run_outcomes(record: Record, followed_clients: Followed, longest: int) -> tuple[RunsOf, ...]:
    """Outcomes of runs of 1, 2, ... misses; runs not counted go on, or ended with the treatment."""
    scheduled = record.came >= 0
    client, came = record.client[scheduled], record.came[scheduled] == CAME
    begins = np.flatnonzero(np.diff(client, prepend=-1) | np.diff(came.astype(int), prepend=-1))
    lengths = np.diff(begins, append=len(client))
    ends = begins + lengths
    runs = ~came[begins]
    ended = np.where(ends < len(client), client[np.minimum(ends, len(client) - 1)], -1)
    back = runs & (ended == client[begins])
    gone = runs & ~back & (followed_clients.end[client[begins]] == End.LEFT)
    counts = [(lengths >= k) for k in range(1, longest + 1)]
    return tuple(
        RunsOf(k, int((runs & reached).sum()), int((back & reached).sum()), int((gone & reached).sum()))
        for k, reached in enumerate(counts, 1)
    )
