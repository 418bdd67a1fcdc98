"""The Laplace approximation of a generalised linear mixed model's likelihood, with its exact gradient.

With F(b) minus the log of outcome density times the density of b, b^ its minimum and H its curvature there,
the marginal log likelihood is -F(b^) - log|H|/2 (Tierney and Kadane, 1986; for these models Breslow and
Clayton, 1993). H moves with the parameters directly and through b^; the gradient follows both (Skaug and
Fournier, 2006). Shapes as in `layout`; p fixed coefficients.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from accord.arrays import Floats
from accord.science.multilevel.elimination import (
    Moments,
    NotPositive,
    Roots,
    System,
    left,
    moments,
    quadratic,
    rooted,
    rooted_pairs,
)
from accord.science.multilevel.families import Family, Pointwise, whole
from accord.science.multilevel.layout import Layout

NEWTON_STEPS = 60
CLOSE = 1e-18  # Newton decrement at which the mode is found, times the log likelihood over NOISE
NOISE = 1e4
HALVINGS = 30
QUICK_STEPS = 15  # of a search along the last mode's curvature
QUICK_CLOSE = 1e-15  # decrement that is expected after the next step when this is the last
SHRINKS = 1e-3  # of a decrement, each step, as long as the curvature at hand is good enough


class Coefficients(NamedTuple):
    """Standardised random coefficients: the block's (q, G) and the border's (K,)."""

    inner: Floats
    outer: Floats

    def moved(self, by: Coefficients, share: float = 1.0) -> Coefficients:
        return Coefficients(self.inner + share * by.inner, self.outer + share * by.outer)

    def dot(self, other: Coefficients) -> float:
        return float(np.vdot(self.inner, other.inner)) + float(self.outer @ other.outer)


class Mode(NamedTuple):
    b: Coefficients
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


class NoMode(Exception):
    """The search for the mode of the random coefficients failed at these parameters."""


class Laplace:
    """One data set, its rows in the layout's order. Each mode is searched from the last one found."""

    def __init__(self, y: Floats, x: Floats, offset: Floats, layout: Layout, family: Family) -> None:
        self.y, self.x, self.offset, self.layout, self.family = y, x, offset, layout, family
        self.columns = np.ascontiguousarray(x.T)
        self.constant = family.constant(y)
        self.last: Mode | None = None
        self.asked = np.empty(0)

    def at(self, beta: Floats, roots: Roots, phi: Floats) -> Value:
        mode = self.mode(beta, roots, phi)
        value = self.constant - mode.cost - mode.system.log_determinant / 2
        return Value(value, *_gradient(self, mode, roots))

    def mode(self, beta: Floats, roots: Roots, phi: Floats) -> Mode:
        """Mode of the random coefficients. Raises NoMode where there is none."""
        asked = np.concatenate([beta, *(root.ravel() for root in roots), phi])
        if self.last and np.array_equal(asked, self.asked):
            return self.last
        fixed = beta @ self.columns + self.offset
        mode = self._quickly(self.last, fixed, roots, phi) if self.last else None
        self.last, self.asked = mode or self._carefully(fixed, roots, phi), asked
        return self.last

    def _quickly(self, last: Mode, fixed: Floats, roots: Roots, phi: Floats) -> Mode | None:
        """Mode by Newton steps with the last mode's system, renewed where steps do not shrink fast.

        None where they do not lead to a mode; the caller then searches along the likelihood itself.
        """
        b, system, before, new = last.b, last.system, np.inf, False
        for _ in range(QUICK_STEPS):
            here = self.family.at(self.y, fixed + self._random(b, roots), phi, whole=False)
            uphill = self._uphill(b, here.score, roots)
            step = _solved(system, uphill)
            decrement = uphill.dot(step)
            if not decrement < before and (new or before == np.inf):
                return None
            new = not decrement < SHRINKS * before
            if new:
                try:
                    system = self._system(here.weight, roots)[1]
                except NotPositive:
                    return None
                step = _solved(system, uphill)
                decrement = uphill.dot(step)
            b = b.moved(step)
            shrinks = decrement if new or before == np.inf else decrement / before
            if decrement * min(shrinks, 1.0) < QUICK_CLOSE:
                return self._ended(b, fixed, roots, phi)
            before = decrement
        return None

    def _ended(self, b: Coefficients, fixed: Floats, roots: Roots, phi: Floats) -> Mode | None:
        pointwise, cost = self._evaluate(b, fixed, roots, phi)
        sums, system, exact = self._system(pointwise.weight, roots)
        return Mode(b, pointwise, sums, system, cost) if exact and np.isfinite(cost) else None

    def _carefully(self, fixed: Floats, roots: Roots, phi: Floats) -> Mode:
        """Mode by Newton's method from the last one, with steps halved until F falls."""
        none = Coefficients(np.zeros((self.layout.q, self.layout.G)), np.zeros(self.layout.K))
        b = self.last.b if self.last else none
        pointwise, cost = self._evaluate(b, fixed, roots, phi)
        if not np.isfinite(cost):
            b = none
            pointwise, cost = self._evaluate(b, fixed, roots, phi)
        for _ in range(NEWTON_STEPS):
            uphill = self._uphill(b, pointwise.score, roots)
            sums, system, exact = self._system(pointwise.weight, roots)
            step = _solved(system, uphill)
            decrement = uphill.dot(step)
            if exact and decrement < CLOSE * (1 + abs(cost) / NOISE):
                return Mode(b, pointwise, sums, system, cost)
            b, pointwise, cost = self._downhill(b, step, cost, fixed, roots, phi)
        raise NoMode

    def _evaluate(self, b: Coefficients, fixed: Floats, roots: Roots, phi: Floats) -> tuple[Pointwise, float]:
        pointwise = whole(self.family, self.y, fixed + self._random(b, roots), phi)
        return pointwise, b.dot(b) / 2 - float(pointwise.log_density.sum())

    def _random(self, b: Coefficients, roots: Roots) -> Floats:
        return self.layout.predictor(roots[0] @ b.inner, rooted(self.layout, b.outer, roots, transposed=True))

    def _uphill(self, b: Coefficients, score: Floats, roots: Roots) -> Coefficients:
        inner, outer = self.layout.scores(score)
        return Coefficients(left(roots[0], inner) - b.inner, rooted(self.layout, outer, roots) - b.outer)

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
    ) -> tuple[Coefficients, Pointwise, float]:
        share, slack = 1.0, 1e-12 * (1 + abs(cost))
        for _ in range(HALVINGS):
            moved = b.moved(step, share)
            pointwise, now = self._evaluate(moved, fixed, roots, phi)
            if now <= cost + slack:
                return moved, pointwise, now
            share /= 2
        raise NoMode


