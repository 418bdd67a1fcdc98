"""The risk set: one row for each interval of treatment, starting at an attended contact.

A row begins at a contact that took place, so that it is known that the client was still in treatment; nobody
in a run of misses is in it, whose leaving has already begun. The next row begins with the first contact that
took place at least one interval later. In between nobody who comes back can have left, since leaving is dated
at the last contact a client came to. Shapes: (rows,).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from accord.arrays import Bools, Ints
from accord.records.ratings import NO_DAY
from accord.science.dropout.definition import Followed
from accord.science.dropout.record import CAME, End, Record, Series

STILL, LEFT, OTHERWISE = 0, 1, 2  # `Rows.status`


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """`days`: until the end, the day of the row being 1; until the last known day if STILL in treatment."""

    client: Ints
    day: Ints
    days: Ints
    status: Ints

    def __len__(self) -> int:
        return len(self.client)

    def chosen(self, mask: Bools) -> Rows:
        return Rows(self.client[mask], self.day[mask], self.days[mask], self.status[mask])


def rows(record: Record, followed: Followed, step: int) -> Rows:
    """Every interval of every client up to the last fully known day, with how it ended."""
    client, day = _begins(record, followed, step)
    end = followed.end[client]
    has_ended = (end != End.ONGOING) & (followed.end_day[client] <= followed.closed)
    last = np.where(has_ended, followed.end_day[client], followed.last_known[client])
    status = np.where(has_ended, np.where(end == End.LEFT, LEFT, OTHERWISE), STILL)
    return Rows(client, day, np.maximum(last - day + 1, 1), status)


def _begins(record: Record, followed: Followed, step: int) -> tuple[Ints, Ints]:
    came = record.came == CAME
    contacts = Series(record.client[came], record.day[came])
    client = np.flatnonzero(followed.first != NO_DAY)
    day = followed.first[client]
    latest = np.minimum(followed.last, followed.closed)
    clients, days = [], []
    while len(client):
        open_now = (day != NO_DAY) & (day <= latest[client])
        client, day = client[open_now], day[open_now]
        clients.append(client)
        days.append(day)
        day = contacts.from_on(client, day + step)
    client, day = (
        np.concatenate([*clients, []]).astype(np.int64),
        np.concatenate([*days, []]).astype(np.int64),
    )
    order = np.lexsort((day, client))
    return client[order], day[order]
