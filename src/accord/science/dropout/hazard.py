"""The hazard of leaving in each interval, and the chance of having left within the horizon.

The link is the complementary log-log, so that coefficients are those of a proportional hazard in continuous
time (Prentice and Gloeckler, 1978); other ends compete by a hazard of their own (cause-specific; Prentice et
al., 1978).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from accord.arrays import Floats, Ints
from accord.science.dropout.covariates import NAMES, at_time
from accord.science.dropout.record import Setting
from accord.science.dropout.risk_set import LEFT, OTHERWISE, STILL, Rows
from accord.science.multilevel.estimate import Data, Estimates, estimate
from accord.science.multilevel.layout import intercepts

PRIOR_SD = 1.0  # of a coefficient in SDs of its covariate, on the log hazard: weak
CLINICIANS_LEAST = 5  # fewer do not show how much clinicians differ
COMPETING = ("early", "weeks")
COMPETING_LEAST = 20  # other ends below which their hazard is taken to be the same at all times


class NoFit(ArithmeticError):
    """The search for the hazard's coefficients did not end at a top."""


@dataclass(frozen=True, slots=True, eq=False)
class Hazard:
    """beta (1 + k,), the intercept first; `names` (k,) of the covariates; their `means` over the rows."""

    names: tuple[str, ...]
    beta: Floats
    covariance: Floats
    means: Floats

    def eta(self, x: Floats, beta: Floats | None = None) -> Floats:
        """Log hazard of rows of all covariates (n, NAMES); with betas (draws, 1 + k): (draws, n)."""
        predictor: Floats = (self.beta if beta is None else beta) @ _design(x, self.names).T
        return predictor


def fit(rows: Rows, x: Floats, clinician: Ints, names: tuple[str, ...], setting: Setting) -> Hazard:
    """Fit the hazard of leaving. Clinicians differ by a random intercept, which no forecast uses.

    Raises NoFit, and InputError for data from which nothing can be estimated.
    """
    return _fit(rows, x, clinician, names, setting, LEFT)


def fit_competing(rows: Rows, x: Floats, setting: Setting) -> Hazard:
    """Fit the hazard of every other end, by time in treatment only."""
    whole, event = _events(rows, setting, OTHERWISE)
    if event.sum() < COMPETING_LEAST:
        share = max(float(event[whole].mean()), 1e-9)
        return Hazard((), np.array([np.log(-np.log1p(-share))]), np.zeros((1, 1)), np.zeros(0))
    return _fit(rows, x, np.zeros(len(rows), dtype=np.int64), COMPETING, setting, OTHERWISE)


def _fit(
    rows: Rows, x: Floats, clinician: Ints, names: tuple[str, ...], setting: Setting, cause: int
) -> Hazard:
    whole, event = _events(rows, setting, cause)
    design = _design(x[whole], names)
    _, member = np.unique(clinician[whole], return_inverse=True)
    terms = (intercepts("clinician", member),) if member.max(initial=0) + 1 >= CLINICIANS_LEAST else ()
    y = event[whole].astype(float)
    estimates = estimate(Data(y, design, terms, np.zeros(len(y)), ("Intercept", *names), "cloglog", PRIOR_SD))
    return _hazard(estimates, names, design)


def _hazard(estimates: Estimates, names: tuple[str, ...], design: Floats) -> Hazard:
    if not estimates.converged:
        raise NoFit("; ".join(estimates.warnings))
    p = 1 + len(names)
    return Hazard(names, estimates.beta, estimates.covariance[:p, :p], design[:, 1:].mean(axis=0))


def _events(rows: Rows, setting: Setting, cause: int) -> tuple[Ints, Ints]:
    """Rows whose interval is known to its end, and whether it ended by `cause`."""
    within = rows.days <= setting.step
    whole = (rows.status != STILL) | ~within | (rows.days == setting.step)
    return whole, (rows.status == cause) & within


def _design(x: Floats, names: tuple[str, ...]) -> Floats:
    return np.column_stack([np.ones(len(x)), x[:, [NAMES.index(name) for name in names]]])


def chance_within(
    leaving: Hazard,
    competing: Hazard,
    x: Floats,
    setting: Setting,
    betas: Floats | None = None,
) -> Floats:
    """Cumulative incidence of leaving within the horizon, other ends competing: (n,) or (draws, n).

    All covariates but the time in treatment stay as they are.
    """
    weeks = np.expm1(x[:, NAMES.index("weeks")])
    left, still = 0.0, 1.0
    for k in range(setting.horizon // setting.step):
        later = at_time(x, weeks + k * setting.step / 7.0, setting)
        leave, end = np.exp(leaving.eta(later, betas)), np.exp(competing.eta(later))
        both = leave + end
        gone = still * -np.expm1(-both)
        left = left + gone * leave / both
        still = still - gone
    return np.asarray(left)
