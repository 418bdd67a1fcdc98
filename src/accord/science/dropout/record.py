"""Input of the dropout forecast: contacts, forms and episodes of care."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np

from accord.arrays import Bools, Floats, Ints
from accord.records.ratings import NO_DAY

MISSED, CAME, NEITHER = 0, 1, -1  # `Record.came`; NEITHER: announced, or not held by the clinician


class End(IntEnum):
    """How a treatment ended. Every other end competes with leaving: no client can leave after it."""

    ONGOING = 0
    LEFT = 1
    PUT_OUT = 2  # by a rule about missed contacts
    COMPLETED = 3
    AGREED = 4
    TRANSFER = 5
    HOSPITAL = 6
    DISCHARGED = 7
    DIED = 8


@dataclass(frozen=True, slots=True, eq=False)
class Setting:
    """`horizon`: days ahead of which a forecast speaks; `step`: days of one interval of the hazard.

    `early`: days at the start in which people leave most; `lately`: days that a look back covers;
    `grace`: days within which a form about a contact has to come to count as given.
    """

    horizon: int = 28
    step: int = 7
    early: int = 91
    lately: int = 28
    grace: int = 2


OUTPATIENT = Setting()
RESIDENCE = Setting(horizon=7, step=1, early=14, lately=7, grace=0)


@dataclass(frozen=True, slots=True, eq=False)
class Record:
    """One row per contact, in order of client and day; ends one per client, whose codes are 0, 1, ...

    Days are days since 1970-01-01. `until`: the last day of which everything is known. `alliance`: the
    client's rating about the contact, 0 worst and 1 best, and `urge` to quit, NaN where none was given;
    `known`: the day the form came. `main`: the contact is with the clinician whom the client mostly sees.
    """

    until: int
    client: Ints
    clinician: Ints
    day: Ints
    came: Ints
    main: Bools
    asked: Bools
    alliance: Floats
    urge: Floats
    known: Ints
    end: Ints
    end_day: Ints

    @property
    def clients(self) -> int:
        return len(self.end)

    def as_known(self, day: int, grace: int = 0) -> Record:
        """The record without contacts after `day`, forms more than `grace` days later, and later ends."""
        known = self._contacts(self.day <= day)
        late = known.known > day + grace
        open_then = self.end_day > day
        return replace(
            known,
            until=min(self.until, day),
            alliance=np.where(late, np.nan, known.alliance),
            urge=np.where(late, np.nan, known.urge),
            end=np.where(open_then, End.ONGOING, self.end),
            end_day=np.where(open_then, NO_DAY, self.end_day),
        )

    def of_clients(self, chosen: Bools) -> Record:
        """The record of the chosen clients only, who get new codes in the same order."""
        kept = self._contacts(chosen[self.client])
        codes = np.cumsum(chosen) - 1
        return replace(kept, client=codes[kept.client], end=self.end[chosen], end_day=self.end_day[chosen])

    def _contacts(self, chosen: Bools) -> Record:
        columns = ("client", "clinician", "day", "came", "main", "asked", "alliance", "urge", "known")
        return replace(self, **{name: getattr(self, name)[chosen] for name in columns})


class Series:
    """Numbers of clients at days, whose sums over any stretch of days cost two look-ups."""

    def __init__(self, client: Ints, day: Ints, *values: Floats) -> None:
        self.order = order = np.lexsort((day, client))
        self.client, self.day = client[order], day[order]
        self.first = int(day.min()) if len(day) else 0
        self.span = (int(day.max()) if len(day) else 0) - self.first + 3
        self.keys = self._key(self.client, self.day)
        self.sums = [np.concatenate([[0.0], np.cumsum(value[order])]) for value in values]

    def _key(self, client: Ints, day: Ints) -> Ints:
        """In order of client and day; days out of reach lie just outside."""
        return client * self.span + np.clip(day - self.first, -1, self.span - 2) + 1

    def total(self, client: Ints, after: Ints | None, until: Ints) -> list[Floats]:
        """Sums over days beyond `after` (None: all) up to and including `until`, one for each value."""
        high = np.searchsorted(self.keys, self._key(client, until), side="right")
        nothing = np.full(len(client), self.first - 1) if after is None else after
        low = np.searchsorted(self.keys, self._key(client, nothing), side="right")
        return [sums[high] - sums[np.minimum(low, high)] for sums in self.sums]

    def before(self, client: Ints, day: Ints) -> Ints:
        """The client's last day before `day`, or NO_DAY."""
        return self._day_at(np.searchsorted(self.keys, self._key(client, day), side="left") - 1, client)

    def from_on(self, client: Ints, day: Ints) -> Ints:
        """The client's first day from `day` on, or NO_DAY."""
        return self._day_at(np.searchsorted(self.keys, self._key(client, day), side="left"), client)

    def latest(self, client: Ints, until: Ints) -> Ints:
        """The place, as the numbers came in, of the client's last one up to `until`, or -1."""
        place = np.searchsorted(self.keys, self._key(client, until), side="right") - 1
        if not len(self.keys):
            return np.full(len(client), -1)
        at = np.maximum(place, 0)
        return np.where((place >= 0) & (self.client[at] == client), self.order[at], -1)

    def _day_at(self, place: Ints, client: Ints) -> Ints:
        inside = (place >= 0) & (place < len(self.keys))
        at = np.where(inside, place, 0)
        if not len(self.keys):
            return np.full(len(client), NO_DAY)
        return np.where(inside & (self.client[at] == client), self.day[at], NO_DAY)
