"""The search for the most likely values, and the checks of its convergence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from accord.arrays import Floats

# Log likelihood and gradient; ArithmeticError where there is none.
Objective = Callable[[Floats], tuple[float, Floats]]
# Minus the Hessian, of an objective at values with this gradient and about these standard errors.
Curvature = Callable[[Objective, Floats, Floats, Floats], Floats]

NEAR = 1e-2  # gradient for each standard error at which the first climb ends
NEARBY = 1e-3  # squared Newton decrement within which the curvature is taken for the top's
STEP = 1e-3  # of a standard error, for the curvature by differences of the gradient
SETTLED = 1e-6  # squared Newton decrement: a thousandth of a standard error from the top
FIRM = 1e-3  # of the largest scaled curvature: the least that a first step reckons with
FLAT = 1e-7  # of the largest scaled curvature: an undetermined direction
CURVED = 1e-5  # of the largest scaled curvature, upwards: more than differences' noise
TILTED = 1e-3  # of the log likelihood that a step along a level direction could gain
POLISHINGS = 12
LONGEST = 500  # steps of the first climb


class SearchResult(NamedTuple):
    """End of a search: values, log likelihood, minus the Hessian, and whether it is a maximum."""

    x: Floats
    log_likelihood: float
    information: Floats
    converged: bool
    why_not: str = ""


NOTHING: Floats = np.empty(0)


class CachedObjective:
    """An objective that is not evaluated twice in a row at the same values."""

    def __init__(
        self, objective: Objective, asked: Floats = NOTHING, value: tuple[float, Floats] = (np.nan, NOTHING)
    ) -> None:
        self.objective, self.asked, self.value = objective, asked, value

    def __call__(self, x: Floats) -> tuple[float, Floats]:
        if not np.array_equal(x, self.asked):
            self.value, self.asked = self.objective(x), x.copy()
        return self.value


def climb(objective: Objective, start: Floats, known: Floats, errors: Floats) -> SearchResult:
    """The top near `start`, by a search and then by Newton's method; arguments as of `ascent`."""
    if not len(start):
        return SearchResult(start, objective(start)[0], np.empty((0, 0)), True)
    once = CachedObjective(objective)
    return polish(once, *ascent(once, start, known, errors))


def ascent(objective: Objective, start: Floats, known: Floats, errors: Floats) -> tuple[Floats, Floats]:
    """Values near the top, and about their standard errors.

    known (k, k): about the information on the first k values; errors (d,): about the standard errors of all.
    The remaining curvature comes from differences. One step of Newton's method is followed by BFGS.
    """
    value, gradient = objective(start)
    information = np.empty((len(start), len(start)))
    k = len(known)
    information[k:] = differences(objective, start, gradient, errors, range(k, len(start)))
    information[:k, k:], information[:k, :k] = information[k:, :k].T, known
    values, vectors, errors = _scaled_eigen(information, errors)
    root = errors[:, None] * vectors / np.sqrt(np.maximum(np.abs(values), FIRM * np.abs(values).max()))
    x = _stepped(objective, start, value, gradient, root @ (root.T @ gradient))[0]

    def cost(z: Floats) -> tuple[float, Floats]:
        try:
            value, gradient = objective(x + root @ z)
        except ArithmeticError:
            return np.inf, np.zeros_like(z)
        return -value, -root.T @ gradient

    from scipy.optimize import minimize  # takes a third of a second to load, and a site fits models seldom

    options = {"gtol": NEAR, "maxiter": LONGEST}
    result: Any = minimize(cost, np.zeros(len(start)), jac=True, method="BFGS", options=options)  # type: ignore[call-overload]
    spread = root @ result.hess_inv @ root.T
    return x + root @ result.x, np.sqrt(np.maximum(np.diag(spread), 1e-12))


def curvature(objective: Objective, x: Floats, gradient: Floats, errors: Floats) -> Floats:
    """Minus the Hessian at x."""
    hessian = differences(objective, x, gradient, errors, range(len(x)))
    symmetric: Floats = (hessian + hessian.T) / 2
    return symmetric


