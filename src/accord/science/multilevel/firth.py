"""Firth's penalised likelihood: finite and less biased where events are rare or split by a predictor.

Half the log determinant of the expected information is added to the log likelihood (Firth, 1993; for the
logistic model Heinze and Schemper, 2002). Models without random terms only: for those with some, the
information of the fixed part alone is no such penalty, and weak priors are there.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from accord.arrays import Floats
from accord.science.multilevel.families import HIGHEST

Weight = Callable[[Floats], tuple[Floats, Floats]]


def _logit(eta: Floats) -> tuple[Floats, Floats]:
    far = np.abs(eta)
    return -far - 2 * np.log1p(np.exp(-far)), -np.tanh(eta / 2)


def _cloglog(eta: Floats) -> tuple[Floats, Floats]:
    hazard = np.exp(np.minimum(eta, HIGHEST / 10))
    no = np.maximum(-np.expm1(-hazard), 1e-300)
    return 2 * eta - hazard - np.log(no), 2 - hazard / no


# Log of the expected weight of a row in the information, and its slope along the linear predictor.
WEIGHTS: dict[str, Weight] = {"bernoulli": _logit, "cloglog": _cloglog}


class Firth:
    """The penalty at fixed coefficients (p,) of columns x (n, p).

    whole (n, r) holds the columns whose information counts: those of x and those held fixed.
    """

    def __init__(self, x: Floats, whole: Floats, offset: Floats, family: str) -> None:
        self.x, self.offset, self.weight = x, offset, WEIGHTS[family]
        self.turned, turn = np.linalg.qr(whole)
        self.constant = float(np.log(np.abs(np.diag(turn))).sum())

    def of(self, beta: Floats) -> tuple[float, Floats]:
        """The penalty and its gradient."""
        weight, slope = self._weights(beta)
        root = np.linalg.cholesky(self.turned.T @ (weight[:, None] * self.turned))
        half = np.linalg.solve(root, self.turned.T)
        leverage = weight * np.einsum("rn,rn->n", half, half)
        value = self.constant + float(np.log(np.diag(root)).sum())
        return value, self.x.T @ (leverage * slope) / 2

    def _weights(self, beta: Floats) -> tuple[Floats, Floats]:
        log_weight, slope = self.weight(self.x @ beta + self.offset)
        return np.exp(np.maximum(log_weight, math.log(1e-300))), slope

    def information(self, beta: Floats) -> Floats:
        """Expected information of the columns of x, whose inverse is the covariance (Firth, 1993)."""
        weight = self._weights(beta)[0]
        matrix: Floats = self.x.T @ (weight[:, None] * self.x)
        return matrix
