"""The exact likelihood of a linear mixed model, from cross products: rows are summed once.

Covariances are relative to the residual variance (Bates, Maechler, Bolker and Walker, 2015, section 3):
given the roots, fixed coefficients and residual variance have closed forms, and a search is over the roots
alone.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from accord.science.multilevel.elimination import Roots, System, moments, rooted
from accord.science.multilevel.laplace import Coefficients, traces
from accord.science.multilevel.layout import Layout

Floats = NDArray[np.float64]


class Profile(NamedTuple):
    """At the best fixed coefficients and residual variance for given roots."""

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
        self.least = np.linalg.lstsq(x, y - offset, rcond=None)[0]
        columns = np.column_stack([x, y - offset - x @ self.least])
        self.products = columns.T @ columns
        found = [layout.scores(column) for column in columns.T]
        self.inner = np.stack([one[0] for one in found], axis=-1)
        self.outer = np.stack([one[1] for one in found], axis=-1)

    def _solved(self, roots: Roots) -> tuple[System, Floats, Floats, Floats]:
        """The system, H^-1 A'[x y], and [x y]' V^-1 [x y]."""
        system = System(self.layout, self.sums, roots)
        inner = np.einsum("gar,ab->gbr", self.inner, roots[0])
        outer = rooted(self.layout, self.outer.T, roots).T
        back, border = system.solve(inner, outer)
        flat = inner.reshape(self.layout.G * self.layout.q, inner.shape[-1])
        return system, back, border, self.products - flat.T @ back.reshape(flat.shape) - outer.T @ border

    def profile(self, roots: Roots) -> Profile:
        system, back, border, products = self._solved(roots)
        beta = np.linalg.solve(products[:-1, :-1], products[:-1, -1])
        squares = float(products[-1, -1] - beta @ products[:-1, -1])
        variance = squares / self.n
        value = -(system.log_determinant + self.n * (math.log(2 * math.pi * variance) + 1)) / 2
        contrast = np.append(-beta, 1.0)
        b = Coefficients(back @ contrast, border @ contrast)
        by_roots = self._by_roots(system, roots, b, contrast, variance)
        return Profile(value, by_roots, beta + self.least, math.sqrt(variance), b)

    def at(self, beta: Floats, roots: Roots, log_sigma: float) -> Value:
        system, back, border, products = self._solved(roots)
        contrast, variance = np.append(self.least - beta, 1.0), math.exp(2 * log_sigma)
        toward = products @ contrast
        squares = float(contrast @ toward)
        b = Coefficients(back @ contrast, border @ contrast)
        constant = self.n * (math.log(2 * math.pi) + 2 * log_sigma)
        return Value(
            -(system.log_determinant + constant + squares / variance) / 2,
            toward[:-1] / variance,
            self._by_roots(system, roots, b, contrast, variance),
            squares / variance - self.n,
        )

    def _by_roots(
        self, system: System, roots: Roots, b: Coefficients, contrast: Floats, variance: float
    ) -> list[Floats]:
        inner, outer = self._residual_scores(b, roots, contrast)
        found = [inner.T @ b.inner / variance]
        for band in self.layout.bands:
            r, u = (part[band.columns].reshape(band.groups, band.q) for part in (outer, b.outer))
            found.append(r.T @ u / variance)
        halves = traces(self.layout, self.sums, roots, system.inverse_parts())
        return [one - half for one, half in zip(found, halves, strict=True)]

    def _residual_scores(self, b: Coefficients, roots: Roots, contrast: Floats) -> tuple[Floats, Floats]:
        """Z' of the residuals beside the random coefficients, from cross products alone."""
        layout, sums = self.layout, self.sums
        u = b.inner @ roots[0].T
        inner = self.inner @ contrast - np.einsum("gab,gb->ga", sums.inner, u)
        outer = self.outer @ contrast
        if layout.K:
            v = rooted(layout, b.outer, roots, transposed=True)
            group, column = layout.pair_group, layout.pair_column
            for a in range(layout.q):
                inner[:, a] -= np.bincount(group, sums.cross[:, a] * v[column], layout.G)
            outer = (
                outer - np.bincount(column, (sums.cross * u[group]).sum(axis=1), layout.K) - sums.border @ v
            )
        return inner, outer
