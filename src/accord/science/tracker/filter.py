"""The filter run over a panel: beliefs and alarms after each session of each relationship."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accord.arrays import Bools, Floats, Ints
from accord.records.ratings import CHANNELS, EVIDENCE, NO_DAY, STATES, State
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
    """Beliefs and episodes after the last observed session; enough to continue the filter."""

    beliefs: Beliefs
    episode: Episode


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """Output of the filter on the unit scale. Arrays of shape (sessions,); NaN where undefined."""

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
    strongest: NDArray[np.int8]  # what speaks loudest for a rupture, a position in EVIDENCE
    said: dict[str, Floats]  # log likelihood ratios by channel, if requested
    last: FilterState  # of the last relationships that were filtered together, in order of their rounds


def start(population: Population, n: int) -> FilterState:
    """The state of n relationships before their first session."""
    return FilterState(begin(population, n), no_episode(n))


def run(panel: Panel, population: Population, line: float, progress: Progress | None = None) -> Track:
    """Follow every relationship of the panel from its first session."""
    builder, observed = _TrackBuilder(len(panel.session)), observations(panel, population)
    lines = np.broadcast_to(line, len(panel.session))
    standing = start(population, 0)
    for rows in whole_relationships(panel, SESSIONS_AT_ONCE):
        rounds = in_rounds(panel.of(rows))
        placed = (round_._replace(row=round_.row + rows.start) for round_ in rounds)
        standing = _follow(builder, observed, placed, start(population, rounds.n), population, lines)
        if progress:
            progress(rows.stop, len(panel.session))
    _carry_through_gaps(builder, panel, population)
    return builder.track(standing)


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
    """Filter the sessions in `rounds`, starting from the state `standing`.

    `line`: the alarm threshold, one for all or one per row of the panel. `tell_channels`: keep each channel's
    log likelihood ratios.
    `resumed`: `standing` is the state at the panel's first row, which is not part of `rounds`.
    """
    builder = _TrackBuilder(len(panel.session))
    if resumed:
        builder.add_state(np.zeros(1, dtype=np.int64), standing)
    lines = np.broadcast_to(line, len(panel.session))
    observed = observations(panel, population)
    standing = _follow(builder, observed, rounds, standing, population, lines, tell_channels=tell_channels)
    _carry_through_gaps(builder, panel, population)
    return builder.track(standing)


def _follow(
    builder: _TrackBuilder,
    observed: Observation,
    rounds: Iterable[Round],
    standing: FilterState,
    population: Population,
    lines: Floats,
    *,
    tell_channels: bool = False,
) -> FilterState:
    """Add beliefs and alarms to the builder after each round; returns the final state."""
    for round_ in rounds:
        m = len(round_.row)
        prior = predict(standing.beliefs.first(m), round_.weeks, round_.sessions, population)
        current = take_rows(observed, round_.row)
        after, step = update(prior, current, population)
        episode, state = follow(standing.episode.first(m), current.rating, step, after, lines[round_.row])
        standing = FilterState(after, episode)
        builder.add_state(round_.row, standing)
        builder.add_update(round_.row, step, state, low_start(after, population) & ~np.isnan(current.rating))
        if tell_channels:
            builder.add_channels(round_.row, step)
    return standing


class _TrackBuilder:
    """The columns of a track under construction."""

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
        self.strongest = np.zeros(n, dtype=np.int8)
        self.said: dict[str, Floats] = {}

    def add_state(self, row: Ints, standing: FilterState) -> None:
        beliefs = standing.beliefs
        rated = beliefs.ratings > 0
        for name in ("level", "slope", "var_level", "level_slope", "var_slope", "weeks"):
            # Before the first rating there is only the programme's level, not the relationship's own.
            getattr(self, name)[row] = np.where(rated, getattr(beliefs, name), np.nan)
        self.is_open[row] = standing.episode.open
        self.p_rupture[row] = beliefs.p_rupture

    def add_update(self, row: Ints, step: Update, state: NDArray[np.int8], low: Bools) -> None:
        self.expected[row], self.surprise[row] = step.expected, step.surprise
        self.predicted[row], self.predicted_sd[row] = step.predicted, step.predicted_sd
        self.state[row], self.low_start[row] = state, low
        for bit, name in enumerate(CHANNELS):
            if name in step.said:
                self.also[row] |= (step.said[name] >= WORTH_NAMING).astype(np.int8) << bit
        self.strongest[row] = _strongest(step)

    def add_channels(self, row: Ints, step: Update) -> None:
        for name, ratio in step.said.items():
            self.said.setdefault(name, np.zeros(self.n))[row] = ratio

    def track(self, last: FilterState) -> Track:
        return Track(
            self.level, self.var_level, self.p_rupture, self.expected, self.predicted, self.predicted_sd,
            self.surprise, self.state, self.low_start, self.also, self.strongest, self.said, last,
        )  # fmt: skip


def _strongest(step: Update) -> NDArray[np.int8]:
    """Which channel has the largest log likelihood ratio of rupture; the rating where none speaks for one."""
    names = [name for name in EVIDENCE if name in step.said]
    ratios = np.stack([step.said[name] for name in names])
    loudest = np.where(ratios.max(axis=0) > 0, ratios.argmax(axis=0), 0)
    codes: NDArray[np.int8] = np.array([EVIDENCE.index(name) for name in names], dtype=np.int8)[loudest]
    return codes


def observations(panel: Panel, population: Population) -> Observation:
    """Observations of every session on unit scales."""
    came = panel.channels
    return Observation(
        population.to_unit(panel.rating),
        {name: came[name] for name in population.chances if name in came},
        {name: came[name] for name in population.readings if name in came},
    )


def take_rows(observed: Observation, row: Ints) -> Observation:
    """The observations of some sessions."""
    chances = {name: came[row] for name, came in observed.chances.items()}
    return Observation(
        observed.rating[row], chances, {name: came[row] for name, came in observed.readings.items()}
    )


def _carry_through_gaps(builder: _TrackBuilder, panel: Panel, values: Population) -> None:
    """Fill sessions without any observation: the level as expected by then, and an episode still open."""
    gap, source = _gaps(panel)
    sessions = (panel.session[gap] - panel.session[source]).astype(np.float64)
    dated = (panel.day[gap] != NO_DAY) & (panel.day[source] != NO_DAY)
    weeks = np.where(dated, (panel.day[gap] - panel.day[source]) / WEEK, sessions)
    weeks = np.maximum(weeks, 0.0)
    g = np.log1p(builder.weeks[source] + weeks) - np.log1p(builder.weeks[source])
    drift = values.sd_drift**2 * weeks
    growth = g * (2 * builder.level_slope[source] + g * builder.var_slope[source])
    builder.level[gap] = builder.level[source] + g * builder.slope[source]
    builder.var_level[gap] = builder.var_level[source] + growth + drift
    builder.state[gap[builder.is_open[source]]] = STATES.index(State.RUPTURE)


def _gaps(panel: Panel) -> tuple[Ints, Ints]:
    """Rows without any observation after rows with one, and for each the row of the last observed."""
    observed = panel.seen
    if not len(observed):
        return np.empty(0, np.int64), np.empty(0, np.int64)
    last = np.maximum.accumulate(np.where(observed, np.arange(len(observed)), -1))
    gap = np.flatnonzero(~observed & (last >= 0))
    inside = panel.relationship[last[gap]] == panel.relationship[gap]
    return gap[inside], last[gap[inside]]
