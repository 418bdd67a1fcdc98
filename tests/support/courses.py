"""Small courses and files of ratings for tests, built by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache

import numpy as np

from accord.records.ratings import NO_DAY, CheckIn, Construct, Course, Instrument, Rater, Ratings
from accord.science.tracker.assess import prior
from accord.science.tracker.population import Population

ALLIANCE = Instrument("made-up-alliance", "1", "Made-up alliance", Construct.ALLIANCE, 0, 40)
SYMPTOMS = Instrument(
    "made-up-symptoms", "1", "Made-up symptoms", Construct.OUTCOME, 0, 40, lower_is_better=True
)
MONDAY = date(2025, 1, 6)


@cache
def population(instrument: Instrument = ALLIANCE) -> Population:
    return prior(instrument)


def course(scores: Sequence[float | None], instrument: Instrument = ALLIANCE, first: int = 1) -> Course:
    """Weekly sessions; None is a form that was not filled."""
    checkins = tuple(
        CheckIn(first + k, MONDAY + timedelta(weeks=first + k - 1), Rater.CLIENT, instrument.id, score)
        for k, score in enumerate(scores)
    )
    return Course("ana", "lind", instrument, checkins)


def ratings(courses: Sequence[Sequence[float | None]], instrument: Instrument = ALLIANCE) -> Ratings:
    """A file with one relationship for each course, undated, sessions numbered from 1."""
    client = np.repeat(np.arange(len(courses)), [len(one) for one in courses]).astype(np.int32)
    session = np.array([k for one in courses for k in range(1, len(one) + 1)], dtype=np.int32)
    score = [np.nan if value is None else value for one in courses for value in one]
    n = len(client)
    return Ratings(
        tuple(f"c{k}" for k in range(len(courses))),
        ("lind",),
        (instrument,),
        client,
        np.zeros(n, np.int32),
        session,
        np.full(n, NO_DAY, np.int32),
        np.zeros(n, np.int8),
        np.zeros(n, np.int16),
        np.array(score, dtype=np.float64),
        np.arange(2, n + 2),
    )


def simulated_scores(
    relationships: int, sessions: int, seed: int, *, onset: float = 0.05, depth: float = 1.5
) -> tuple[np.ndarray, np.ndarray]:
    """Scores (relationships, sessions) of a 0-40 scale and where a rupture truly was."""
    rng = np.random.default_rng(seed)
    level = rng.normal(0.675, 0.15, (relationships, 1)) + 0.018 * np.log1p(np.arange(sessions))
    rupture = np.zeros((relationships, sessions), dtype=bool)
    now = np.zeros(relationships, dtype=bool)
    for k in range(sessions):
        draw = rng.random(relationships)
        now = np.where(now, draw > 1 / 2.5, draw < onset)
        rupture[:, k] = now
    unit = level + 0.11 * (rng.standard_normal((relationships, sessions)) - depth * rupture)
    return np.round(40 * np.clip(unit, 0, 1)), rupture
