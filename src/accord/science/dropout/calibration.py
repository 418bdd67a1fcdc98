"""Calibration of a forecast: slope and intercept, and recalibration by them.

Both come from a logistic regression of who left on the log odds forecast (Cox, 1958). Slope 1 and intercept 0
are right; with a slope below 1 the chances lie too far apart. The errors allow for correlated rows of a
client.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logit, ndtri

from accord.arrays import Floats, Ints
from accord.science.dropout.scoring import Seen

STEPS = 50
REACH = float(ndtri(0.975))
NEAREST = 1e-9  # to 0 and 1


@dataclass(frozen=True, slots=True, eq=False)
class Calibration:
    """Observed log odds = intercept + slope * log odds forecast; covariance (2, 2), the intercept first."""

    intercept: float
    slope: float
    covariance: Floats

    @property
    def slope_interval(self) -> tuple[float, float]:
        half = REACH * float(np.sqrt(self.covariance[1, 1]))
        return self.slope - half, self.slope + half

    def put_right(self, chance: Floats, both: Floats | None = None) -> Floats:
        """Recalibrate chances; `both` (draws, 2) holds other intercepts and slopes than the best."""
        odds = log_odds(chance)
        if both is None:
            return np.asarray(expit(self.intercept + self.slope * odds))
        return np.asarray(expit(both[:, :1] + both[:, 1:] * odds))


UNCHANGED = Calibration(0.0, 1.0, np.zeros((2, 2)))


def log_odds(chance: Floats) -> Floats:
    return np.asarray(logit(np.clip(chance, NEAREST, 1 - NEAREST)))


def calibrate(chance: Floats, who: Seen, client: Ints) -> Calibration:
    """Calibrate by weighted likelihood (Newton). ArithmeticError if all chances are equal or nobody left."""
    x = np.column_stack([np.ones(len(chance)), log_odds(chance)])
    y, weight = who.left.astype(float), who.weight
    if not (weight @ y) or np.ptp(x[:, 1]) == 0:
        raise ArithmeticError("nothing to calibrate by")
    beta, step = np.array([0.0, 1.0]), np.ones(2)
    for _ in range(STEPS):
        if np.abs(step).max() < 1e-10:
            break
        pull, information = _slopes(x, y, weight, beta)
        step = np.linalg.solve(information, pull.sum(axis=0))
        beta = beta + step / max(1.0, float(np.abs(step).max()))
    pull, information = _slopes(x, y, weight, beta)
    return Calibration(float(beta[0]), float(beta[1]), _clustered(pull, information, client))


def _slopes(x: Floats, y: Floats, weight: Floats, beta: Floats) -> tuple[Floats, Floats]:
    """Each row's pull on the coefficients (n, 2), and the information (2, 2)."""
    p = expit(x @ beta)
    return (weight * (y - p))[:, None] * x, x.T @ ((weight * p * (1 - p))[:, None] * x)


def _clustered(pull: Floats, information: Floats, client: Ints) -> Floats:
    """Sandwich covariance over clients (Liang and Zeger, 1986)."""
    _, place = np.unique(client, return_inverse=True)
    pulls = np.column_stack([np.bincount(place, column) for column in pull.T])
    bread = np.linalg.inv(information)
    covariance: Floats = bread @ (pulls.T @ pulls) @ bread
    return covariance
