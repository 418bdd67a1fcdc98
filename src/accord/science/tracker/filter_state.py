"""The filter state of one relationship as plain numbers, and the panel that continues from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import numpy as np

from accord.records.ratings import NO_DAY, CheckIn, Construct, Contact, Course, Rater
from accord.science.tracker import context
from accord.science.tracker.channels import ATTENDANCE, CHECKIN, CLINICIAN, FORM, FORMS, ITEMS, TOP_URGE, URGE
from accord.science.tracker.episode import Episode
from accord.science.tracker.filter import FilterState, Track
from accord.science.tracker.panel import Panel, with_gaps
from accord.science.tracker.predict import Beliefs
from accord.words.findings import EPOCH

FORMAT = 3  # of the state
NOTHING_BEFORE = context.Before()
RATING = "rating"
_CHANNEL_OF = {form: channel for channel, form in FORMS.items()}
Session = dict[str, float]  # channel -> value; the rating in the instrument's units


@dataclass(frozen=True, slots=True)
class StoredState:
    """The stored state of one relationship: the last session listed, and the last one observed."""

    listed: int
    listed_day: int
    known: tuple[int, int] | None  # session, day
    ratings: int  # so far
    standing: FilterState | None
    away: int = 0  # sessions listed since then that did not take place
    before: context.Before = NOTHING_BEFORE


def panel_of(course: Course, as_of: date, left: StoredState | None) -> Panel:
    """The sessions of a course up to `as_of`; after `left`, with the row it was left at in front.

    ValueError when a check-in belongs to a session already assessed: then the course must be replayed whole.
    """
    days, values, away = _sessions(course, as_of)
    if left:
        if days and min(days) <= left.listed:
            raise ValueError(f"session {min(days)} was assessed already; assess the whole course again")
        session, day = left.known or (left.listed, left.listed_day)
        # The filter has learned from that row; a placeholder marks it as known, and as rated if it was.
        mark = {RATING if left.ratings else FORM: course.instrument.low}
        days[session], values[session] = day, mark if left.known else {}
        for gap in range(session + 1, session + 1 + left.away):  # which of those listed does not matter
            days[gap], values[gap] = NO_DAY, {}
            away.add(gap)
    numbers = sorted(days)
    zeros = np.zeros(len(numbers), dtype=np.int64)
    columns = {name: np.array([values[n].get(name, np.nan) for n in numbers]) for name in _channels(values)}
    return with_gaps(
        Panel(
            zeros.astype(np.int32),
            zeros.astype(np.int32),
            zeros,
            np.array(numbers, dtype=np.int64),
            np.array([days[n] for n in numbers], dtype=np.int64),
            np.array([values[n].get(RATING, np.nan) for n in numbers], dtype=np.float64),
            columns,
            np.array([n in away for n in numbers], dtype=bool),
        )
    )


def _channels(values: Mapping[int, Session]) -> list[str]:
    return sorted({name for session in values.values() for name in session} - {RATING})


def _sessions(course: Course, as_of: date) -> tuple[dict[int, int], dict[int, Session], set[int]]:
    """Earliest day and observations by session number, and the sessions that did not take place."""
    days: dict[int, int] = {}
    values: dict[int, Session] = {}
    away: set[int] = set()
    every: tuple[Contact | CheckIn, ...] = (*course.contacts, *course.checkins)
    for record in every:
        if record.day is not None and record.day > as_of:
            continue
        known = [day for day in (days.get(record.session, NO_DAY), day_number(record.day)) if day != NO_DAY]
        days[record.session] = min(known, default=NO_DAY)
        values.setdefault(record.session, {}).update(
            _came(record, course) if isinstance(record, CheckIn) else {}
        )
    for contact in course.contacts:
        if contact.session in values and _apply(contact, values[contact.session], course):
            away.add(contact.session)
    for session in values.values():
        if session.get(ATTENDANCE) == 0.0:
            session.pop(FORM, None)  # a missed contact explains the empty form
    return days, values, away


def _apply(contact: Contact, session: Session, course: Course) -> bool:
    """Apply the report on the contact, which overrides a record of attendance. Whether it was away."""
    if contact.came is not None and course.instrument.construct is Construct.ALLIANCE:
        session[ATTENDANCE] = float(contact.came)
    if contact.absence is None:
        return False
    session.pop(ATTENDANCE, None)
    if session.get(FORM) == 1.0:
        session.pop(FORM)
    return True


def _came(checkin: CheckIn, course: Course) -> Session:
    name = checkin.instrument.casefold()
    session: Session = {}
    if checkin.rater is course.rater and name == course.instrument.id.casefold():
        session = _rated(checkin)
    if course.instrument.construct is not Construct.ALLIANCE:
        return {RATING: session[RATING]} if RATING in session else {}
    if checkin.rater is Rater.CLIENT and name == CHECKIN:
        answers = {channel: checkin.answers.get(item) for channel, (item, _) in ITEMS.items()}
        session |= {
            channel: _unit(channel, value / ITEMS[channel][1])
            for channel, value in answers.items()
            if value is not None
        }
    if checkin.score is not None and name in _CHANNEL_OF:
        session[_CHANNEL_OF[name]] = _unit(_CHANNEL_OF[name], checkin.score)
    if checkin.rater is Rater.CLINICIAN and course.rater is not Rater.CLINICIAN:
        session |= _by_clinician(checkin, course)
    return session


def _rated(checkin: CheckIn) -> Session:
    if checkin.score is not None:
        return {RATING: checkin.score, FORM: 0.0}
    return {} if checkin.answers else {FORM: 1.0}


def _unit(channel: str, value: float) -> float:
    return value / TOP_URGE if channel == URGE else value


def _by_clinician(checkin: CheckIn, course: Course) -> Session:
    known = {instrument.id.casefold(): instrument for instrument in (*course.others, course.instrument)}
    instrument = known.get(checkin.instrument.casefold())
    if checkin.score is None or instrument is None or instrument.construct is not Construct.ALLIANCE:
        return {}
    share = (checkin.score - instrument.low) / (instrument.high - instrument.low)
    return {CLINICIAN: 1 - share if instrument.lower_is_better else share}


def day_number(day: date | None) -> int:
    return NO_DAY if day is None else (day - EPOCH).days


def write(panel: Panel, track: Track, left: StoredState | None, before: context.Before) -> dict[str, Any]:
    """Plain numbers from which `read` goes on; empty for a panel without sessions."""
    if not len(panel.session):
        return {}
    # The filter stops at the last row with an observation; empty rows may have been listed after it.
    listed = max(int(panel.session[-1]), left.listed if left else 0)
    listed_day = left.listed_day if left and listed > panel.session[-1] else int(panel.day[-1])
    known = np.flatnonzero(panel.seen)
    after = int(known[-1]) + 1 if len(known) else len(panel.session)
    return {
        "format": FORMAT,
        "listed": listed,
        "listed_day": listed_day,
        "known": [int(panel.session[known[-1]]), int(panel.day[known[-1]])] if len(known) else None,
        "beliefs": _plain(track.last.beliefs),
        "episode": _plain(track.last.episode),
        "away": 0 if panel.away is None else int(panel.away[after:].sum()),
        "before": before.plain(),
    }


def read(state: Mapping[str, Any] | None) -> StoredState | None:
    """The stored state; None for an empty one. ValueError for one of another format."""
    if not state:
        return None
    if state.get("format") != FORMAT:
        raise ValueError("a state of another format; assess the whole course again")
    before = context.Before.read(state["before"])
    if state["known"] is None:
        return StoredState(state["listed"], state["listed_day"], None, 0, None, before=before)
    standing = FilterState(
        Beliefs(**{name: np.array(value) for name, value in state["beliefs"].items()}),
        Episode(**{name: np.array(value) for name, value in state["episode"].items()}),
    )
    ratings = int(standing.beliefs.ratings[0])
    known = tuple(state["known"])
    return StoredState(state["listed"], state["listed_day"], known, ratings, standing, state["away"], before)


def _plain(values: Beliefs | Episode) -> dict[str, list[Any]]:
    return {field.name: getattr(values, field.name).tolist() for field in fields(values)}
