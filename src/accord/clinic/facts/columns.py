"""A programme's entries as columns, for learning from all of them at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from accord.clinic.facts.instruments import pick
from accord.clinic.models import Contact
from accord.records.ratings import NO_DAY, RATERS, Instrument, Rater, Ratings

EPOCH = date(1970, 1, 1)


class Entry(NamedTuple):
    """One value about one contact; `answers` by number of the item."""

    contact: Contact
    rater: Rater
    instrument: str
    score: float | None
    answers: Mapping[int, float]


def of(entries: Sequence[Entry], known: Mapping[str, Instrument]) -> Ratings:
    """Engagements stay apart, even two with the same clinician."""
    people = {
        key: at for at, key in enumerate(sorted({entry.contact.engagement_id.hex for entry in entries}))
    }
    used = [pick(known, name) for name in sorted({entry.instrument for entry in entries})]
    place = {instrument.id: at for at, instrument in enumerate(used)}
    days = [(entry.contact.day - EPOCH).days if entry.contact.day else NO_DAY for entry in entries]
    return Ratings(
        clients=tuple(people),
        clinicians=("",),
        instruments=tuple(used),
        client=np.array([people[entry.contact.engagement_id.hex] for entry in entries], dtype=np.int32),
        clinician=np.zeros(len(entries), dtype=np.int32),
        session=np.array([entry.contact.session for entry in entries], dtype=np.int32),
        day=np.array(days, dtype=np.int32),
        rater=np.array([RATERS.index(entry.rater) for entry in entries], dtype=np.int8),
        instrument=np.array([place[entry.instrument] for entry in entries], dtype=np.int16),
        score=np.array(
            [np.nan if entry.score is None else entry.score for entry in entries], dtype=np.float64
        ),
        line=np.arange(len(entries), dtype=np.int64),
        items=_items(entries),
    )


def _items(entries: Sequence[Entry]) -> NDArray[np.float64]:
    """Answers by number of the item, NaN where there is none."""
    width = max((number for entry in entries for number in entry.answers), default=0)
    items = np.full((len(entries), width), np.nan)
    for row, entry in enumerate(entries):
        for number, value in entry.answers.items():
            items[row, number - 1] = value
    return items