def polish(objective: Objective, x: Floats, errors: Floats, curved: Curvature = curvature) -> SearchResult:
    """Newton steps with the full Hessian, until the top is within a thousandth of a standard error."""
    value, gradient = objective(x)
    why, information = "the search did not come to rest", np.diag(errors**-2)
    for _ in range(POLISHINGS):
        information = curved(objective, x, gradient, errors)
        values, vectors, errors = _scaled_eigen(information, errors)
        x, value, gradient, moved = _escaped(objective, x, value, gradient, values, errors[:, None] * vectors)
        if moved:
            continue
        x, value, gradient, ended = _walked(
            objective, x, value, gradient, errors[:, None] * vectors, _inverse(values)
        )
        if ended:
            return SearchResult(x, value, information, ended == "top", "" if ended == "top" else ended)
    return SearchResult(x, value, information, False, why)


def _walked(
    objective: Objective, x: Floats, value: float, gradient: Floats, root: Floats, inverse: Floats
) -> tuple[Floats, float, Floats, str]:
    """Newton steps with one Hessian while they are short; how it ended, empty where it is out of date."""
    for _ in range(POLISHINGS):
        step = root @ (inverse * (root.T @ gradient))
        decrement = float(gradient @ step)
        if decrement < SETTLED:
            return x, value, gradient, "top"
        x, value, gradient, moved = _stepped(objective, x, value, gradient, step)
        if not moved:
            return x, value, gradient, "no step leads further up, yet it is not the top"
        if decrement > NEARBY:
            break
    return x, value, gradient, ""


def differences(objective: Objective, x: Floats, gradient: Floats, errors: Floats, which: range) -> Floats:
    """Rows of minus the Hessian, by differences from the gradient at x at steps of a share of `errors`."""
    result = np.empty((len(which), len(x)))
    for row, j in zip(result, which, strict=True):
        by = np.zeros_like(x)
        by[j] = STEP * errors[j]
        try:
            beside = objective(x + by)[1]
        except ArithmeticError:
            by = -by
            beside = objective(x + by)[1]
        row[:] = (gradient - beside) / by[j]
    return result


def _scaled_eigen(information: Floats, errors: Floats) -> tuple[Floats, Floats, Floats]:
    """Eigenvalues and vectors in units of each value's own curvature, and those units."""
    own = np.diag(information)
    errors = np.where(own > 0, 1 / np.sqrt(np.where(own > 0, own, 1.0)), errors)
    values, vectors = np.linalg.eigh(information * np.outer(errors, errors))
    return values, vectors, errors


def _inverse(values: Floats) -> Floats:
    known = values > FLAT * values.max(initial=0.0)
    return np.where(known, 1 / np.where(known, values, 1.0), 0.0)


def _stepped(
    objective: Objective, x: Floats, value: float, gradient: Floats, step: Floats
) -> tuple[Floats, float, Floats, bool]:
    for share in (1.0, 0.5, 0.25, 0.0625, 1 / 256):
        try:
            now, uphill = objective(x + share * step)
        except ArithmeticError:
            continue
        if now >= value - 1e-9 * (1 + abs(value)):
            return x + share * step, now, uphill, True
    return x, value, gradient, False


def _escaped(
    objective: Objective, x: Floats, value: float, gradient: Floats, values: Floats, root: Floats
) -> tuple[Floats, float, Floats, bool]:
    """Along directions (columns of `root`) without a top, where the likelihood still rises or curves upwards.

    Newton's steps leave these out. Near a variance of 0 the likelihood can be all but level: where no step
    gains, the direction counts as undetermined.
    """
    least = FLAT * values.max(initial=0.0)
    best = (x, value, gradient, False)
    for curves, along in zip(values, root.T, strict=True):
        if curves > least or (curves > -CURVED * values.max() and abs(along @ gradient) < TILTED):
            continue
        for share in (0.03, -0.03, 0.1, -0.1, 0.3, -0.3, 1.0, -1.0, 3.0, -3.0):
            try:
                now, uphill = objective(x + share * along)
            except ArithmeticError:
                continue
            if now > best[1] + 1e-8 * (1 + abs(value)):
                best = (x + share * along, now, uphill, True)
    return best


def covariance(information: Floats) -> Floats:
    """The inverse of the information; undetermined directions (at a bound) count as fixed."""
    values, vectors, errors = _scaled_eigen(information, np.ones(len(information)))
    scaled = (vectors * _inverse(values)) @ vectors.T
    return scaled * np.outer(errors, errors)
