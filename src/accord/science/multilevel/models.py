"""Objectives for the search: likelihood and gradient of a data set and its family at a vector."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from accord.arrays import Floats
from accord.science.multilevel.elimination import (
    NotPositive,
    Roots,
    carried_through,
    rooted,
)
from accord.science.multilevel.em_start import em_step
from accord.science.multilevel.families import Family, whole
from accord.science.multilevel.firth import Firth
from accord.science.multilevel.gaussian import Gaussian, Profile
from accord.science.multilevel.laplace import Coefficients, Laplace, Mode, NoMode
from accord.science.multilevel.layout import Layout
from accord.science.multilevel.search import (
    CachedObjective,
    Objective,
    SearchResult,
    ascent,
    climb,
    differences,
    polish,
)

IRLS_STEPS = 50
APPROACHES = 2
REACH = 1.5  # of an SD's standard error over its share 1/sqrt(groups)


class Parts(NamedTuple):
    """A vector of values taken apart: fixed coefficients (of spread columns), roots, the family's numbers."""

    beta: Floats
    roots: list[Floats]
    phi: Floats


class NotThere(ArithmeticError):
    """No likelihood at these values."""


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """Fixed columns made uncorrelated and of equal spread, and the way back for their coefficients."""

    columns: Floats  # (n, p)
    back: Floats  # (p, p): coefficients of the caller's columns from those of these

    @classmethod
    def of(cls, x: Floats, turn: Floats) -> Spread:
        """turn (p, p): the triangle of x, whatever the order of its rows."""
        back = np.asarray(np.linalg.inv(turn), dtype=np.float64) * math.sqrt(max(len(x), 1))
        return cls(x @ back, back)


class Shape:
    """Which elements of the roots are free, and where each value lies in the vector."""

    def __init__(self, p: int, layout: Layout, phi: int) -> None:
        self.p, self.layout, self.phi = p, layout, phi
        self.masks = [term.free for term in layout.terms]
        self.roots = sum(int(mask.sum()) for mask in self.masks)

    def parts(self, vector: Floats) -> Parts:
        roots, at = [], self.p
        for mask in self.masks:
            root = np.zeros(mask.shape)
            root[mask] = vector[at : at + int(mask.sum())]
            roots.append(root)
            at += int(mask.sum())
        return Parts(vector[: self.p], roots, vector[at:])

    def elements(self, roots: Roots) -> Floats:
        return np.concatenate([root[mask] for root, mask in zip(roots, self.masks, strict=True)])

    def first_roots(self, sd: float) -> list[Floats]:
        """Independent coefficients that each spread the linear predictor by `sd`."""
        return [np.diag(sd / np.maximum(term.size, 1e-6)) for term in self.layout.terms]

    def reach(self, roots: Roots) -> Floats:
        """Approximate standard errors of the roots' free elements: those of an SD over so many groups."""
        terms = self.layout.terms
        spread = [
            np.diag(root)[:, None] * REACH / math.sqrt(max(term.groups, 1))
            for root, term in zip(roots, terms, strict=True)
        ]
        return self.elements(
            [np.broadcast_to(width, term.free.shape) for width, term in zip(spread, terms, strict=True)]
        )


class Model(Protocol):
    shape: Shape

    def search(self, sd: float) -> SearchResult: ...
    def coefficients(self, parts: Parts) -> tuple[Floats, Floats]: ...
    def parts(self, vector: Floats) -> Parts: ...


class Penalty(Protocol):
    """A term added to the log likelihood for fixed coefficients, with its gradient."""

    def of(self, beta: Floats) -> tuple[float, Floats]: ...


class Priors(NamedTuple):
    """A normal prior on the caller's fixed coefficients, each with its precision (p,)."""

    precision: Floats
    back: Floats

    def of(self, beta: Floats) -> tuple[float, Floats]:
        own = self.back @ beta
        return -float(self.precision @ own**2) / 2, -self.back.T @ (self.precision * own)


