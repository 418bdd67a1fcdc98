"""Log density of one outcome at a linear predictor, with the derivatives that the Laplace method needs.

Every family gives, for outcomes y (n,) at eta (n,) and its own free numbers phi, a `Pointwise`: the log
density, its first derivative, minus its second, and the derivative of that; and for each number in phi how
log density, score and weight move with it. The free numbers are chosen so that the limit (Poisson) lies
inside the space.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from scipy.special import digamma, expit, gammaln

from accord.arrays import Counts, Floats

HIGHEST = 700.0  # of an exponent, before it overflows
LONGEST_TABLE = 200_000  # counts up to which log gamma differences are summed up, which keeps all digits
SERIES = 1e-2  # below which a difference of two nearly equal terms is taken by its series
SMALLEST_ALPHA = 1e-10  # of 1/theta: indistinguishable from Poisson, and still divides


class ByNumber(NamedTuple):
    """Derivatives by one of the family's free numbers, each (n,)."""

    log_density: Floats
    score: Floats
    weight: Floats


NONE: Floats = np.empty(0)


class Pointwise(NamedTuple):
    """At each outcome: log density, score, weight (minus the second derivative), and the weight's slope."""

    log_density: Floats
    score: Floats
    weight: Floats
    weight_slope: Floats = NONE
    by: tuple[ByNumber, ...] = ()


ROWS = 8192  # at a time: what is worked out on the way to a result then stays near the processor


def whole(family: Family, y: Floats, eta: Floats, phi: Floats) -> Pointwise:
    """The `Pointwise` of all rows, computed some rows at a time."""
    if len(y) <= ROWS:
        return family.at(y, eta, phi)
    starts = range(0, len(y), ROWS)
    parts = [family.at(y[k : k + ROWS], eta[k : k + ROWS], phi) for k in starts]
    density, score, weight, slope = (
        np.concatenate(pieces) for pieces in zip(*(part[:4] for part in parts), strict=True)
    )
    by = [
        ByNumber(*(np.concatenate(pieces) for pieces in zip(*number, strict=True)))
        for number in zip(*(part.by for part in parts), strict=True)
    ]
    return Pointwise(density, score, weight, slope, tuple(by))


class Family(Protocol):
    """`numbers`: names of the free numbers beside the linear predictor; `start`: where a search begins.

    `at` leaves out the part of the log density that only the outcomes decide (`constant` is its sum), and
    without `whole` everything but score and weight.
    """

    @property
    def name(self) -> str: ...
    @property
    def numbers(self) -> tuple[str, ...]: ...
    @property
    def start(self) -> tuple[float, ...]: ...
    def refusal(self, y: Floats) -> str: ...
    def constant(self, y: Floats) -> float: ...
    def at(self, y: Floats, eta: Floats, phi: Floats, *, whole: bool = True) -> Pointwise: ...
    def mean(self, eta: Floats, phi: Floats) -> Floats: ...
    def link(self, mean: Floats) -> Floats: ...
    def dispersion(self, phi: Floats) -> float | None: ...
    def draw(self, eta: Floats, phi: Floats, rng: np.random.Generator) -> Floats: ...


def _capped(eta: Floats) -> Floats:
    capped: Floats = np.exp(np.minimum(eta, HIGHEST / 10))
    return capped


def _not_counts(y: Floats) -> str:
    if (y < 0).any() or (y != np.floor(y)).any():
        return "whole numbers of 0 or more"
    return "" if y.any() else "at least one count above 0 (all are 0, so no rate can be estimated)"


def _not_yes_no(y: Floats) -> str:
    if not ((y == 0) | (y == 1)).all():
        return "0 or 1 in every row"
    return "" if 0 < y.mean() < 1 else f"both 0 and 1 (all are {y[0]:g}, so no chance can be estimated)"


@dataclass(frozen=True, slots=True)
class Bernoulli:
    """Yes or no, logit link."""

    name: str = "bernoulli"
    numbers: tuple[str, ...] = ()
    start: tuple[float, ...] = ()

    def refusal(self, y: Floats) -> str:
        return _not_yes_no(y)

    def constant(self, y: Floats) -> float:
        return 0.0

    def at(self, y: Floats, eta: Floats, phi: Floats, *, whole: bool = True) -> Pointwise:
        odds = np.exp(np.minimum(-eta, HIGHEST))  # of no
        p = 1 / (1 + odds)
        no = odds * p
        weight = p * no
        if not whole:
            return Pointwise(NONE, y - p, weight)
        return Pointwise((y - 1) * eta - np.log1p(odds), y - p, weight, weight * (no - p))

    def mean(self, eta: Floats, phi: Floats) -> Floats:
        chance: Floats = expit(eta)
        return chance

    def link(self, mean: Floats) -> Floats:
        odds: Floats = np.log(mean) - np.log1p(-mean)
        return odds

    def dispersion(self, phi: Floats) -> float | None:
        return None

    def draw(self, eta: Floats, phi: Floats, rng: np.random.Generator) -> Floats:
        return (rng.random(len(eta)) < self.mean(eta, phi)).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Cloglog(Bernoulli):
    """Yes or no, complementary log-log link: a hazard in continuous time, seen in intervals."""

    name: str = "cloglog"

    def at(self, y: Floats, eta: Floats, phi: Floats, *, whole: bool = True) -> Pointwise:
        hazard = _capped(eta)
        no = -np.expm1(-hazard)  # chance of an event
        # For an event: score s = hazard/(e^hazard - 1) and g = hazard/(1 - e^-hazard); ds/deta = -s (g - 1).
        g = np.where(hazard < 1e-8, 1 + hazard / 2, hazard / np.maximum(no, 1e-300))
        score = g * np.exp(-hazard)
        event = y == 1
        with np.errstate(divide="ignore"):
            log_density = np.where(event, np.log(no), -hazard)
        slope = score * (g * (1 - score) - (g - 1) ** 2)
        return Pointwise(
            log_density,
            np.where(event, score, -hazard),
            np.where(event, score * (g - 1), hazard),
            np.where(event, slope, hazard),
        )

    def mean(self, eta: Floats, phi: Floats) -> Floats:
        chance: Floats = -np.expm1(-_capped(eta))
        return chance

    def link(self, mean: Floats) -> Floats:
        log_hazard: Floats = np.log(-np.log1p(-mean))
        return log_hazard


