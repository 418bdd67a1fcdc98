"""The alarm threshold: courses are simulated from the fitted values and run through the same filter.

The simulated courses have ruptures, as real ones do: what a calm session looks like depends on the ruptures
before it. Only the surprises of calm sessions draw the line.
"""

from __future__ import annotations

import math

import numpy as np

from accord.arrays import Floats, Ints
from accord.science.tracker.channels import ATTENDANCE, FORM
from accord.science.tracker.panel import Panel, Round, Rounds, in_rounds
from accord.science.tracker.population import Chance, Population, Reading
from accord.science.tracker.predict import begin, predict, state_variance
from accord.science.tracker.regime import DEPTHS, drawn_after
from accord.science.tracker.update import OUTLIER, Observation, update

SESSIONS = 200_000  # simulated: 3 % then has a Monte Carlo error of .04 %
LONGEST = 60
WEEKLY = 40  # sessions of a simulated course where there are no real ones to copy


def draw_line(values: Population, panel: Panel | None = None, seed: int = 0) -> Population:
    """The values with their line, from courses with the spacing and channels of `panel`, else weekly ones."""
    rng = np.random.default_rng(np.random.SeedSequence([seed, 7]))
    rounds, came = _weekly(), Observation(np.zeros(WEEKLY), {}, {})
    if panel is not None and panel.seen.any():
        rounds = in_rounds(panel)
        came = Observation(
            panel.rating,
            {name: panel.channels[name] for name in values.chances if name in panel.channels},
            {name: panel.channels[name] for name in values.readings if name in panel.channels},
        )
    return values.with_line(_Courses(values, _repeated(rounds), came, rng).calm_surprises())


def _weekly() -> Rounds:
    first = Round(np.zeros(1, dtype=np.int64), np.zeros(1), np.ones(1))
    later = [Round(np.full(1, k), np.ones(1), np.ones(1)) for k in range(1, WEEKLY)]
    return Rounds(1, (first, *later))


def _repeated(rounds: Rounds) -> Rounds:
    """Each course as often as it takes to simulate SESSIONS sessions, spaced as it is."""
    kept = rounds.rounds[:LONGEST]
    times = math.ceil(SESSIONS / sum(len(round_.row) for round_ in kept))
    copies = tuple(
        Round(np.repeat(row, times), np.repeat(weeks, times), np.repeat(sessions, times))
        for row, weeks, sessions in kept
    )
    return Rounds(rounds.n * times, copies)


class _Courses:
    """Simulated courses, session by session, in which the same observations come as in the real ones."""

    def __init__(
        self, values: Population, rounds: Rounds, came: Observation, rng: np.random.Generator
    ) -> None:
        n = rounds.n
        self.values, self.rounds, self.came, self.rng = values, rounds, came, rng
        self.level = rng.normal(values.mean_level, values.sd_level, n)
        self.slope = rng.normal(values.mean_slope, values.sd_slope, n)
        self.state = rng.normal(0.0, math.sqrt(state_variance(values)), n)
        self.own = {
            name: rng.normal(reading.mean, reading.sd_level, n) for name, reading in values.readings.items()
        }
        self.mode = np.zeros(n, dtype=np.int64)

    def calm_surprises(self) -> Floats:
        beliefs, surprises = begin(self.values, self.rounds.n), []
        for k, round_ in enumerate(self.rounds):
            prior = predict(beliefs.first(len(round_.row)), round_.weeks, round_.sessions, self.values)
            seen = self._session(
                round_, np.log1p(prior.weeks) - np.log1p(beliefs.weeks[: len(round_.row)]), k > 0
            )
            beliefs, step = update(prior, seen, self.values)
            surprises.append(step.surprise[self.mode == 0])
        return np.concatenate(surprises)

    def _session(self, round_: Round, growth: Floats, may_begin: bool) -> Observation:
        m, rng, values = len(round_.row), self.rng, self.values
        drift = values.sd_drift * np.sqrt(round_.weeks) * rng.standard_normal(m)
        self.slope, self.level = self.slope[:m], self.level[:m] + growth * self.slope[:m] + drift
        left = values.ar**round_.weeks
        passing = np.sqrt((1 - left**2) * state_variance(values)) * rng.standard_normal(m)
        self.state = left * self.state[:m] + passing
        self.mode = self.mode[:m]
        if may_begin:
            self.mode = drawn_after(self.mode, round_.sessions, values, rng)
        below = DEPTHS[self.mode] * values.depth * values.sd_within
        rating = _on_scale(self.level + self.state - below + self._noise(m), values.grain)
        chances = {k: self._chance(values.chances[k], m) for k in self.came.chances}
        readings = {k: self._reading(values.readings[k], self.own[k][:m]) for k in self.came.readings}
        return self._as_came(rating, chances, readings, round_.row)

    def _noise(self, m: int) -> Floats:
        sd = math.sqrt(self.values.sd_within**2 - state_variance(self.values))
        wide = np.where(self.rng.random(m) < self.values.outliers, OUTLIER, 1.0)
        return sd * wide * self.rng.standard_normal(m)

    def _chance(self, chance: Chance, m: int) -> Floats:
        return (self.rng.random(m) < np.where(self.mode > 0, chance.rupture, chance.calm)).astype(np.float64)

    def _reading(self, values: Reading, own: Floats) -> Floats:
        shifted = own + values.shift * DEPTHS[self.mode]
        return _on_scale(shifted + values.sd_noise * self.rng.standard_normal(len(own)), values.grain)

    def _as_came(
        self, rating: Floats, chances: dict[str, Floats], readings: dict[str, Floats], row: Ints
    ) -> Observation:
        """Keep what came in the real course, except for contacts missed in either course."""
        real, none = self.came, np.zeros(len(row), dtype=bool)
        missed_there, missed_here = none, none
        if ATTENDANCE in chances:
            missed_there = real.chances[ATTENDANCE][row] == 0
            missed_here = (chances[ATTENDANCE] == 0) & ~np.isnan(real.chances[ATTENDANCE][row])

        def kept(value: Floats, there: Floats) -> Floats:
            return np.where(missed_here | (np.isnan(there[row]) & ~missed_there), np.nan, value)

        rated = kept(rating, real.rating)
        seen = {k: kept(value, real.chances[k]) for k, value in chances.items() if k != ATTENDANCE}
        if FORM in seen:
            # Where a form was asked for, whether it is filled is simulated anew, and the rating follows.
            asked = ~np.isnan(seen[FORM])
            rated = np.where(asked, np.where(seen[FORM] > 0.5, np.nan, rating), rated)
        if ATTENDANCE in chances:
            seen[ATTENDANCE] = np.where(np.isnan(real.chances[ATTENDANCE][row]), np.nan, chances[ATTENDANCE])
        return Observation(rated, seen, {k: kept(value, real.readings[k]) for k, value in readings.items()})


def _on_scale(value: Floats, grain: float) -> Floats:
    stepped = np.round(value / grain) * grain if grain else value
    return np.clip(stepped, 0.0, 1.0)
