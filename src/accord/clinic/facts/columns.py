"""A programme's entries as columns, for what learns from all of them at once."""

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
    people = {key: at for at, key in enumerate(sorted({one.contact.engagement_id.hex for one in entries}))}
    used = [pick(known, name) for name in sorted({one.instrument for one in entries})]
    place = {instrument.id: at for at, instrument in enumerate(used)}
    days = [(one.contact.day - EPOCH).days if one.contact.day else NO_DAY for one in entries]
    return Ratings(
        clients=tuple(people),
        clinicians=("",),
        instruments=tuple(used),
        client=np.array([people[one.contact.engagement_id.hex] for one in entries], dtype=np.int32),
        clinician=np.zeros(len(entries), dtype=np.int32),
        session=np.array([one.contact.session for one in entries], dtype=np.int32),
        day=np.array(days, dtype=np.int32),
        rater=np.array([RATERS.index(one.rater) for one in entries], dtype=np.int8),
        instrument=np.array([place[one.instrument] for one in entries], dtype=np.int16),
        score=np.array([np.nan if one.score is None else one.score for one in entries], dtype=np.float64),
        line=np.arange(len(entries), dtype=np.int64),
        items=_items(entries),
    )


def _items(entries: Sequence[Entry]) -> NDArray[np.float64]:
    """Answers by number of the item, NaN where there is none."""
    width = max((number for one in entries for number in one.answers), default=0)
    items = np.full((len(entries), width), np.nan)
    for row, one in enumerate(entries):
        for number, value in one.answers.items():
            items[row, number - 1] = value
    return items
