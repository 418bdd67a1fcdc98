"""The Laplace approximation of a generalised linear mixed model's likelihood, with its exact gradient.

With F(b) minus the log of outcome density times the density of b, b^ its minimum and H its curvature there,
the marginal log likelihood is -F(b^) - log|H|/2 (Tierney and Kadane, 1986; for these models Breslow and
Clayton, 1993). H moves with the parameters directly and through b^; the gradient follows both (Skaug and
Fournier, 2006). Shapes as in `layout`; p fixed coefficients.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from accord.science.multilevel.elimination import (
    Moments,
    NotPositive,
    Roots,
    System,
    moments,
    rooted,
    rooted_pairs,
)
from accord.science.multilevel.families import Family, Pointwise
from accord.science.multilevel.layout import Layout

Floats = NDArray[np.float64]

NEWTON_STEPS = 60
CLOSE = 1e-18  # Newton decrement at which the mode is found, times the log likelihood over NOISE
NOISE = 1e4
HALVINGS = 30


class Coefficients(NamedTuple):
    """Standardised random coefficients: the block's (G, q) and the border's (K,)."""

    inner: Floats
    outer: Floats

    def moved(self, by: Coefficients, share: float = 1.0) -> Coefficients:
        return Coefficients(self.inner + share * by.inner, self.outer + share * by.outer)

    def dot(self, other: Coefficients) -> float:
        return float(np.vdot(self.inner, other.inner)) + float(self.outer @ other.outer)


class Mode(NamedTuple):
    b: Coefficients
    eta: Floats
    pointwise: Pointwise
    sums: Moments
    system: System
    cost: float  # F there


class Value(NamedTuple):
    """Marginal log likelihood and its gradient by fixed coefficients, roots and the family's numbers."""

    log_likelihood: float
    by_beta: Floats
    by_roots: list[Floats]
    by_phi: Floats
    mode: Mode


class NoMode(Exception):
    """The random coefficients' most probable values were not found at these parameters."""


class Laplace:
    """One data set, its rows in the layout's order. Each mode is searched from the last one found."""

    def __init__(self, y: Floats, x: Floats, offset: Floats, layout: Layout, family: Family) -> None:
        self.y, self.x, self.offset, self.layout, self.family = y, x, offset, layout, family
        self.constant = family.constant(y)
        self.last = Coefficients(np.zeros((layout.G, layout.q)), np.zeros(layout.K))

    def at(self, beta: Floats, roots: Roots, phi: Floats) -> Value:
        mode = self.mode(self.x @ beta + self.offset, roots, phi)
        self.last = mode.b
        value = self.constant - mode.cost - mode.system.log_determinant / 2
        return Value(value, *_gradient(self, mode, roots), mode)

    def mode(self, fixed: Floats, roots: Roots, phi: Floats) -> Mode:
        """Newton's method from the last mode, steps halved until F falls. NoMode where it does not end."""
        b = self.last
        eta, pointwise, cost = self._look(b, fixed, roots, phi)
        if not np.isfinite(cost):
            b = Coefficients(np.zeros_like(b.inner), np.zeros_like(b.outer))
            eta, pointwise, cost = self._look(b, fixed, roots, phi)
        for _ in range(NEWTON_STEPS):
            uphill = self._uphill(b, pointwise.score, roots)
            sums, system, exact = self._system(pointwise.weight, roots)
            step = _solved(system, uphill)
            decrement = uphill.dot(step)
            if exact and decrement < CLOSE * (1 + abs(cost) / NOISE):
                return Mode(b, eta, self.family.at(self.y, eta, phi), sums, system, cost)
            b, eta, pointwise, cost = self._downhill(b, step, cost, fixed, roots, phi)
        raise NoMode

    def _look(
        self, b: Coefficients, fixed: Floats, roots: Roots, phi: Floats
    ) -> tuple[Floats, Pointwise, float]:
        eta = fixed + self._random(b, roots)
        pointwise = self.family.at(self.y, eta, phi, whole=False)
        return eta, pointwise, b.dot(b) / 2 - float(pointwise.log_density.sum())

    def _random(self, b: Coefficients, roots: Roots) -> Floats:
        return self.layout.predictor(
            b.inner @ roots[0].T, rooted(self.layout, b.outer, roots, transposed=True)
        )

    def _uphill(self, b: Coefficients, score: Floats, roots: Roots) -> Coefficients:
        inner, outer = self.layout.scores(score)
        return Coefficients(inner @ roots[0], rooted(self.layout, outer, roots)).moved(b, -1.0)

    def _system(self, weight: Floats, roots: Roots) -> tuple[Moments, System, bool]:
        """Away from the mode a mixture's weights can be negative; then steps are taken without those."""
        sums = moments(self.layout, weight)
        try:
            return sums, System(self.layout, sums, roots), True
        except NotPositive:
            sums = moments(self.layout, np.maximum(weight, 0.0))
            return sums, System(self.layout, sums, roots), False

    def _downhill(
        self, b: Coefficients, step: Coefficients, cost: float, fixed: Floats, roots: Roots, phi: Floats
    ) -> tuple[Coefficients, Floats, Pointwise, float]:
        share, slack = 1.0, 1e-12 * (1 + abs(cost))
        for _ in range(HALVINGS):
            moved = b.moved(step, share)
            eta, pointwise, now = self._look(moved, fixed, roots, phi)
            if now <= cost + slack:
                return moved, eta, pointwise, now
            share /= 2
        raise NoMode