class Generalised:
    """Any family but the Gaussian, by the Laplace approximation."""

    def __init__(
        self, y: Floats, spread: Spread, offset: Floats, layout: Layout, family: Family, penalty: Penalty
    ) -> None:
        self.laplace = Laplace(y, spread.columns, offset, layout, family)
        self.shape = Shape(spread.columns.shape[1], layout, len(family.numbers))
        self.family, self.penalty = family, penalty

    def objective(self, vector: Floats) -> tuple[float, Floats]:
        beta, roots, phi = self.shape.parts(vector)
        try:
            value = self.laplace.at(beta, roots, phi)
        except (NoMode, NotPositive) as error:
            raise NotThere from error
        if not np.isfinite(value.log_likelihood):
            raise NotThere
        prior, slope = self.penalty.of(beta)
        gradient = [value.by_beta + slope, self.shape.elements(value.by_roots), value.by_phi]
        return value.log_likelihood + prior, np.concatenate(gradient)

    def search(self, sd: float) -> SearchResult:
        phi = np.array(self.family.start)
        beta, roots, information = self._nearer(self._alone(phi), self.shape.first_roots(sd), phi)
        alone = 1 / np.sqrt(np.diag(information))
        errors = np.concatenate([alone, self.shape.reach(roots), np.full(self.shape.phi, 0.1)])
        start = np.concatenate([beta, self.shape.elements(roots), phi])
        return climb(self.objective, start, information, errors)

    def _nearer(self, beta: Floats, roots: list[Floats], phi: Floats) -> tuple[Floats, list[Floats], Floats]:
        """Coefficients and roots after a few steps without a search, and the coefficients' information."""
        mode, information = self._mode_and_information(beta, roots, phi)
        for _ in range(APPROACHES):
            slope = self.laplace.columns @ mode.pointwise.score + self.penalty.of(beta)[1]
            nearer = beta + _short(np.linalg.solve(information, slope))
            spread = em_step(self.shape.layout, roots, mode.b, mode.system.inverse_parts())
            try:
                mode, information = self._mode_and_information(nearer, spread, phi)
            except (NoMode, NotPositive):
                break
            beta, roots = nearer, spread
        return beta, roots, information

    def _mode_and_information(self, beta: Floats, roots: list[Floats], phi: Floats) -> tuple[Mode, Floats]:
        """The mode, and the information on fixed coefficients at these roots."""
        model = self.laplace
        mode = model.mode(beta, roots, phi)
        weight = mode.pointwise.weight
        information = carried_through(model.layout, mode.system, model.x, weight, roots)
        if not (np.linalg.eigvalsh(information) > 0).all():  # a mixture's weights can be negative
            information = model.x.T @ (np.maximum(weight, 0.0)[:, None] * model.x)
        return mode, information + np.diag(np.full(self.shape.p, 1e-8 * len(model.y)))

    def _alone(self, phi: Floats) -> Floats:
        """Fixed coefficients without random ones, by Newton's method."""
        model, beta, value = self.laplace, np.zeros(self.shape.p), -np.inf
        for _ in range(IRLS_STEPS):
            here = whole(self.family, model.y, beta @ model.columns + model.offset, phi)
            prior, slope = self.penalty.of(beta)
            before, value = value, float(here.log_density.sum()) + prior
            if abs(value - before) < 1e-4 * (1 + abs(value)):
                break
            weight = np.maximum(here.weight, 1e-6)
            information = model.x.T @ (weight[:, None] * model.x)
            beta = beta + _short(np.linalg.solve(information, model.columns @ here.score + slope))
        return beta

    def parts(self, vector: Floats) -> Parts:
        return self.shape.parts(vector)

    def coefficients(self, parts: Parts) -> tuple[Floats, Floats]:
        mode = self.laplace.mode(parts.beta, parts.roots, parts.phi)
        return _unstandardised(self.shape.layout, mode.b, parts.roots)


class Penalised(Generalised):
    """A model without random terms, by Firth's penalised likelihood."""

    def __init__(
        self, y: Floats, spread: Spread, offset: Floats, layout: Layout, family: Family, firth: Firth
    ) -> None:
        super().__init__(y, spread, offset, layout, family, firth)
        self.firth = firth

    def search(self, sd: float) -> SearchResult:
        top = super().search(sd)
        return top._replace(information=self.firth.information(top.x))