@dataclass(frozen=True, slots=True)
class Poisson:
    """Counts, log link."""

    name: str = "poisson"
    numbers: tuple[str, ...] = ()
    start: tuple[float, ...] = ()

    def refusal(self, y: Floats) -> str:
        return _not_counts(y)

    def constant(self, y: Floats) -> float:
        return -float(gammaln(y + 1).sum())

    def at(self, y: Floats, eta: Floats, phi: Floats, *, whole: bool = True) -> Pointwise:
        mean = _capped(eta)
        return Pointwise(y * eta - mean if whole else NONE, y - mean, mean, mean)

    def mean(self, eta: Floats, phi: Floats) -> Floats:
        return _capped(eta)

    def link(self, mean: Floats) -> Floats:
        log_rate: Floats = np.log(mean)
        return log_rate

    def dispersion(self, phi: Floats) -> float | None:
        return None

    def draw(self, eta: Floats, phi: Floats, rng: np.random.Generator) -> Floats:
        return rng.poisson(self.mean(eta, phi)).astype(np.float64)


@dataclass(frozen=True, slots=True)
class NegativeBinomial(Poisson):
    """Counts with variance mean + mean^2/theta, log link. The free number is the root of 1/theta.

    At theta = infinity (Poisson) the root is 0 and the likelihood level there, so nothing runs away.
    """

    name: str = "negative-binomial"
    numbers: tuple[str, ...] = ("root of 1/theta",)
    start: tuple[float, ...] = (0.8,)

    def at(self, y: Floats, eta: Floats, phi: Floats, *, whole: bool = True) -> Pointwise:
        root = float(phi[0])
        alpha = max(root * root, SMALLEST_ALPHA)
        mean = _capped(eta)
        x = alpha * mean
        one = 1 / (1 + x)
        shrunk, own = mean * one, y * one
        score = own - shrunk
        weight = shrunk * (1 + alpha * score)  # mean (1 + alpha y)/(1 + x)^2
        if not whole:
            return Pointwise(NONE, score, weight)
        log1, counts = np.log1p(x), y.astype(np.intp)
        log_density = _rising(counts, alpha) + y * (eta - log1) - log1 / alpha
        twice = 2 * root * shrunk
        by = ByNumber(
            2 * root * (_rising_slope(counts, alpha) + _curve(mean, x, log1)) - y * twice,
            -score * twice,
            twice * (own - 2 * weight),
        )
        return Pointwise(log_density, score, weight, weight * (2 * one - 1), (by,))

    def dispersion(self, phi: Floats) -> float | None:
        return 1 / max(float(phi[0]) ** 2, SMALLEST_ALPHA)

    def draw(self, eta: Floats, phi: Floats, rng: np.random.Generator) -> Floats:
        alpha = max(float(phi[0]) ** 2, SMALLEST_ALPHA)
        rate = self.mean(eta, phi) * rng.gamma(1 / alpha, alpha, len(eta))
        return rng.poisson(rate).astype(np.float64)


def _rising(y: Counts, alpha: float) -> Floats:
    """log of (1/alpha)_y alpha^y = sum over j < y of log(1 + alpha j)."""
    highest = int(y.max(initial=0))
    if highest > LONGEST_TABLE:
        large: Floats = gammaln(y + 1 / alpha) - gammaln(1 / alpha) + y * np.log(alpha)
        return large
    table = np.cumsum(np.log1p(alpha * np.arange(highest)))
    return np.concatenate([[0.0], table])[y]


def _rising_slope(y: Counts, alpha: float) -> Floats:
    """Its derivative by alpha."""
    highest = int(y.max(initial=0))
    if highest > LONGEST_TABLE:
        large: Floats = y / alpha - (digamma(y + 1 / alpha) - digamma(1 / alpha)) / alpha**2
        return large
    j = np.arange(highest)
    return np.concatenate([[0.0], np.cumsum(j / (1 + alpha * j))])[y]


def _curve(mean: Floats, x: Floats, log1: Floats) -> Floats:
    """mean^2 (log(1 + x) - x/(1 + x)) / x^2, by its series where the difference would lose its digits."""
    with np.errstate(divide="ignore", invalid="ignore"):
        result: Floats = (log1 - x / (1 + x)) * (mean / x) ** 2
    small = x < SERIES
    if small.any():
        s = x[small]
        series = 1 / 2 + s * (-2 / 3 + s * (3 / 4 + s * (-4 / 5 + s * (5 / 6 - s * 6 / 7))))
        result[small] = mean[small] ** 2 * series
    return result


BERNOULLI, CLOGLOG, POISSON, NEGATIVE_BINOMIAL = Bernoulli(), Cloglog(), Poisson(), NegativeBinomial()