def _solved(system: System, right: Coefficients) -> Coefficients:
    inner, outer = system.solve(right.inner[..., None], right.outer[:, None])
    return Coefficients(inner[..., 0], outer[:, 0])


def _gradient(model: Laplace, mode: Mode, roots: Roots) -> tuple[Floats, list[Floats], Floats]:
    layout, here, b = model.layout, mode.pointwise, mode.b
    inverse = mode.system.inverse_parts()
    leverage = _leverage(layout, inverse, roots)
    by_mode = model._uphill(b, here.weight_slope * leverage, roots).moved(b)  # A' (w' s)
    pulled = _solved(mode.system, by_mode)
    follow = model._random(pulled, roots)
    total = here.score - (here.weight_slope * leverage - here.weight * follow) / 2
    by_roots = _by_roots(layout, mode, roots, inverse, pulled, total)
    by_phi = np.array(
        [
            part.log_density.sum() - (part.weight @ leverage + follow @ part.score) / 2
            for part in here.by
        ]
    )  # fmt: skip
    return model.x.T @ total, by_roots, by_phi


def _leverage(layout: Layout, inverse: tuple[Floats, Floats, Floats], roots: Roots) -> Floats:
    """a' H^-1 a of each row a of Z L: (n,)."""
    inner = roots[0] @ inverse[0] @ roots[0].T
    found = np.zeros(layout.n)
    for a, b, product in layout.inner_products:
        found += (1 if a == b else 2) * product * layout.to_rows(inner[:, a, b])
    if not layout.K:
        return found
    pairs = rooted_pairs(layout, inverse[1] @ roots[0].T, roots, transposed=True)
    half = rooted(layout, inverse[2], roots, transposed=True)
    border = rooted(layout, half.T, roots, transposed=True).ravel()
    for e, a, product in layout.cross_products:
        found += 2 * product * pairs[:, a][layout.pair[e]]
    for d, e, product, place in layout.border_products:
        found += (1 if d == e else 2) * product * border[place]
    return found


def _by_roots(
    layout: Layout,
    mode: Mode,
    roots: Roots,
    inverse: tuple[Floats, Floats, Floats],
    pulled: Coefficients,
    total: Floats,
) -> list[Floats]:
    """Derivatives by every element of every root."""
    toward, score = layout.scores(total), layout.scores(mode.pointwise.score)
    found = [toward[0].T @ mode.b.inner - score[0].T @ pulled.inner / 2]
    for band in layout.bands:
        t, s, b, v = (
            part[band.columns].reshape(band.groups, band.q)
            for part in (toward[1], score[1], mode.b.outer, pulled.outer)
        )
        found.append(t.T @ b - s.T @ v / 2)
    return [one - trace for one, trace in zip(found, traces(layout, mode.sums, roots, inverse), strict=True)]


def traces(
    layout: Layout, sums: Moments, roots: Roots, inverse: tuple[Floats, Floats, Floats]
) -> list[Floats]:
    """Half the derivative of log|H| by every element of every root, at fixed weights."""
    inner, pairs, border = inverse
    own = np.einsum("gab,gbc->ac", sums.inner @ roots[0], inner)
    if not layout.K:
        return [own]
    own += rooted_pairs(layout, sums.cross, roots).T @ pairs
    spread = rooted(layout, sums.border, roots)
    back = pairs @ roots[0].T
    found = [own]
    for band, at in zip(layout.bands, layout.pairs_of, strict=True):
        shape = (len(at) // band.q, band.q, layout.q)
        mine = np.einsum("gaq,gbq->ab", sums.cross[at].reshape(shape), back[at].reshape(shape))
        rows = spread[band.columns].reshape(band.groups, band.q, layout.K)
        columns = border[:, band.columns].reshape(layout.K, band.groups, band.q)
        found.append(mine + np.einsum("gak,kgb->ab", rows, columns, optimize=True))
    return found
