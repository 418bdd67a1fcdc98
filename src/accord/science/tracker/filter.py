"""The filter run over a panel: what is believed and said after each session of each relationship."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accord.arrays import Bools, Floats, Ints
from accord.records.ratings import CHANNELS, NO_DAY, STATES, State
from accord.science.tracker.episode import Episode, follow, low_start, no_episode
from accord.science.tracker.panel import WEEK, Panel, Round, in_rounds, whole_relationships
from accord.science.tracker.population import Population
from accord.science.tracker.predict import Beliefs, begin, predict
from accord.science.tracker.update import Observation, Update, update

Progress = Callable[[int, int], None]

SESSIONS_AT_ONCE = 300_000  # so that the arrays of a round stay in the processor's own memory
WORTH_NAMING = 0.7  # log likelihood ratio from which a channel is named: twice as likely in a rupture


@dataclass(frozen=True, slots=True)
class FilterState:
    """Where relationships stand after the last session of which anything is known; enough to go on from."""

    beliefs: Beliefs
    episode: Episode


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """Everything said, on the unit scale. Arrays of shape (sessions,); NaN where nothing can be said."""

    level: Floats
    var_level: Floats
    p_rupture: Floats
    expected: Floats  # own level before the session
    predicted: Floats  # mean of a calm rating in this session, and its standard deviation
    predicted_sd: Floats
    surprise: Floats
    state: NDArray[np.int8]
    low_start: Bools
    also: NDArray[np.int8]  # bits: CHANNELS besides the rating that speak for a rupture
    said: dict[str, Floats]  # log likelihood ratios by channel, where they were asked for
    last: FilterState  # of the relationships followed at once at last, in order of their rounds


def start(population: Population, n: int) -> FilterState:
    return FilterState(begin(population, n), no_episode(n))


def run(panel: Panel, population: Population, line: float, progress: Progress | None = None) -> Track:
    """Follow every relationship of the panel from its first session."""
    book, seen = _TrackBuilder(len(panel.session)), observations(panel, population)
    lines = np.broadcast_to(line, len(panel.session))
    standing = start(population, 0)
    for rows in whole_relationships(panel, SESSIONS_AT_ONCE):
        rounds = in_rounds(panel.of(rows))
        there = (one._replace(row=one.row + rows.start) for one in rounds)
        standing = _follow(book, seen, there, start(population, rounds.n), population, lines)
        if progress:
            progress(rows.stop, len(panel.session))
    _carry_through_gaps(book, panel, population)
    return book.track(standing)


def follow_rounds(
    panel: Panel,
    rounds: tuple[Round, ...],
    standing: FilterState,
    population: Population,
    line: float | Floats,
    *,
    resumed: bool = False,
    tell_channels: bool = False,
) -> Track:
    """Follow the sessions in `rounds` from where the relationships stand.

    `line`: one for all, or one for each row of the panel. `tell_channels`: keep what each channel said.
    `resumed`: the panel's one relationship stands at its first row already, which is no part of `rounds`.
    """
    book = _TrackBuilder(len(panel.session))
    if resumed:
        book.write(np.zeros(1, dtype=np.int64), standing)
    lines = np.broadcast_to(line, len(panel.session))
    seen = observations(panel, population)
    standing = _follow(book, seen, rounds, standing, population, lines, tell_channels=tell_channels)
    _carry_through_gaps(book, panel, population)
    return book.track(standing)


def _follow(
    book: _TrackBuilder,
    seen: Observation,
    rounds: Iterable[Round],
    standing: FilterState,
    population: Population,
    lines: Floats,
    *,
    tell_channels: bool = False,
) -> FilterState:
    """Write what is believed and said after each round; gives where the relationships stand in the end."""
    for one in rounds:
        m = len(one.row)
        prior = predict(standing.beliefs.first(m), one.weeks, one.sessions, population)
        now = take_rows(seen, one.row)
        after, step = update(prior, now, population)
        episode, state = follow(standing.episode.first(m), now.rating, step, after, lines[one.row])
        standing = FilterState(after, episode)
        book.write(one.row, standing)
        book.tell(one.row, step, state, low_start(after, population) & ~np.isnan(now.rating))
        if tell_channels:
            book.keep(one.row, step)
    return standing


class _TrackBuilder:
    """The columns of a track while they are being written."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.level, self.slope, self.var_level, self.level_slope, self.var_slope, self.weeks = (
            np.full(n, np.nan) for _ in range(6)
        )
        self.p_rupture, self.expected, self.surprise = (np.full(n, np.nan) for _ in range(3))
        self.predicted, self.predicted_sd = np.full(n, np.nan), np.full(n, np.nan)
        self.state = np.full(n, STATES.index(State.NO_RATING), dtype=np.int8)
        self.low_start, self.is_open = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
        self.also = np.zeros(n, dtype=np.int8)
        self.said: dict[str, Floats] = {}

    def write(self, row: Ints, standing: FilterState) -> None:
        beliefs = standing.beliefs
        rated = beliefs.ratings > 0
        for name in ("level", "slope", "var_level", "level_slope", "var_slope", "weeks"):
            # Before the first rating there is only the programme's level, and that is nobody's own.
            getattr(self, name)[row] = np.where(rated, getattr(beliefs, name), np.nan)
        self.is_open[row] = standing.episode.open
        self.p_rupture[row] = beliefs.p_rupture

    def tell(self, row: Ints, step: Update, state: NDArray[np.int8], low: Bools) -> None:
        self.expected[row], self.surprise[row] = step.expected, step.surprise
        self.predicted[row], self.predicted_sd[row] = step.predicted, step.predicted_sd
        self.state[row], self.low_start[row] = state, low
        for bit, name in enumerate(CHANNELS):
            if name in step.said:
                self.also[row] |= (step.said[name] >= WORTH_NAMING).astype(np.int8) << bit

    def keep(self, row: Ints, step: Update) -> None:
        for name, ratio in step.said.items():
            self.said.setdefault(name, np.zeros(self.n))[row] = ratio

    def track(self, last: FilterState) -> Track:
        return Track(
            self.level, self.var_level, self.p_rupture, self.expected, self.predicted, self.predicted_sd,
            self.surprise, self.state, self.low_start, self.also, self.said, last,
        )  # fmt: skip