def _solved(system: System, right: Coefficients) -> Coefficients:
    return Coefficients(*system.solve(right.inner, right.outer))


def _gradient(model: Laplace, mode: Mode, roots: Roots) -> tuple[Floats, list[Floats], Floats]:
    layout, here, b = model.layout, mode.pointwise, mode.b
    inverse = mode.system.inverse_parts()
    leverage = _leverage(layout, inverse, roots)
    tilt = here.weight_slope * leverage
    pulled = _solved(mode.system, model._uphill(b, tilt, roots).moved(b))  # H^-1 A' (w' s)
    follow = model._random(pulled, roots)
    total = here.score - (tilt - here.weight * follow) / 2
    by_roots = _by_roots(layout, mode, roots, inverse, pulled, total)
    by_phi = np.array(
        [
            part.log_density.sum() - (part.weight @ leverage + follow @ part.score) / 2
            for part in here.by
        ]
    )  # fmt: skip
    return model.columns @ total, by_roots, by_phi


def _leverage(layout: Layout, inverse: tuple[Floats, Floats, Floats], roots: Roots) -> Floats:
    """a' H^-1 a of each row a of Z L: (n,)."""
    root = roots[0].T
    inner = left(root, left(root, inverse[0]).swapaxes(0, 1))
    if not layout.K:
        return quadratic(layout, inner, *inverse[1:])
    pairs = rooted_pairs(layout, left(root, inverse[1]), roots, transposed=True)
    half = rooted(layout, inverse[2], roots, transposed=True)
    return quadratic(layout, inner, pairs, rooted(layout, half.T, roots, transposed=True))


def _by_roots(
    layout: Layout,
    mode: Mode,
    roots: Roots,
    inverse: tuple[Floats, Floats, Floats],
    pulled: Coefficients,
    total: Floats,
) -> list[Floats]:
    """Derivatives of the log likelihood by every element of every root."""
    toward, score = layout.scores(total), layout.scores(mode.pointwise.score)
    derivatives = [toward[0] @ mode.b.inner.T - score[0] @ pulled.inner.T / 2]
    for band in layout.bands:
        t, s, b, v = (
            part[band.columns].reshape(band.groups, band.q)
            for part in (toward[1], score[1], mode.b.outer, pulled.outer)
        )
        derivatives.append(t.T @ b - s.T @ v / 2)
    return [
        derivative - trace
        for derivative, trace in zip(derivatives, traces(layout, mode.sums, roots, inverse), strict=True)
    ]


def traces(
    layout: Layout, sums: Moments, roots: Roots, inverse: tuple[Floats, Floats, Floats]
) -> list[Floats]:
    """Half the derivative of log|H| by every element of every root, at fixed weights."""
    inner, pairs, border = inverse
    q, size = layout.q, layout.q * layout.G
    half = left(roots[0], sums.inner).swapaxes(0, 1)
    own = half.reshape(q, size) @ inner.reshape(q, size).T
    if not layout.K:
        return [own]
    own += rooted_pairs(layout, sums.cross, roots) @ pairs.T
    spread = rooted(layout, sums.border, roots)
    back = roots[0] @ pairs
    result = [own]
    for band, at in zip(layout.bands, layout.pairs_of, strict=True):
        met, through = (block[:, at].reshape(-1, band.q) for block in (sums.cross, back))
        mine = met.T @ through
        rows = spread[band.columns].reshape(band.groups, band.q, layout.K)
        columns = border[band.columns].reshape(band.groups, band.q, layout.K)
        result.append(mine + np.einsum("gak,gbk->ab", rows, columns))
    return result
