"""Count families with a separate part for zeros: zero-inflated, and truncated for hurdle models."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, log_expit

from accord.arrays import Floats
from accord.science.multilevel.families import (
    BERNOULLI,
    CLOGLOG,
    NEGATIVE_BINOMIAL,
    POISSON,
    ByNumber,
    Family,
    Pointwise,
    Poisson,
)


@dataclass(frozen=True, slots=True)
class ZeroInflated:
    """Counts of which a share is 0 whatever the rate (Lambert, 1992).

    The last free number is the logit of that share.
    """

    base: Poisson

    @property
    def name(self) -> str:
        return f"zero-inflated-{self.base.name}"

    @property
    def numbers(self) -> tuple[str, ...]:
        return (*self.base.numbers, "logit of the share of extra zeros")

    @property
    def start(self) -> tuple[float, ...]:
        return (*self.base.start, -1.0)

    def refusal(self, y: Floats) -> str:
        return self.base.refusal(y)

    def constant(self, y: Floats) -> float:
        return self.base.constant(y)

    def at(self, y: Floats, eta: Floats, phi: Floats, *, whole: bool = True) -> Pointwise:
        inner = self.base.at(y, eta, phi[:-1])
        extra = float(phi[-1])
        share, zero = float(expit(extra)), y == 0
        mixed = np.logaddexp(log_expit(extra), log_expit(-extra) + inner.log_density)
        # Probability that a zero came from the counting part; its logit moves with the log density there.
        own = np.where(zero, np.exp(log_expit(-extra) + inner.log_density - mixed), 1.0)
        log_density = np.where(zero, mixed, log_expit(-extra) + inner.log_density)
        by = [_of_zeros(own, inner, part) for part in inner.by]
        both = own * (1 - own)
        by.append(
            ByNumber(
                np.where(zero, (1 - own) - share, -share),
                -both * inner.score,
                -both * inner.weight + (1 - 2 * own) * both * inner.score**2,
            )
        )
        return Pointwise(log_density, own * inner.score, *_weights_of_zeros(own, inner), tuple(by))

    def mean(self, eta: Floats, phi: Floats) -> Floats:
        return float(expit(-phi[-1])) * self.base.mean(eta, phi[:-1])

    def link(self, mean: Floats) -> Floats:
        return self.base.link(mean)

    def dispersion(self, phi: Floats) -> float | None:
        return self.base.dispersion(phi[:-1])

    def draw(self, eta: Floats, phi: Floats, rng: np.random.Generator) -> Floats:
        counts = self.base.draw(eta, phi[:-1], rng)
        return np.where(rng.random(len(eta)) < expit(phi[-1]), 0.0, counts)


def _weights_of_zeros(own: Floats, inner: Pointwise) -> tuple[Floats, Floats]:
    both = own * (1 - own)
    weight = own * inner.weight - both * inner.score**2
    slope = own * inner.weight_slope + both * inner.score * (
        3 * inner.weight - (1 - 2 * own) * inner.score**2
    )
    return weight, slope


def _of_zeros(own: Floats, inner: Pointwise, part: ByNumber) -> ByNumber:
    moved = own * (1 - own) * part.log_density
    return ByNumber(
        own * part.log_density,
        moved * inner.score + own * part.score,
        moved * inner.weight
        + own * part.weight
        - (1 - 2 * own) * moved * inner.score**2
        - 2 * own * (1 - own) * inner.score * part.score,
    )


@dataclass(frozen=True, slots=True)
class Truncated:
    """Counts of 1 or more: the second part of a hurdle model (Mullahy, 1986)."""

    base: Poisson

    @property
    def name(self) -> str:
        return f"truncated-{self.base.name}"

    @property
    def numbers(self) -> tuple[str, ...]:
        return self.base.numbers

    @property
    def start(self) -> tuple[float, ...]:
        return self.base.start

    def refusal(self, y: Floats) -> str:
        if (y < 1).any() or (y != np.floor(y)).any():
            return "whole numbers of 1 or more"
        return "" if (y > 1).any() else "at least one count above 1"

    def constant(self, y: Floats) -> float:
        return self.base.constant(y)

    def at(self, y: Floats, eta: Floats, phi: Floats, *, whole: bool = True) -> Pointwise:
        count = self.base.at(y, eta, phi)
        zero = self.base.at(np.zeros_like(y), eta, phi)
        some = -np.expm1(zero.log_density)
        odds = np.exp(zero.log_density) / np.maximum(some, 1e-300)  # of a zero, against some
        lift = odds * (1 + odds)
        weight = count.weight + odds * zero.weight - lift * zero.score**2
        slope = (
            count.weight_slope
            + odds * zero.weight_slope
            + lift * zero.score * (3 * zero.weight - (1 + 2 * odds) * zero.score**2)
        )
        by = tuple(_of_some(odds, zero, a, b) for a, b in zip(count.by, zero.by, strict=True))
        score = count.score + odds * zero.score
        return Pointwise(count.log_density - np.log(np.maximum(some, 1e-300)), score, weight, slope, by)

    def mean(self, eta: Floats, phi: Floats) -> Floats:
        zero = self.base.at(np.zeros_like(eta), eta, phi).log_density
        return self.base.mean(eta, phi) / np.maximum(-np.expm1(zero), 1e-300)

    def link(self, mean: Floats) -> Floats:
        return self.base.link(mean)

    def dispersion(self, phi: Floats) -> float | None:
        return self.base.dispersion(phi)

    def draw(self, eta: Floats, phi: Floats, rng: np.random.Generator) -> Floats:
        """Draw, and draw again while the result is 0."""
        drawn = self.base.draw(eta, phi, rng)
        while (zero := np.flatnonzero(drawn == 0)).size:
            drawn[zero] = self.base.draw(eta[zero], phi, rng)
        return drawn


def _of_some(odds: Floats, zero: Pointwise, count: ByNumber, none: ByNumber) -> ByNumber:
    lift = odds * (1 + odds) * none.log_density
    return ByNumber(
        count.log_density + odds * none.log_density,
        count.score + lift * zero.score + odds * none.score,
        count.weight
        + lift * zero.weight
        + odds * none.weight
        - (1 + 2 * odds) * lift * zero.score**2
        - 2 * odds * (1 + odds) * zero.score * none.score,
    )


FAMILIES: dict[str, Family] = {
    family.name: family
    for family in (
        BERNOULLI,
        CLOGLOG,
        POISSON,
        NEGATIVE_BINOMIAL,
        ZeroInflated(POISSON),
        ZeroInflated(NEGATIVE_BINOMIAL),
        Truncated(POISSON),
        Truncated(NEGATIVE_BINOMIAL),
    )
}


def of(name: str) -> Family:
    """The family of this name. The Gaussian is not among them; its likelihood is in `gaussian`."""
    return FAMILIES[name]
