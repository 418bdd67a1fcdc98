"""Block elimination: weighted moments of a layout, and the system of the random coefficients they make.

In the coordinates u = L b, b standard normal and L the lower root of u's covariance, the system is
H = L' Z' W Z L + 1, which stays well conditioned when a variance is 0. The blocks' groups are the last axis
everywhere, so that products of small matrices are products of few long columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations_with_replacement
from typing import NamedTuple

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from accord.arrays import Floats
from accord.science.multilevel.cells import Couple, Entry, Shares, summed, times
from accord.science.multilevel.layout import Layout

Roots = Sequence[Floats]  # lower roots: the block's (q, q), then those of the border's terms


class Moments(NamedTuple):
    """Z' W Z: the block's (q, q, G), pairs' (q, P) and the border's (K, K)."""

    inner: Floats
    cross: Floats
    border: Floats


def moments(layout: Layout, weight: Floats) -> Moments:
    sums = layout.cells.moments(weight)

    def weighted(entry: Entry, other: Entry) -> Floats:
        return times(sums[_couple(entry, other)], entry.share, other.share)

    inner = np.empty((layout.q, layout.q, layout.G))
    for a, b in combinations_with_replacement(range(layout.q), 2):
        inner[a, b] = inner[b, a] = layout.by_group(weighted(layout.inner[a], layout.inner[b]))
    cross = np.zeros((layout.q, layout.P))
    for outer, pair in zip(layout.outer, layout.pair, strict=True):
        for a, entry in enumerate(layout.inner):
            cross[a] += np.bincount(pair, weighted(outer, entry), layout.P)
    border = np.zeros((layout.K, layout.K))
    for d, e in combinations_with_replacement(range(len(layout.outer)), 2):
        place = layout.column[d] * layout.K + layout.column[e]
        products = np.bincount(place, weighted(layout.outer[d], layout.outer[e]), layout.K**2)
        products = products.reshape(layout.K, layout.K)
        border += products if d == e else products + products.T
    return Moments(inner, cross, border)


def _couple(entry: Entry, other: Entry) -> Couple:
    return min(entry.feature, other.feature), max(entry.feature, other.feature)


def quadratic(layout: Layout, inner: Floats, pairs: Floats, border: Floats) -> Floats:
    """z' M z of each row z of Z (n,), for M by blocks (q, q, G), pairs (q, P) and border (K, K)."""
    total: dict[Couple, Floats] = {}

    def add(entry: Entry, other: Entry, value: Floats) -> None:
        key, part = _couple(entry, other), times(value, entry.share, other.share)
        total[key] = part if key not in total else total[key] + part

    for a, b in combinations_with_replacement(range(layout.q), 2):
        add(layout.inner[a], layout.inner[b], (1 if a == b else 2) * inner[a, b][layout.group])
    for outer, pair in zip(layout.outer, layout.pair, strict=True):
        for a, entry in enumerate(layout.inner):
            add(outer, entry, 2 * pairs[a][pair])
    for d, e in combinations_with_replacement(range(len(layout.outer)), 2):
        value = border[layout.column[d], layout.column[e]]
        add(layout.outer[d], layout.outer[e], value if d == e else 2 * value)
    columns: dict[Couple, Shares] = layout.cells.couples
    return layout.cells.spread([(columns[key], value) for key, value in total.items()])


def rooted(layout: Layout, x: Floats, roots: Roots, *, transposed: bool = False) -> Floats:
    """x L over the border's columns, which are the last axis of x; with `transposed` x L'."""
    result = np.empty_like(x)
    for band, root in zip(layout.bands, roots[1:], strict=True):
        part = x[..., band.columns]
        by = root.T if transposed else root
        if band.q == 1:
            np.multiply(part, by[0, 0], out=result[..., band.columns])
        else:
            shaped = part.reshape(*part.shape[:-1], band.groups, band.q)
            result[..., band.columns] = (shaped @ by).reshape(part.shape)
    return result


