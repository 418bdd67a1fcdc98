"""The obvious slow version of the tracker: one relationship, one session at a time, in plain Python floats.

Written from the formulas with small matrices, apart from the arrays, so that the two can disagree.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from accord.science.tracker.population import Population
from accord.science.tracker.update import strongest

DEPTHS = (0.0, 2 / 3, 1.0, 4 / 3)
OUTLIER, BAND = 3.0, 1.2815515655446004
NEVER = 1e-12
H = (1.0, 0.0, 1.0)  # a rating is level plus state

Matrix = list[list[float]]


@dataclass
class SlowFinding:
    session: int
    level: float | None
    low: float | None
    high: float | None
    surprise: float | None
    p_rupture: float | None
    state: str


@dataclass
class Part:
    """One mode with one width of noise: its likelihood and the moments of the distance from the level."""

    mode: int
    log: float
    first: float
    second: float
    spread: float


class SlowTracker:
    """Follows one relationship; call `see` once for every session, in order."""

    def __init__(self, population: Population, line: float, *, clipped: bool = True) -> None:
        self.values, self.line, self.clipped = population, line, clipped
        self.log_likelihood = self.predicted = self.predicted_sd = 0.0
        state = population.sd_within**2 * population.state_share
        self.x = [population.mean_level, population.mean_slope, 0.0]
        self.cov: Matrix = [[population.sd_level**2, 0, 0], [0, population.sd_slope**2, 0], [0, 0, state]]
        self.modes = [1.0, 0.0, 0.0, 0.0]
        self.weeks = 0.0
        self.since, self.waited, self.begun = 1, 0.0, False
        self.own = {k: [r.mean, r.sd_level**2, 0.0] for k, r in population.readings.items()}
        self.ratings: list[float] = []
        self.open, self.edge = False, 0.0

    def see(
        self, session: int, rating: float | None, channels: Mapping[str, float] | None = None
    ) -> SlowFinding:
        """One week after the session before; None: no rating. No rating and no channel: nothing is known."""
        channels = channels or {}
        self.waited += 1.0 if self.begun else 0.0
        if rating is None and not channels:
            return self._unknown(session)
        self._predict()
        self.predicted = self.x[0] + self.x[2]
        self.predicted_sd = self._predicted_sd()
        parts = self._rating_parts(rating) if rating is not None else []
        of_rating = self._by_mode(parts)
        totals = list(of_rating)
        readings = {k: self._reading_parts(k, channels[k]) for k in self.values.readings if k in channels}
        for k, said in channels.items():
            logs = self._by_mode(readings[k]) if k in readings else self._chance(k, said)
            totals = [a + b for a, b in zip(totals, logs, strict=True)]
        surprise = self._surprise(totals)
        self.log_likelihood += _log_sum([math.log(p) + t for p, t in zip(self.modes, totals, strict=True)])
        weights = [p * math.exp(t - max(totals)) for p, t in zip(self.modes, totals, strict=True)]
        modes = [w / sum(weights) for w in weights]
        edge = self.x[0] - BAND * math.sqrt(self.cov[0][0] + self.values.sd_within**2)
        if rating is not None:
            self._learn(parts, of_rating, modes)
            self.ratings.append(self._unit(rating))
        for k, reading in readings.items():
            self._learn_reading(k, reading, modes)
        self.modes = modes
        self.since, self.waited, self.begun = 1, 0.0, True
        state = self._state(surprise, edge, rating is not None)
        return self._told(session, self.x[0], self.cov[0][0], surprise, 1 - modes[0], state)

    def _predict(self) -> None:
        """x' = F x, P' = F P F' + Q, and the chain one session at a time."""
        v, w = self.values, self.waited
        g = math.log(1 + self.weeks + w) - math.log(1 + self.weeks)
        left = v.ar**w
        f = [[1.0, g, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, left]]
        self.x = [sum(f[i][j] * self.x[j] for j in range(3)) for i in range(3)]
        self.cov = _times(_times(f, self.cov), [list(row) for row in zip(*f, strict=True)])
        self.cov[0][0] += v.sd_drift**2 * w
        self.cov[2][2] += v.sd_within**2 * v.state_share * (1 - left**2)
        for _ in range(self.since):
            calm, *deep = self.modes
            self.modes = [calm * (1 - v.onset) + sum(deep) * v.exit]
            self.modes += [d * (1 - v.exit) + calm * v.onset / 3 for d in deep]
        self.weeks += w

    def _predicted_sd(self) -> float:
        """Of a calm rating: the level's and state's uncertainty and the noise, narrow or wide."""
        v = self.values
        noise = v.sd_within**2 * (1 - v.state_share)
        mixed = (1 - v.outliers) * noise + v.outliers * noise * OUTLIER**2
        return math.sqrt(self.cov[0][0] + 2 * self.cov[0][2] + self.cov[2][2] + mixed)

    def _rating_parts(self, rating: float) -> list[Part]:
        v = self.values
        centre = self.x[0] + self.x[2]
        around = self.cov[0][0] + 2 * self.cov[0][2] + self.cov[2][2]
        noise = v.sd_within**2 * (1 - v.state_share)
        value = self._unit(rating)
        if self.ratings and self.clipped:
            low, high = strongest(v.outliers, v.state_share, v.depth)
            sd = math.sqrt(around + noise)
            value = min(max(value, centre + low * sd), centre + high * sd)
        below = [d * v.depth * v.sd_within if self.ratings else 0.0 for d in DEPTHS]
        return [
            _part(m, value, centre, below[m], around + noise * wide**2, share, v.grain)
            for m in range(4)
            for wide, share in ((1.0, 1 - v.outliers), (OUTLIER, v.outliers))
        ]

    def _reading_parts(self, name: str, value: float) -> list[Part]:
        r = self.values.readings[name]
        level, var, count = self.own[name]
        below = [-r.shift * d if count else 0.0 for d in DEPTHS]
        return [_part(m, value, level, below[m], var + r.sd_noise**2, 1.0, r.grain) for m in range(4)]

    def _chance(self, name: str, came: float) -> list[float]:
        chance = self.values.chances[name]
        p = [chance.calm] + [chance.rupture] * 3
        return [math.log(one if came > 0.5 else 1 - one) for one in p]

    def _by_mode(self, parts: list[Part]) -> list[float]:
        if not parts:
            return [0.0] * 4
        return [_log_sum([part.log for part in parts if part.mode == m]) for m in range(4)]

    def _surprise(self, totals: list[float]) -> float:
        deep = [p + NEVER for p in self.modes[1:]]
        rupture = _log_sum([math.log(p) + t for p, t in zip(deep, totals[1:], strict=True)])
        return rupture - math.log(sum(deep)) - totals[0]

    def _moves(self, parts: list[Part], logs: list[float], modes: list[float]) -> tuple[float, float]:
        weight = [modes[p.mode] * math.exp(p.log - logs[p.mode]) for p in parts]
        far = sum(w * p.first / p.spread for w, p in zip(weight, parts, strict=True))
        second = sum(w * p.second / p.spread**2 for w, p in zip(weight, parts, strict=True))
        return far, sum(w / p.spread for w, p in zip(weight, parts, strict=True)) - second + far**2

    def _learn(self, parts: list[Part], logs: list[float], modes: list[float]) -> None:
        far, sure = self._moves(parts, logs, modes)
        h = [sum(self.cov[i][j] * H[j] for j in range(3)) for i in range(3)]
        self.x = [x + hi * far for x, hi in zip(self.x, h, strict=True)]
        self.cov = [[self.cov[i][j] - h[i] * h[j] * sure for j in range(3)] for i in range(3)]

    def _learn_reading(self, name: str, parts: list[Part], modes: list[float]) -> None:
        far, sure = self._moves(parts, self._by_mode(parts), modes)
        level, var, count = self.own[name]
        self.own[name] = [level + var * far, var - var**2 * sure, count + 1]

    def _state(self, surprise: float, edge: float, rated: bool) -> str:
        was_open, p = self.open, 1 - self.modes[0]
        if not was_open and surprise > self.line:
            self.open, self.edge = True, self._usual_low(edge, rated)
        elif was_open and rated and p < 0.2 and self.ratings[-1] >= self.edge - 1e-9:
            self.open = False
            return "back"
        if self.open:
            return "rupture"
        if not rated:
            return "no_rating"
        if len(self.ratings) < 3:
            return "too_early"
        if all(r >= 1 for r in self.ratings) or all(r <= 0 for r in self.ratings):
            return "cannot_say"
        return "strain" if p >= 0.5 else "steady"

    def _usual_low(self, edge: float, rated: bool) -> float:
        """The tenth percentile of the last 20 ratings before this session, as Weibull places it."""
        last = sorted((self.ratings[:-1] if rated else self.ratings)[-20:])
        place = 0.1 * (len(last) + 1)
        below = math.floor(place)
        if len(last) < 5:
            return edge
        if below < 1:
            return last[0]
        return last[below - 1] + (place - below) * (last[below] - last[below - 1])

    def _unknown(self, session: int) -> SlowFinding:
        self.since += 1 if self.begun else 0
        state = "rupture" if self.open else "no_rating"
        g = math.log(1 + self.weeks + self.waited) - math.log(1 + self.weeks)
        var = self.cov[0][0] + 2 * g * self.cov[0][1] + g * g * self.cov[1][1]
        var += self.values.sd_drift**2 * self.waited
        return self._told(session, self.x[0] + g * self.x[1], var, None, None, state)

    def _told(
        self, session: int, level: float, var: float, surprise: float | None, p: float | None, state: str
    ) -> SlowFinding:
        if not self.ratings:
            return SlowFinding(session, None, None, None, surprise, p, state)
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