def observations(panel: Panel, population: Population) -> Observation:
    """Everything seen, session by session, on unit scales."""
    came = panel.channels
    return Observation(
        population.to_unit(panel.rating),
        {name: came[name] for name in population.chances if name in came},
        {name: came[name] for name in population.readings if name in came},
    )


def take_rows(seen: Observation, row: Ints) -> Observation:
    """Some of the sessions."""
    chances = {name: came[row] for name, came in seen.chances.items()}
    return Observation(seen.rating[row], chances, {name: came[row] for name, came in seen.readings.items()})


def _carry_through_gaps(book: _TrackBuilder, panel: Panel, values: Population) -> None:
    """Sessions of which nothing is known: the level as expected by then, and an episode still open."""
    gap, source = _gaps(panel)
    sessions = (panel.session[gap] - panel.session[source]).astype(np.float64)
    dated = (panel.day[gap] != NO_DAY) & (panel.day[source] != NO_DAY)
    weeks = np.where(dated, (panel.day[gap] - panel.day[source]) / WEEK, sessions)
    weeks = np.maximum(weeks, 0.0)
    g = np.log1p(book.weeks[source] + weeks) - np.log1p(book.weeks[source])
    drift = values.sd_drift**2 * weeks
    growth = g * (2 * book.level_slope[source] + g * book.var_slope[source])
    book.level[gap] = book.level[source] + g * book.slope[source]
    book.var_level[gap] = book.var_level[source] + growth + drift
    book.state[gap[book.is_open[source]]] = STATES.index(State.RUPTURE)


def _gaps(panel: Panel) -> tuple[Ints, Ints]:
    """Rows of which nothing is known after some that are, and the row of the last such."""
    seen = panel.seen
    if not len(seen):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    last = np.maximum.accumulate(np.where(seen, np.arange(len(seen)), -1))
    gap = np.flatnonzero(~seen & (last >= 0))
    inside = panel.relationship[last[gap]] == panel.relationship[gap]
    return gap[inside], last[gap[inside]]
