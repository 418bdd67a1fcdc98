"""Channels besides the followed rating, session by session: probe, urge, attendance, clinician."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from accord.arrays import Bools, Floats, Ints
from accord.records.ratings import RATERS, Construct, Instrument, Rater, Ratings
from accord.science.tracker.panel import Panel

RATING, PROBE, URGE, ATTENDANCE, CLINICIAN = "rating", "probe", "urge", "attendance", "clinician"
FORM = "form"
TOP_URGE = 5.0
WORSE_IS_HIGH = frozenset({PROBE, URGE})

# Channels that are forms of their own, and those that are items of the project's check-in.
FORMS = {PROBE: "rupture-probe", URGE: "urge-to-quit", ATTENDANCE: "attendance"}
CHECKIN = "session-checkin"
ITEMS = {PROBE: (6, 2.0), URGE: (8, 1.0)}  # item number, and the answer that is 1 on the channel's scale


def channel_columns(ratings: Ratings, panel: Panel, followed: Instrument | None = None) -> dict[str, Floats]:
    """The channels that came at all, aligned with the panel: name -> (sessions,), NaN where nothing came.

    rating      the panel's own, on the unit scale (1 best) when `followed` is given, else as it is
    probe       the client's rupture probe: 0 no, 1 yes; from the check-in 0 no, .5 a little, 1 a lot
    urge        the client's urge to stop treatment, 0 to 5
    attendance  1 came, 0 missed, by either record
    clinician   the clinician's rating on any alliance instrument, on the unit scale

    Where a session has several values of one channel, the worst is taken. `panel` must be laid out from
    these ratings; its sessions may be fewer.
    """
    columns = {RATING: panel.rating if followed is None else to_unit(panel.rating, followed)}
    for channel, score in _scores(ratings).items():
        columns[channel] = in_sessions(ratings, panel, score, high_is_worse=channel in WORSE_IS_HIGH)
    return {name: column for name, column in columns.items() if not np.isnan(column).all()}


def in_sessions(ratings: Ratings, panel: Panel, score: Floats, *, high_is_worse: bool) -> Floats:
    """Values of the file's rows (NaN: none) as a column of the panel, with the worst of each session."""
    rows = np.flatnonzero(~np.isnan(score))
    place, inside = _places(ratings, panel, rows)
    column = np.full(len(panel.session), np.nan)
    choose = np.fmax if high_is_worse else np.fmin
    choose.at(column, place[inside], score[rows[inside]])
    return column


def to_unit(score: Floats, instrument: Instrument) -> Floats:
    """Scores on the unit scale: 0 is the worst and 1 the best end of the instrument."""
    share = (score - instrument.low) / (instrument.high - instrument.low)
    return 1 - share if instrument.lower_is_better else share


def _places(ratings: Ratings, panel: Panel, rows: Ints) -> tuple[Ints, Bools]:
    """Row of the panel for some rows of the file, and whether the panel has that session."""
    if not len(rows) or not len(panel.session):
        return np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows), dtype=bool)
    keys = [
        (client.astype(np.int64) * len(ratings.clinicians) + clinician, session.astype(np.int64))
        for client, clinician, session in (
            (panel.client, panel.clinician, panel.session),
            (ratings.client[rows], ratings.clinician[rows], ratings.session[rows]),
        )
    ]
    pairs = np.unique(keys[0][0])
    sessions = np.concatenate([session for _, session in keys])
    low = sessions.min()
    span = sessions.max() - low + 1
    mine, theirs = (np.searchsorted(pairs, pair) * span + session - low for pair, session in keys)
    place = np.minimum(np.searchsorted(mine, theirs), len(mine) - 1)
    return place, np.isin(keys[1][0], pairs) & (mine[place] == theirs)


def _scores(ratings: Ratings) -> dict[str, Floats]:
    """For each channel the values of the file's rows, NaN in rows of anything else."""
    by_client = ratings.rater == RATERS.index(Rater.CLIENT)
    scores = {}
    for channel, form in FORMS.items():
        chosen = _of(ratings, form) & (by_client | (channel == ATTENDANCE))
        scores[channel] = np.where(chosen, ratings.score, np.nan)
        if channel in ITEMS:
            _add_item(scores[channel], channel, ratings, _of(ratings, CHECKIN) & by_client)
    return {**scores, CLINICIAN: _clinician_scores(ratings)}


def _of(ratings: Ratings, name: str) -> Bools:
    """Rows of an instrument, by its name in lower case."""
    codes = [code for code, instrument in enumerate(ratings.instruments) if instrument.id.casefold() == name]
    return np.isin(ratings.instrument, codes)


def _add_item(score: Floats, channel: str, ratings: Ratings, chosen: Bools) -> None:
    number, divisor = ITEMS[channel]
    if ratings.items is not None and ratings.items.shape[1] >= number:
        score[chosen] = ratings.items[chosen, number - 1] / divisor


def _clinician_scores(ratings: Ratings) -> Floats:
    scores = np.full(len(ratings), np.nan)
    for code, instrument in enumerate(ratings.instruments):
        if instrument.construct is Construct.ALLIANCE:
            chosen = (ratings.instrument == code) & (ratings.rater == RATERS.index(Rater.CLINICIAN))
            scores[chosen] = to_unit(ratings.score[chosen], instrument)
    return scores


def with_channels(panel: Panel, ratings: Ratings, followed: Instrument, rater: Rater) -> Panel:
    """The panel with whatever the file holds beside the followed rating, each channel on its 0..1 scale.

    `form` is 1 where the followed form was asked for and not filled, unless the contact was missed, which
    explains it. Channels belong to an alliance only; any other followed series is used by itself.
    """
    if followed.construct is not Construct.ALLIANCE:
        return panel
    columns = channel_columns(ratings, panel)
    columns.pop(RATING, None)
    if rater is Rater.CLINICIAN:
        columns.pop(CLINICIAN, None)
    if URGE in columns:
        columns[URGE] = columns[URGE] / TOP_URGE
    columns |= _forms(panel, ratings, followed, rater, columns)
    return replace(panel, channels=columns)


def used_beside(ratings: Ratings, followed: Instrument, rater: Rater) -> list[Instrument]:
    """The file's instruments that are used as channels beside the followed one."""
    if followed.construct is not Construct.ALLIANCE:
        return []
    by_clinician = ratings.rater == RATERS.index(Rater.CLINICIAN)
    codes_used = {int(code) for code in np.unique(ratings.instrument[by_clinician])}
    return [
        instrument
        for code, instrument in enumerate(ratings.instruments)
        if instrument.id.casefold() in FORMS.values()
        or (
            code in codes_used and instrument.construct is Construct.ALLIANCE and rater is not Rater.CLINICIAN
        )
    ]


def _forms(
    panel: Panel, ratings: Ratings, followed: Instrument, rater: Rater, columns: Mapping[str, Floats]
) -> dict[str, Floats]:
    code = [instrument.id for instrument in ratings.instruments].index(followed.id)
    rows = np.flatnonzero((ratings.instrument == code) & (ratings.rater == RATERS.index(rater)))
    if not np.isnan(ratings.score[rows]).any():
        return {}
    place, inside = _places(ratings, panel, rows)
    empty = np.full(len(panel.session), np.nan)
    empty[place[inside]] = np.isnan(ratings.score[rows[inside]])
    if not np.nansum(empty):
        return {}
    came = columns.get(ATTENDANCE, np.ones(len(empty)))
    return {FORM: np.where(came == 0, np.nan, empty)}
