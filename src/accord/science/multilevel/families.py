"""What one outcome says at a linear predictor: log density, and its derivatives as the Laplace method needs.

Every family gives, for outcomes y (n,) at eta (n,) and its own free numbers phi, a `Pointwise`: the log
density, its first derivative, minus its second, and the derivative of that; and for each number in phi how
log density, score and weight move with it. The free numbers are chosen so that the limit (Poisson) lies
inside the space.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.special import digamma, expit, gammaln

Floats = NDArray[np.float64]

HIGHEST = 700.0  # of an exponent, before it overflows
LONGEST_TABLE = 200_000  # counts up to which log gamma differences are summed up, which keeps all digits
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


class Family(Protocol):
    """`numbers`: names of the free numbers beside the linear predictor; `start`: where a search begins.

    `at` leaves out the part of the log density that only the outcomes decide (`constant` is its sum), and
    without `whole` all that a search for the random coefficients' mode does not need.
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
    return "" if y.any() else "at least one count above 0 (all are 0, so no rate can be told)"


def _not_yes_no(y: Floats) -> str:
    if not np.isin(y, (0.0, 1.0)).all():
        return "0 or 1 in every row"
    return "" if 0 < y.mean() < 1 else f"both 0 and 1 (all are {y[0]:g}, so no chance can be told)"


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
        small = np.exp(-np.abs(eta))
        rest = small / (1 + small)  # chance of the less likely answer
        p = np.where(eta >= 0, 1 - rest, rest)
        weight = rest * (1 - rest)
        log_density = y * eta - np.maximum(eta, 0.0) - np.log1p(small)
        return Pointwise(log_density, y - p, weight, weight * (1 - 2 * p) if whole else NONE)

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
        return Pointwise(y * eta - mean, y - mean, mean, mean)

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
        log1 = np.log1p(x)
        log_density = _rising(y, alpha) + y * eta - (y + 1 / alpha) * log1
        score = (y - mean) * one
        weight = mean * (1 + alpha * y) * one * one
        if not whole:
            return Pointwise(log_density, score, weight)
        by_alpha = (
            _rising_slope(y, alpha) - y * mean * one + mean**2 * _curve(x, log1),
            -score * mean * one,
            mean * (y - 2 * mean - x * y) * one**3,
        )
        by = ByNumber(*(2 * root * part for part in by_alpha))
        return Pointwise(log_density, score, weight, weight * (1 - x) * one, (by,))

    def dispersion(self, phi: Floats) -> float | None:
        return 1 / max(float(phi[0]) ** 2, SMALLEST_ALPHA)

    def draw(self, eta: Floats, phi: Floats, rng: np.random.Generator) -> Floats:
        alpha = max(float(phi[0]) ** 2, SMALLEST_ALPHA)
        rate = self.mean(eta, phi) * rng.gamma(1 / alpha, alpha, len(eta))
        return rng.poisson(rate).astype(np.float64)


def _rising(y: Floats, alpha: float) -> Floats:
    """log of (1/alpha)_y alpha^y = sum over j < y of log(1 + alpha j)."""
    if y.max(initial=0.0) > LONGEST_TABLE:
        large: Floats = gammaln(y + 1 / alpha) - gammaln(1 / alpha) + y * np.log(alpha)
        return large
    table = np.cumsum(np.log1p(alpha * np.arange(y.max(initial=0.0))))
    return np.concatenate([[0.0], table])[y.astype(np.int64)]


def _rising_slope(y: Floats, alpha: float) -> Floats:
    """Its derivative by alpha."""
    if y.max(initial=0.0) > LONGEST_TABLE:
        large: Floats = y / alpha - (digamma(y + 1 / alpha) - digamma(1 / alpha)) / alpha**2
        return large
    j = np.arange(y.max(initial=0.0))
    return np.concatenate([[0.0], np.cumsum(j / (1 + alpha * j))])[y.astype(np.int64)]


def _curve(x: Floats, log1: Floats) -> Floats:
    """(log(1 + x) - x/(1 + x)) / x^2, by its series where the difference would lose its digits."""
    small = x < 1e-2
    series = 1 / 2 + x * (-2 / 3 + x * (3 / 4 + x * (-4 / 5 + x * (5 / 6 - x * 6 / 7))))
    safe = np.where(small, 1.0, x)
    return np.where(small, series, (log1 - safe / (1 + safe)) / safe**2)


BERNOULLI, CLOGLOG, POISSON, NEGATIVE_BINOMIAL = Bernoulli(), Cloglog(), Poisson(), NegativeBinomial()
