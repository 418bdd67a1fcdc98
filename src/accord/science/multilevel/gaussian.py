"""The exact likelihood of a linear mixed model, from cross products: rows are summed once.

Covariances are relative to the residual variance (Bates, Maechler, Bolker and Walker, 2015, section 3):
given the roots, fixed coefficients and residual variance have closed forms, and a search is over the roots
alone.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from accord.arrays import Floats
from accord.science.multilevel.elimination import Roots, System, moments, rooted
from accord.science.multilevel.laplace import Coefficients, traces
from accord.science.multilevel.layout import Layout

NOTHING = 1e-14  # of least squares' residual: where the groups tell the rest, a likelihood has no top


class Profile(NamedTuple):
    """The likelihood at the best fixed coefficients and residual variance for given roots."""

    log_likelihood: float
    by_roots: list[Floats]
    beta: Floats
    sigma: float
    b: Coefficients


class Value(NamedTuple):
    log_likelihood: float
    by_beta: Floats
    by_roots: list[Floats]
    by_log_sigma: float


class Gaussian:
    """One data set, its rows in the layout's order; y and x as they are."""

    def __init__(self, y: Floats, x: Floats, offset: Floats, layout: Layout) -> None:
        self.layout, self.n = layout, layout.n
        self.sums = moments(layout, np.ones(layout.n))
        # Beside what least squares explains, so that no difference of large numbers is taken later.
        self.least = np.linalg.solve(x.T @ x, x.T @ (y - offset))
        columns = np.vstack([x.T, y - offset - x @ self.least])
        self.products = columns @ columns.T
        scores = [layout.scores(column) for column in columns]
        self.inner = np.array([score[0] for score in scores])
        self.outer = np.array([score[1] for score in scores])

    def _solved(self, roots: Roots) -> tuple[System, Floats, Floats, Floats]:
        """The system, H^-1 A'[x y], and [x y]' V^-1 [x y]."""
        system = System(self.layout, self.sums, roots)
        inner = roots[0].T @ self.inner
        outer = rooted(self.layout, self.outer, roots)
        back, border = system.solve(inner, outer)
        r = len(inner)
        taken = inner.reshape(r, -1) @ back.reshape(r, -1).T + outer @ border.T
        return system, back, border, self.products - taken

    def profile(self, roots: Roots) -> Profile:
        system, back, border, products = self._solved(roots)
        beta = np.linalg.solve(products[:-1, :-1], products[:-1, -1])
        squares = float(products[-1, -1] - beta @ products[:-1, -1])
        variance = squares / self.n
        if variance <= NOTHING * float(self.products[-1, -1]) / self.n:
            raise ArithmeticError("the groups tell the outcome entirely")
        value = -(system.log_determinant + self.n * (math.log(2 * math.pi * variance) + 1)) / 2
        contrast = np.append(-beta, 1.0)
        b = _contrasted(back, border, contrast)
        by_roots = self._by_roots(system, roots, b, contrast, variance)
        return Profile(value, by_roots, beta + self.least, math.sqrt(variance), b)

    def standardised(self, roots: Roots) -> tuple[Coefficients, System]:
        """Random coefficients at the profile's values, and their system."""
        system, back, border, products = self._solved(roots)
        contrast = np.append(-np.linalg.solve(products[:-1, :-1], products[:-1, -1]), 1.0)
        contrast /= math.sqrt(float(contrast @ products @ contrast) / self.n)
        return _contrasted(back, border, contrast), system

    def at(self, beta: Floats, roots: Roots, log_sigma: float) -> Value:
        system, back, border, products = self._solved(roots)
        contrast, variance = np.append(self.least - beta, 1.0), math.exp(2 * log_sigma)
        toward = products @ contrast
        squares = float(contrast @ toward)
        b = _contrasted(back, border, contrast)
        constant = self.n * (math.log(2 * math.pi) + 2 * log_sigma)
        return Value(
            -(system.log_determinant + constant + squares / variance) / 2,
            toward[:-1] / variance,
            self._by_roots(system, roots, b, contrast, variance),
            squares / variance - self.n,
        )

    def information(self, roots: Roots, log_sigma: float) -> Floats:
        """Information on the fixed coefficients (p, p)."""
        matrix: Floats = self._solved(roots)[3][:-1, :-1] / math.exp(2 * log_sigma)
        return matrix

    def _by_roots(
        self, system: System, roots: Roots, b: Coefficients, contrast: Floats, variance: float
    ) -> list[Floats]:
        inner, outer = self._residual_scores(b, roots, contrast)
        derivatives = [inner @ b.inner.T / variance]
        for band in self.layout.bands:
            r, u = (part[band.columns].reshape(band.groups, band.q) for part in (outer, b.outer))
            derivatives.append(r.T @ u / variance)
        halves = traces(self.layout, self.sums, roots, system.inverse_parts())
        return [derivative - half for derivative, half in zip(derivatives, halves, strict=True)]

    def _residual_scores(self, b: Coefficients, roots: Roots, contrast: Floats) -> tuple[Floats, Floats]:
        """Z' of the residuals beside the random coefficients, from cross products alone."""
        layout, sums = self.layout, self.sums
        u = roots[0] @ b.inner
        inner = np.tensordot(contrast, self.inner, 1) - np.einsum("abg,bg->ag", sums.inner, u)
        outer = contrast @ self.outer
        if layout.K:
            v = rooted(layout, b.outer, roots, transposed=True)
            inner -= layout.pairs_by_group(sums.cross * v[layout.pair_column])
            met = np.einsum("ap,ap->p", sums.cross, layout.to_pairs(u))
            outer = outer - layout.pairs_by_column(met) - sums.border @ v
        return inner, outer


def _contrasted(back: Floats, border: Floats, contrast: Floats) -> Coefficients:
    return Coefficients(np.tensordot(contrast, back, 1), contrast @ border)
