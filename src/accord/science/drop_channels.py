"""Ratings without some channels: a channel that serves as a label must not be a predictor too."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

import numpy as np

from accord.arrays import Bools
from accord.records.ratings import RATERS, Construct, Instrument, Rater, Ratings
from accord.science.tracker.channels import ATTENDANCE, CHECKIN, CLINICIAN, FORMS, ITEMS, PROBE

SETTLED = 7  # item of the project's check-in that is asked only after the probe
BESIDE = {PROBE: (SETTLED,)}  # further items that reveal the channel's answer
MOST_SESSIONS = 10**6  # of a relationship, on one line with the next one's


def drop_channels(ratings: Ratings, channels: Collection[str]) -> Ratings:
    """The ratings as if these channels had never been asked for (any of `CHANNELS` except the form).

    Without attendance all rows of a missed contact are dropped, because its empty forms would reveal it. The
    followed rating is kept whatever its rater, unless it is the clinician's and that channel is dropped.
    """
    kept = np.ones(len(ratings), dtype=bool)
    if ATTENDANCE in channels:
        kept &= ~_of_missed_contacts(ratings)
    for channel in channels:
        kept &= ~_forms_of(ratings, channel)
    return _blank_items(take_rows(ratings, kept), channels)


def take_rows(ratings: Ratings, rows: Bools) -> Ratings:
    """The ratings of some rows, by mask or index."""
    columns = ("client", "clinician", "session", "day", "rater", "instrument", "score", "line")
    chosen = {name: getattr(ratings, name)[rows] for name in columns}
    return replace(ratings, **chosen, items=None if ratings.items is None else ratings.items[rows])


def _forms_of(ratings: Ratings, channel: str) -> Bools:
    if channel == CLINICIAN:
        of_alliance = _of(ratings, lambda instrument: instrument.construct is Construct.ALLIANCE)
        return _by(ratings, Rater.CLINICIAN) & of_alliance
    return _of(ratings, lambda instrument: instrument.id.casefold() == FORMS.get(channel)) & ~_by(
        ratings, Rater.OBSERVER
    )


def _by(ratings: Ratings, rater: Rater) -> Bools:
    return np.asarray(ratings.rater == RATERS.index(rater))


def _of(ratings: Ratings, wanted: Callable[[Instrument], bool]) -> Bools:
    return np.isin(
        ratings.instrument,
        [code for code, instrument in enumerate(ratings.instruments) if wanted(instrument)],
    )


def _of_missed_contacts(ratings: Ratings) -> Bools:
    """Rows about a contact that was missed."""
    pair = ratings.client.astype(np.int64) * max(1, len(ratings.clinicians)) + ratings.clinician
    key = pair * MOST_SESSIONS + ratings.session
    missed = _of(ratings, lambda instrument: instrument.id.casefold() == FORMS[ATTENDANCE]) & (
        ratings.score == 0
    )
    return np.isin(key, key[missed])


def _blank_items(ratings: Ratings, channels: Collection[str]) -> Ratings:
    """Items of the project's check-in that belong to a channel, left unanswered; the client's form only."""
    if ratings.items is None:
        return ratings
    asked = [
        number for channel in channels for number in (*ITEMS.get(channel, ())[:1], *BESIDE.get(channel, ()))
    ]
    rows = _of(ratings, lambda instrument: instrument.id.casefold() == CHECKIN)
    rows &= _by(ratings, Rater.CLIENT)
    items = ratings.items.copy()
    for number in asked:
        if number <= items.shape[1]:
            items[rows, int(number) - 1] = np.nan
    return replace(ratings, items=items)