def rooted_pairs(layout: Layout, x: Floats, roots: Roots, *, transposed: bool = False) -> Floats:
    """x L for pairs (q, P), which are grouped by their border column."""
    result = np.empty_like(x)
    for band, root, pairs in zip(layout.bands, roots[1:], layout.pairs_of, strict=True):
        by = root.T if transposed else root
        part = x[:, pairs]
        if band.q == 1:
            result[:, pairs] = part * by[0, 0]
        else:
            shaped = part.reshape(len(x), part.shape[1] // band.q, band.q)
            result[:, pairs] = (shaped @ by).reshape(part.shape)
    return result


def left(root: Floats, x: Floats) -> Floats:
    """L' of the first axis of x (q, q, G) or (q, G)."""
    result: Floats = (root.T @ x.reshape(len(x), x.size // max(len(x), 1))).reshape(x.shape)
    return result


class NotPositive(Exception):
    """The system has a direction in which the penalised likelihood does not fall."""


class System:
    """The eliminated system H of one set of moments and roots."""

    def __init__(self, layout: Layout, sums: Moments, roots: Roots) -> None:
        self.layout, self.sums, self.roots = layout, sums, roots
        inner = left(roots[0], left(roots[0], sums.inner).swapaxes(0, 1))
        for a in range(layout.q):
            inner[a, a] += 1
        self.inverse, self.log_determinant = _inverted(inner)
        if layout.K:
            self._eliminate()

    def _eliminate(self) -> None:
        layout, K = self.layout, self.layout.K
        self.cross = rooted_pairs(layout, left(self.roots[0], self.sums.cross), self.roots)
        self.carried = np.einsum("abp,bp->ap", layout.to_pairs(self.inverse), self.cross)
        left_pair, right_pair, _ = layout.combinations
        products = np.einsum("ap,ap->p", self.cross[:, left_pair], self.carried[:, right_pair])
        place = layout.pair_column[left_pair] * K + layout.pair_column[right_pair]
        own = rooted(layout, rooted(layout, self.sums.border, self.roots).T, self.roots).T
        own -= np.bincount(place, products, K * K).reshape(K, K)
        own.flat[:: K + 1] += 1
        try:
            self.factor = cho_factor(own, lower=True, overwrite_a=True, check_finite=False)
        except np.linalg.LinAlgError as error:
            raise NotPositive from error
        self.log_determinant += 2 * float(np.log(np.diag(self.factor[0])).sum())

    def solve(self, inner: Floats, outer: Floats) -> tuple[Floats, Floats]:
        """H^-1 of right-hand sides (..., q, G) and (..., K)."""
        layout = self.layout
        first = np.einsum("abg,...bg->...ag", self.inverse, inner)
        if not layout.K:
            return first, outer
        met = np.einsum("ap,...ap->...p", self.cross, layout.to_pairs(first))
        border = cho_solve(self.factor, (outer - layout.pairs_by_column(met)).T, check_finite=False).T
        back = self.carried * border[..., None, layout.pair_column]
        return first - layout.pairs_by_group(back), border

    def inverse_parts(self) -> tuple[Floats, Floats, Floats]:
        """H^-1 where rows need it: the blocks' (q, q, G), pairs' (q, P) and the border's (K, K)."""
        layout = self.layout
        if not layout.K:
            return self.inverse, np.empty((layout.q, 0)), np.empty((0, 0))
        border = cho_solve(self.factor, np.eye(layout.K), check_finite=False)
        left_pair, right_pair, starts = layout.combinations
        linked = border[layout.pair_column[right_pair], layout.pair_column[left_pair]]
        pairs = -summed(self.carried[:, right_pair] * linked, starts)
        inner = self.inverse - layout.pairs_by_group(pairs[:, None] * self.carried)
        return inner, pairs, border


def carried_through(layout: Layout, system: System, x: Floats, weight: Floats, roots: Roots) -> Floats:
    """X' V^-1 X (p, p), the information in fixed columns (n, p) at working weights (n,)."""
    p, scores = x.shape[1], [layout.scores(weight * column) for column in x.T]
    inner = np.array([left(roots[0], score[0]) for score in scores]).reshape(p, layout.q, layout.G)
    outer = rooted(layout, np.array([score[1] for score in scores]).reshape(p, layout.K), roots)
    back, border = system.solve(inner, outer)
    taken = inner.reshape(p, layout.q * layout.G) @ back.reshape(p, layout.q * layout.G).T
    own: Floats = x.T @ (weight[:, None] * x)
    return own - taken - outer @ border.T


def _inverted(matrix: Floats) -> tuple[Floats, float]:
    """Inverses of many small symmetric matrices (q, q, G), and the sum of their log determinants."""
    if len(matrix) == 1:
        return _checked(1 / matrix, matrix[0, 0])
    if len(matrix) == 2:
        a, b, c = matrix[0, 0], matrix[0, 1], matrix[1, 1]
        determinant = a * c - b * b
        return _checked(np.array([[c, -b], [-b, a]]) / determinant, a, determinant)
    each = np.moveaxis(matrix, -1, 0)
    try:
        root = np.linalg.cholesky(each)
    except np.linalg.LinAlgError as error:
        raise NotPositive from error
    total = 2 * float(np.log(np.diagonal(root, axis1=1, axis2=2)).sum())
    return np.ascontiguousarray(np.moveaxis(np.linalg.inv(each), 0, -1)), total


def _checked(inverse: Floats, *minors: Floats) -> tuple[Floats, float]:
    """The inverse, given the leading minors, of which the last is the determinant."""
    if any(not (minor > 0).all() for minor in minors):
        raise NotPositive
    return inverse, float(np.log(minors[-1]).sum())
