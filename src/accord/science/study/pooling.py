"""Pooled estimates of several imputed data sets (Rubin, 1987)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import stdtrit

from accord.arrays import Floats


class Pooled(NamedTuple):
    estimate: float
    error: float
    low: float
    high: float


def pooled(estimates: Floats, errors: Floats, *, level: float = 0.95) -> Pooled:
    """`estimates`, `errors` (m,) of m >= 2 imputations. The interval's t has Rubin's degrees of freedom."""
    m = len(estimates)
    if m < 2:
        raise ValueError(f"found {m} imputed data sets, expected two or more")
    within = float((errors**2).mean())
    between = float(estimates.var(ddof=1)) * (1 + 1 / m)
    error = float(np.sqrt(within + between))
    freedom = (m - 1) * (1 + within / between) ** 2 if between > 0 else np.inf
    reach = float(stdtrit(min(freedom, 1e9), (1 + level) / 2)) * error
    middle = float(estimates.mean())
    return Pooled(middle, error, middle - reach, middle + reach)
