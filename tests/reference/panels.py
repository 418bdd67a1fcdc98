"""Panels built by hand from lists of ratings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from accord.records.ratings import NO_DAY
from accord.science.tracker.panel import Panel


def panel_of(courses: Sequence[Sequence[float | None]]) -> Panel:
    """One relationship for each course, sessions numbered from 0, undated; None is no rating."""
    count = [len(course) for course in courses]
    relationship = np.repeat(np.arange(len(courses)), count)
    rating = [np.nan if value is None else value for course in courses for value in course]
    session = np.array([k for n in count for k in range(n)], dtype=np.int64)
    return Panel(
        relationship.astype(np.int32),
        np.zeros(len(session), np.int32),
        relationship,
        session,
        np.full(len(session), NO_DAY, np.int64),
        np.array(rating, dtype=np.float64),
    )


def cut(panel: Panel, values: np.ndarray, last_session: int) -> tuple[Panel, np.ndarray, np.ndarray]:
    """The panel and values up to a session, and which rows they are."""
    rows = panel.session <= last_session
    return panel.of(rows), values[rows], rows
