"""The obvious slow version of the tracker: one relationship, one session at a time, in plain Python floats.

Written from the formulas, apart from the arrays, so that the two can disagree.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from accord.science.population import Population

ONSET, LENGTH, DEPTH, BAND = 0.05, 2.5, 1.5, 1.2815515655446004


@dataclass
class SlowFinding:
    session: int
    level: float | None
    low: float | None
    high: float | None
    surprise: float | None
    p_rupture: float | None
    state: str


class SlowTracker:
    """Follows one relationship; call `see` once for every session, in order."""

    def __init__(self, population: Population, line: float) -> None:
        self.values, self.line = population, line
        self.a, self.b = population.mean_level, population.mean_slope
        self.paa, self.pab, self.pbb = population.sd_level**2, 0.0, population.sd_slope**2
        self.p, self.weeks, self.since = 0.0, 0.0, 1
        self.ratings: list[float] = []
        self.open, self.edge = False, 0.0

    def see(self, session: int, rating: float | None, weeks: float = 1.0) -> SlowFinding:
        """`weeks` since the last session with a rating."""
        if rating is None:
            return self._unrated(session, weeks)
        unit = self._unit(rating)
        weeks = weeks if self.ratings else 0.0
        level, paa, pab = self._ahead(weeks)
        p = self._regime_ahead()
        s = paa + self.values.sd_within**2
        d = DEPTH * self.values.sd_within
        v = unit - level
        calm, low = _density(v, s), _density(v + d, s)
        if not self.ratings:  # nothing to fall from yet
            low = calm
        surprise = math.log(low / calm)
        post = p * low / (p * low + (1 - p) * calm)
        edge = level - BAND * math.sqrt(s)
        self._learn(level, paa, pab, s, v, d, post)
        self.weeks, self.p, self.since = self.weeks + weeks, post, 1
        self.ratings.append(unit)
        state = self._state(surprise, edge)
        return self._told(session, self.a, self.paa, surprise, post, state)

    def _ahead(self, weeks: float) -> tuple[float, float, float]:
        g = math.log(1 + self.weeks + weeks) - math.log(1 + self.weeks)
        level = self.a + g * self.b
        paa = self.paa + 2 * g * self.pab + g * g * self.pbb + self.values.sd_drift**2 * weeks
        return level, paa, self.pab + g * self.pbb

    def _regime_ahead(self) -> float:
        p = self.p
        for _ in range(self.since):
            p = p * (1 - 1 / LENGTH) + (1 - p) * ONSET
        return p

    def _learn(self, level: float, paa: float, pab: float, s: float, v: float, d: float, p: float) -> None:
        """Mix the two regimes' Kalman updates and match the first two moments."""
        ka, kb = paa / s, pab / s
        means = [(level + ka * w, self.b + kb * w) for w in (v, v + d)]
        weights = (1 - p, p)
        a = sum(w * m[0] for w, m in zip(weights, means, strict=True))
        b = sum(w * m[1] for w, m in zip(weights, means, strict=True))

        def spread(i: int, j: int) -> float:
            centre = (a, b)
            return sum(
                w * (m[i] - centre[i]) * (m[j] - centre[j]) for w, m in zip(weights, means, strict=True)
            )

        self.paa = paa - ka * paa + spread(0, 0)
        self.pab = pab - ka * pab + spread(0, 1)
        self.pbb = self.pbb - kb * pab + spread(1, 1)
        self.a, self.b = a, b

    def _state(self, surprise: float, edge: float) -> str:
        was_open = self.open
        if not was_open and surprise > self.line:
            self.open, self.edge = True, edge
        elif was_open and self.p < 0.5 and self.a >= self.edge:
            self.open = False
            return "back"
        if self.open:
            return "rupture"
        if len(self.ratings) < 3:
            return "too_early"
        if all(r >= 1 for r in self.ratings) or all(r <= 0 for r in self.ratings):
            return "cannot_say"
        return "strain" if self.p >= 0.5 else "steady"

    def _unrated(self, session: int, weeks: float) -> SlowFinding:
        self.since += 1 if self.ratings else 0
        state = "rupture" if self.open else "no_rating"
        if not self.ratings:
            return SlowFinding(session, None, None, None, None, None, state)
        level, paa, _ = self._ahead(weeks)
        return self._told(session, level, paa, None, None, state)

    def _told(
        self, session: int, level: float, var: float, surprise: float | None, p: float | None, state: str
    ) -> SlowFinding:
        edges = [self._score(level + k * math.sqrt(var)) for k in (0.0, -BAND, BAND)]
        low, high = sorted(edges[1:])
        return SlowFinding(session, edges[0], low, high, surprise, p, state)

    def _unit(self, score: float) -> float:
        share = (score - self.values.low) / (self.values.high - self.values.low)
        return 1 - share if self.values.lower_is_better else share

    def _score(self, unit: float) -> float:
        share = min(max(unit, 0.0), 1.0)
        share = 1 - share if self.values.lower_is_better else share
        return self.values.low + share * (self.values.high - self.values.low)


def _density(v: float, s: float) -> float:
    return math.exp(-0.5 * v * v / s) / math.sqrt(2 * math.pi * s)
