"""The indirect effect: the product of two coefficients, with an asymmetric interval."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np


class Coefficient(NamedTuple):
    estimate: float
    error: float  # standard error


class Indirect(NamedTuple):
    estimate: float
    error: float
    low: float
    high: float


def indirect(
    first: Coefficient, second: Coefficient, *, draws: int, seed: int, level: float = 0.95
) -> Indirect:
    """a * b with its Monte Carlo interval (MacKinnon, Lockwood and Williams, 2004).

    a and b come from two models and are drawn independently from their normal distributions; the product's
    own distribution is skewed, so its interval is read off the draws. Raises ValueError for a standard error
    that is not above 0.
    """
    if not (first.error > 0 and second.error > 0):
        raise ValueError("expected two standard errors above 0")
    rng = np.random.default_rng(seed)
    a = rng.normal(first.estimate, first.error, draws)
    b = rng.normal(second.estimate, second.error, draws)
    product = a * b
    low, high = np.quantile(product, [(1 - level) / 2, (1 + level) / 2])
    return Indirect(first.estimate * second.estimate, float(product.std(ddof=1)), float(low), float(high))