def _part(
    mode: int, value: float, centre: float, below: float, spread: float, share: float, grain: float
) -> Part:
    sd, prior = math.sqrt(spread), math.log(share)
    if value >= 1 - 1e-9:
        return _tail(mode, (1 - grain / 2 - centre + below) / sd, sd, prior, 1.0)
    if value <= 1e-9:
        return _tail(mode, -(grain / 2 - centre + below) / sd, sd, prior, -1.0)
    gap = value - centre + below
    log = -0.5 * (gap**2 / spread + math.log(2 * math.pi * spread)) + prior
    return Part(mode, log, gap, gap**2, spread)


def _tail(mode: int, z: float, sd: float, prior: float, side: float) -> Part:
    z = min(max(z, -30.0), 30.0)
    chance = 0.5 * math.erfc(z / math.sqrt(2))
    hazard = math.exp(-0.5 * z * z) / math.sqrt(2 * math.pi) / chance
    return Part(mode, math.log(chance) + prior, side * sd * hazard, sd**2 * (1 + z * hazard), sd**2)


def _log_sum(logs: list[float]) -> float:
    return max(logs) + math.log(sum(math.exp(one - max(logs)) for one in logs))


def _times(a: Matrix, b: Matrix) -> Matrix:
    return [[sum(a[i][k] * b[k][j] for k in range(3)) for j in range(3)] for i in range(3)]
