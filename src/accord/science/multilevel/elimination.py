"""Block elimination: weighted moments of a layout, and the system of the random coefficients they make.

In the coordinates u = L b, b standard normal and L the lower root of u's covariance, the system is
H = L' Z' W Z L + 1, which stays well conditioned when a variance is 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array

from accord.science.multilevel.layout import Layout

Floats = NDArray[np.float64]
Roots = Sequence[Floats]  # lower roots: the block's (q, q), then those of the border's terms


class Moments(NamedTuple):
    """Z' W Z: the block's (G, q, q), pairs' (P, q) and the border's (K, K)."""

    inner: Floats
    cross: Floats
    border: Floats


def moments(layout: Layout, weight: Floats) -> Moments:
    inner = np.empty((layout.G, layout.q, layout.q))
    for a, b, product in layout.inner_products:
        inner[:, a, b] = inner[:, b, a] = layout.by_group(weight * product)
    cross = np.zeros((layout.P, layout.q))
    for e, a, product in layout.cross_products:
        cross[:, a] += np.bincount(layout.pair[e], weight * product, layout.P)
    border = np.zeros(layout.K * layout.K)
    for d, e, product, place in layout.border_products:
        found = np.bincount(place, weight * product, layout.K**2)
        border += found
        if d != e:
            border += found.reshape(layout.K, layout.K).T.ravel()
    return Moments(inner, cross, border.reshape(layout.K, layout.K))


def rooted(layout: Layout, x: Floats, roots: Roots, *, transposed: bool = False) -> Floats:
    """x L over the border's columns, which are the last axis of x; with `transposed` x L'."""
    found = np.empty_like(x)
    for band, root in zip(layout.bands, roots[1:], strict=True):
        part = x[..., band.columns]
        by = root.T if transposed else root
        if band.q == 1:
            found[..., band.columns] = part * by[0, 0]
        else:
            shaped = part.reshape(*part.shape[:-1], band.groups, band.q)
            found[..., band.columns] = (shaped @ by).reshape(part.shape)
    return found


def rooted_pairs(layout: Layout, x: Floats, roots: Roots, *, transposed: bool = False) -> Floats:
    """The same for pairs (P, q), which are grouped by their border column."""
    found = np.empty_like(x)
    for band, root, pairs in zip(layout.bands, roots[1:], layout.pairs_of, strict=True):
        by = root.T if transposed else root
        if band.q == 1:
            found[pairs] = x[pairs] * by[0, 0]
        else:
            shaped = x[pairs].reshape(len(pairs) // band.q, band.q, x.shape[1])
            found[pairs] = np.einsum("gaq,ab->gbq", shaped, by).reshape(len(pairs), x.shape[1])
    return found


class NotPositive(Exception):
    """The system has a direction in which the penalised likelihood does not fall."""


class System:
    """H of one set of moments and roots, eliminated."""

    def __init__(self, layout: Layout, sums: Moments, roots: Roots) -> None:
        self.layout, self.sums, self.roots = layout, sums, roots
        root = roots[0]
        inner = root.T @ sums.inner @ root + np.eye(layout.q)
        self.inverse, self.log_determinant = _inverted(inner)
        if layout.K:
            self._eliminate()

    def _eliminate(self) -> None:
        layout = self.layout
        self.cross = rooted_pairs(layout, self.sums.cross @ self.roots[0], self.roots)
        self.carried = np.einsum("pab,pb->pa", self.inverse[layout.pair_group], self.cross)
        left, right = layout.combinations
        place = layout.pair_column[left] * layout.K + layout.pair_column[right]
        products = np.einsum("pa,pa->p", self.cross[left], self.carried[right])
        taken = np.bincount(place, products, layout.K**2).reshape(layout.K, layout.K)
        own = rooted(layout, rooted(layout, self.sums.border, self.roots).T, self.roots).T
        try:
            self.factor = cho_factor(own + np.eye(layout.K) - taken, lower=True, check_finite=False)
        except np.linalg.LinAlgError as error:
            raise NotPositive from error
        self.log_determinant += 2 * float(np.log(np.diag(self.factor[0])).sum())

    def _sparse(self, values: Floats) -> csr_array:
        indptr, indices, pair, coefficient = self.layout.sparse
        shape = (self.layout.G * self.layout.q, self.layout.K)
        return csr_array((values[pair, coefficient], indices, indptr), shape=shape)

    def solve(self, inner: Floats, outer: Floats) -> tuple[Floats, Floats]:
        """H^-1 of right-hand sides (G, q, r) and (K, r)."""
        first = self.inverse @ inner
        if not self.layout.K:
            return first, outer
        flat = first.reshape(self.layout.G * self.layout.q, first.shape[-1])
        border = cho_solve(self.factor, outer - self._sparse(self.cross).T @ flat, check_finite=False)
        return first - (self._sparse(self.carried) @ border).reshape(first.shape), border

    def inverse_parts(self) -> tuple[Floats, Floats, Floats]:
        """H^-1 where rows need it: the blocks' (G, q, q), pairs' (P, q) and the border's (K, K)."""
        layout = self.layout
        if not layout.K:
            return self.inverse, np.empty((0, layout.q)), np.empty((0, 0))
        border = cho_solve(self.factor, np.eye(layout.K), check_finite=False)
        left, right = layout.combinations
        linked = border[layout.pair_column[right], layout.pair_column[left]]
        pairs = np.empty((layout.P, layout.q))
        inner = self.inverse.copy()
        for a in range(layout.q):
            pairs[:, a] = -np.bincount(left, self.carried[right, a] * linked, layout.P)
        for a in range(layout.q):
            for b in range(layout.q):
                inner[:, a, b] -= np.bincount(layout.pair_group, pairs[:, a] * self.carried[:, b], layout.G)
        return inner, pairs, border


def carried_through(layout: Layout, system: System, x: Floats, weight: Floats, roots: Roots) -> Floats:
    """X' V^-1 X (p, p) for working weights (n,): what fixed columns (n, p) tell."""
    found = [layout.scores(weight * column) for column in x.T]
    inner = np.stack([one[0] @ roots[0] for one in found], axis=-1)
    outer = np.stack([rooted(layout, one[1], roots) for one in found], axis=-1)
    back, border = system.solve(inner, outer)
    flat = inner.reshape(layout.G * layout.q, x.shape[1])
    own: Floats = x.T @ (weight[:, None] * x)
    return own - flat.T @ back.reshape(flat.shape) - outer.T @ border


def _inverted(matrix: Floats) -> tuple[Floats, float]:
    """Inverses of many small symmetric matrices (G, q, q), and the sum of their log determinants."""
    q = matrix.shape[-1]
    if q == 1:
        return _checked(1 / matrix, matrix[:, 0, 0])
    if q == 2:
        a, b, c = matrix[:, 0, 0], matrix[:, 0, 1], matrix[:, 1, 1]
        determinant = a * c - b * b
        inverse = np.stack([c, -b, -b, a], axis=1).reshape(-1, 2, 2) / determinant[:, None, None]
        return _checked(inverse, a, determinant)
    try:
        root = np.linalg.cholesky(matrix)
    except np.linalg.LinAlgError as error:
        raise NotPositive from error
    return np.asarray(np.linalg.inv(matrix)), 2 * float(np.log(np.diagonal(root, axis1=1, axis2=2)).sum())


def _checked(inverse: Floats, *minors: Floats) -> tuple[Floats, float]:
    """The inverse, given the leading minors, of which the last is the determinant."""
    if any(not (minor > 0).all() for minor in minors):
        raise NotPositive
    return inverse, float(np.log(minors[-1]).sum())
