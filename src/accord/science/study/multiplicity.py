"""P values adjusted for multiple tests on one data set."""

from __future__ import annotations

import numpy as np

from accord.arrays import Floats


def holm(p: Floats) -> Floats:
    """Adjusted p values (n,): the chance of any false finding among all of them stays below (Holm, 1979)."""
    n = len(p)
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate(p[order] * np.arange(n, 0, -1)) if n else p
    adjusted = np.empty(n)
    adjusted[order] = np.minimum(stepped, 1.0)
    return adjusted