class Linear:
    """The Gaussian; roots in the vector are relative to the residual SD, whose log is the family's number."""

    def __init__(self, y: Floats, spread: Spread, offset: Floats, layout: Layout) -> None:
        self.gaussian = Gaussian(y, spread.columns, offset, layout)
        self.shape = Shape(spread.columns.shape[1], layout, 1)
        self.last: tuple[Floats, Profile, Floats] | None = None

    def objective(self, vector: Floats) -> tuple[float, Floats]:
        beta, roots, phi = self.shape.parts(vector)
        try:
            value = self.gaussian.at(beta, roots, float(phi[0]))
        except NotPositive as error:
            raise NotThere from error
        by_sigma = np.array([value.by_log_sigma])
        gradient = [value.by_beta, self.shape.elements(value.by_roots), by_sigma]
        return value.log_likelihood, np.concatenate(gradient)

    def search(self, sd: float) -> SearchResult:
        """Search over the roots alone, then polish all values together."""
        roots = self.shape.first_roots(sd)
        for _ in range(APPROACHES):
            b, system = self.gaussian.standardised(roots)
            roots = em_step(self.shape.layout, roots, b, system.inverse_parts())
        start, reach = self.shape.elements(roots), self.shape.reach(roots)

        elements = start
        if len(start):
            elements = ascent(self._profile, start, np.empty((0, 0)), reach)[0]
        best, slope = self._at(elements)
        vector = np.concatenate([best.beta, elements, [math.log(best.sigma)]])
        n = self.gaussian.n
        alone = np.full(self.shape.p, best.sigma / math.sqrt(n))
        errors = np.concatenate([3 * alone, reach, [1 / math.sqrt(2 * n)]])
        start_value = best.log_likelihood, np.concatenate([np.zeros(self.shape.p), slope, [0.0]])
        return polish(CachedObjective(self.objective, vector, start_value), vector, errors, self._curvature)

    def _profile(self, elements: Floats) -> tuple[float, Floats]:
        best, slope = self._at(elements)
        return best.log_likelihood, slope

    def _at(self, elements: Floats) -> tuple[Profile, Floats]:
        """The profile at these elements of the roots, and its gradient; the last one is kept."""
        if self.last is None or not np.array_equal(elements, self.last[0]):
            profile = self.gaussian.profile(self._roots(elements))
            self.last = elements.copy(), profile, self.shape.elements(profile.by_roots)
        return self.last[1:]

    def _curvature(self, objective: Objective, x: Floats, gradient: Floats, errors: Floats) -> Floats:
        """Minus the Hessian, by differences for the roots alone, since all else has closed forms."""
        p, last = self.shape.p, len(x) - 1
        _, roots, phi = self.shape.parts(x)
        curvature = np.empty((len(x), len(x)))
        curvature[:p, :p] = self.gaussian.information(roots, float(phi[0]))
        curvature[last, :p] = curvature[:p, last] = 2 * gradient[:p]
        curvature[last, last] = 2 * (gradient[last] + self.gaussian.n)
        rows = differences(objective, x, gradient, errors, range(p, last))
        curvature[p:last] = rows
        curvature[:, p:last] = rows.T
        curvature[p:last, p:last] = (rows[:, p:last] + rows[:, p:last].T) / 2
        return curvature

    def _roots(self, elements: Floats) -> list[Floats]:
        return self.shape.parts(np.concatenate([np.zeros(self.shape.p), elements])).roots

    def parts(self, vector: Floats) -> Parts:
        beta, roots, phi = self.shape.parts(vector)
        return Parts(beta, [root * math.exp(phi[0]) for root in roots], np.exp(phi))

    def coefficients(self, parts: Parts) -> tuple[Floats, Floats]:
        relative = [root / parts.phi[0] for root in parts.roots]
        return _unstandardised(self.shape.layout, self.gaussian.standardised(relative)[0], parts.roots)


def _short(step: NDArray[np.floating]) -> Floats:
    """The step, shortened so that no coefficient (of a column of unit spread) moves by more than 2."""
    return np.asarray(step, dtype=np.float64) / max(1.0, float(np.abs(step).max(initial=0.0)) / 2)


def _unstandardised(layout: Layout, b: Coefficients, roots: Sequence[Floats]) -> tuple[Floats, Floats]:
    return (roots[0] @ b.inner).T, rooted(layout, b.outer, roots, transposed=True)
