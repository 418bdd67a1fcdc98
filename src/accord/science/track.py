"""The filter run over a panel: what is believed and said after each session of each relationship."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from accord.records import NO_DAY, STATES, State
from accord.science.course import Array, Beliefs, begin, predict, update
from accord.science.panel import WEEK, Panel, Round, in_rounds
from accord.science.population import Population
from accord.science.rupture import Bools, Episode, follow, low_start, no_episode

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where relationships stand after their last rating; enough to go on from."""

    beliefs: Beliefs
    episode: Episode


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """Everything said, on the unit scale. Arrays of shape (sessions,); NaN where a session has no rating."""

    beliefs: Beliefs  # after the session; carried forward through sessions without a rating
    expected: Array
    surprise: Array
    state: NDArray[np.int8]
    low_start: Bools
    last: Standing  # of the relationships in order of the panel's rounds


def start(population: Population, n: int) -> Standing:
    return Standing(begin(population, n), no_episode(n))


def run(panel: Panel, population: Population, line: float, progress: Progress | None = None) -> Track:
    """Follow every relationship of the panel from its first rating."""
    rounds = in_rounds(panel)
    return follow_rounds(panel, rounds.rounds, start(population, rounds.n), population, line, progress)


def follow_rounds(
    panel: Panel,
    rounds: tuple[Round, ...],
    standing: Standing,
    population: Population,
    line: float,
    progress: Progress | None = None,
) -> Track:
    """Follow the ratings in `rounds` from where the relationships stand.

    A panel whose first row is no part of `rounds` goes on from that row: there the relationship stands.
    """
    track = _blank(panel, standing)
    rating = population.to_unit(panel.rating)
    is_open = np.zeros(len(rating), dtype=bool)
    if len(standing.beliefs.ratings) == 1 and standing.beliefs.ratings[0]:
        _write(track, is_open, np.zeros(1, dtype=np.int64), standing)
    for k, one in enumerate(rounds):
        standing = _one_round(track, is_open, rating[one.row], one, standing, population, line)
        if progress:
            progress(k + 1, len(rounds))
    _carry_through_gaps(track, is_open, panel, population)
    return Track(track.beliefs, track.expected, track.surprise, track.state, track.low_start, standing)


def _blank(panel: Panel, standing: Standing) -> Track:
    n = len(panel.session)
    nan = [np.full(n, np.nan) for _ in range(len(fields(Beliefs)) + 2)]
    state = np.full(n, STATES.index(State.NO_RATING), dtype=np.int8)
    return Track(Beliefs(*nan[:-2]), nan[-2], nan[-1], state, np.zeros(n, dtype=bool), standing)


def _one_round(
    track: Track, is_open: Bools, rating: Array, one: Round, before: Standing, values: Population, line: float
) -> Standing:
    m = len(one.row)
    prior = predict(before.beliefs.first(m), one.weeks, one.sessions, values)
    after, step = update(prior, rating, values)
    episode, state = follow(before.episode.first(m), rating, step, after, line)
    standing = Standing(after, episode)
    _write(track, is_open, one.row, standing)
    track.expected[one.row], track.surprise[one.row] = step.expected, step.surprise
    track.state[one.row] = state
    track.low_start[one.row] = low_start(after, values)
    return standing


def _write(track: Track, is_open: Bools, row: NDArray[np.int64], standing: Standing) -> None:
    for name in (field.name for field in fields(Beliefs)):
        getattr(track.beliefs, name)[row] = getattr(standing.beliefs, name)
    is_open[row] = standing.episode.open


def _carry_through_gaps(track: Track, is_open: Bools, panel: Panel, values: Population) -> None:
    """Sessions without a rating: the level as expected by then, and an episode that is still open."""
    gap, source = _gaps_after_ratings(panel)
    if not len(gap):
        return
    last = Beliefs(*(getattr(track.beliefs, field.name)[source] for field in fields(Beliefs)))
    sessions = (panel.session[gap] - panel.session[source]).astype(np.float64)
    dated = (panel.day[gap] != NO_DAY) & (panel.day[source] != NO_DAY)
    weeks = np.where(dated, (panel.day[gap] - panel.day[source]) / WEEK, sessions)
    later = predict(last, np.maximum(weeks, 0.0), sessions, values)
    for name in ("level", "var_level"):
        getattr(track.beliefs, name)[gap] = getattr(later, name)
    track.state[gap[is_open[source]]] = STATES.index(State.RUPTURE)


def _gaps_after_ratings(panel: Panel) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows without a rating that have an earlier one in their relationship, and the row of the last such."""
    rated = panel.rated
    last = (
        np.maximum.accumulate(np.where(rated, np.arange(len(rated)), -1)) if len(rated) else np.empty(0, int)
    )
    gap = np.flatnonzero(~rated & (last >= 0))
    inside = panel.relationship[last[gap]] == panel.relationship[gap]
    return gap[inside], last[gap[inside]]
