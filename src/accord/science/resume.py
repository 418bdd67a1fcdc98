"""The filter state of one relationship as plain numbers, and the panel that goes on from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import numpy as np

from accord.records import NO_DAY, CheckIn, Contact, Course
from accord.science.course import Beliefs
from accord.science.panel import Panel, with_gaps
from accord.science.population import Population
from accord.science.rupture import Episode
from accord.science.track import Standing, Track, start
from accord.words import EPOCH


@dataclass(frozen=True, slots=True)
class Resume:
    """Where one relationship was left: the last session seen, and the last one with a rating, if any."""

    seen: int
    seen_day: int
    rated: tuple[int, int, float] | None  # session, day, rating in the instrument's units
    standing: Standing


def panel_of(course: Course, as_of: date, left: Resume | None) -> Panel:
    """The sessions of a course up to `as_of`; after `left`, with the row it was left at in front.

    ValueError when a check-in belongs to a session already assessed: then the course must be replayed whole.
    """
    sessions = _sessions(course, as_of)
    if left:
        if sessions and min(sessions) <= left.seen:
            raise ValueError(f"session {min(sessions)} was assessed already; assess the whole course again")
        session, day, rating = left.rated or (left.seen, left.seen_day, np.nan)
        sessions[session] = (day, rating)
    numbers = sorted(sessions)
    zeros = np.zeros(len(numbers), dtype=np.int64)
    return with_gaps(
        Panel(
            zeros.astype(np.int32),
            zeros.astype(np.int32),
            zeros,
            np.array(numbers, dtype=np.int64),
            np.array([sessions[n][0] for n in numbers], dtype=np.int64),
            np.array([sessions[n][1] for n in numbers], dtype=np.float64),
        )
    )


def _sessions(course: Course, as_of: date) -> dict[int, tuple[int, float]]:
    """Session number -> (earliest day, followed rating)."""
    found: dict[int, tuple[int, float]] = {}
    every: tuple[Contact | CheckIn, ...] = (*course.contacts, *course.checkins)
    for one in every:
        if one.day is not None and one.day > as_of:
            continue
        day, rating = found.get(one.session, (NO_DAY, np.nan))
        known = [d for d in (day, day_number(one.day)) if d != NO_DAY]
        if isinstance(one, CheckIn) and _is_followed(one, course):
            rating = float(one.score) if one.score is not None else np.nan
        found[one.session] = (min(known, default=NO_DAY), rating)
    return found


def _is_followed(checkin: CheckIn, course: Course) -> bool:
    return checkin.rater is course.rater and checkin.instrument.casefold() == course.instrument.id.casefold()


def day_number(day: date | None) -> int:
    return NO_DAY if day is None else (day - EPOCH).days


def write(panel: Panel, track: Track, left: Resume | None) -> dict[str, Any]:
    """Plain numbers from which `read` goes on; empty for a panel without sessions."""
    if not len(panel.session):
        return {}
    # The row it was left at is the last with a rating; sessions without one may have been seen after it.
    seen = max(int(panel.session[-1]), left.seen if left else 0)
    seen_day = left.seen_day if left and seen > panel.session[-1] else int(panel.day[-1])
    rated = np.flatnonzero(panel.rated)
    last = rated[-1] if len(rated) else None
    return {
        "seen": seen,
        "seen_day": seen_day,
        "rated": None
        if last is None
        else [int(panel.session[last]), int(panel.day[last]), float(panel.rating[last])],
        "beliefs": _plain(track.last.beliefs),
        "episode": _plain(track.last.episode),
    }


def read(state: Mapping[str, Any] | None, population: Population) -> Resume | None:
    if not state:
        return None
    rated = state["rated"]
    standing = Standing(
        Beliefs(**{name: np.array(value) for name, value in state["beliefs"].items()}),
        Episode(**{name: np.array(value) for name, value in state["episode"].items()}),
    )
    if rated is None:
        return Resume(state["seen"], state["seen_day"], None, start(population, 1))
    return Resume(state["seen"], state["seen_day"], tuple(rated), standing)


def _plain(values: Beliefs | Episode) -> dict[str, list[float]]:
    return {field.name: getattr(values, field.name).tolist() for field in fields(values)}
