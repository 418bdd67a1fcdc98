"""Imputation of missing outcomes from a normal model with a level of its own for each person.

The model is taken as fitted; its fixed coefficients are drawn from their distribution, each person's level
from what it must be given their known outcomes, and each gap from the residual's (as in Schafer and Yucel,
2002, but with the two variances held at their estimates).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from accord.arrays import Floats, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """A fitted model: y (n,) with NaN for gaps, x (n, p) known in every row, person (n,) codes from 0."""

    y: Floats
    x: Floats
    person: Ints
    beta: Floats
    covariance: Floats  # (p, p) of beta
    person_sd: float
    residual_sd: float


def drawn(known: Known, rng: np.random.Generator) -> Floats:
    """The outcomes (n,) with every gap drawn once."""
    beta = rng.multivariate_normal(known.beta, known.covariance, method="cholesky")
    fixed = known.x @ beta
    level = _levels(known, known.y - fixed, rng)
    noise = rng.normal(0.0, known.residual_sd, len(known.y))
    return np.where(np.isnan(known.y), fixed + level[known.person] + noise, known.y)


def _levels(known: Known, residual: Floats, rng: np.random.Generator) -> Floats:
    """Each person's level given their residuals, shrunk more towards 0 the fewer there are."""
    there = ~np.isnan(residual)
    size = int(known.person.max()) + 1
    count = np.bincount(known.person[there], minlength=size)
    total = np.bincount(known.person[there], residual[there], size)
    between, within = known.person_sd**2, known.residual_sd**2
    precision = 1 / max(between, 1e-300) + count / within
    return np.asarray(total / within / precision + rng.standard_normal(size) / np.sqrt(precision))
