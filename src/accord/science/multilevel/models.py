"""A data set and its family as something a search can climb: a vector in, likelihood and gradient out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from scipy.linalg import block_diag

from accord.science.multilevel.elimination import (
    NotPositive,
    Roots,
    System,
    carried_through,
    moments,
    rooted,
)
from accord.science.multilevel.families import Family
from accord.science.multilevel.firth import Firth
from accord.science.multilevel.gaussian import Gaussian
from accord.science.multilevel.laplace import Coefficients, Laplace, NoMode
from accord.science.multilevel.layout import Floats, Layout
from accord.science.multilevel.search import Found, climb, polish

IRLS_STEPS = 50
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
    """Fixed columns turned into ones of equal spread that do not go together, and coefficients back."""

    columns: Floats  # (n, p)
    back: Floats  # (p, p): coefficients of the caller's columns from those of these

    @classmethod
    def of(cls, x: Floats) -> Spread:
        q, r = np.linalg.qr(x)
        root_n = math.sqrt(max(len(x), 1))
        return cls(q * root_n, np.linalg.inv(r) * root_n)


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
        return [
            np.diag(sd / np.sqrt(np.maximum((term.design**2).mean(axis=0), 1e-12)))
            for term in self.layout.terms
        ]

    def reach(self, roots: Roots) -> Floats:
        """About the standard errors of the roots' free elements: those of an SD told by so many groups."""
        terms = self.layout.terms
        spread = [
            np.diag(root)[:, None] * REACH / math.sqrt(max(term.groups, 1))
            for root, term in zip(roots, terms, strict=True)
        ]
        return self.elements(
            [np.broadcast_to(one, term.free.shape) for one, term in zip(spread, terms, strict=True)]
        )


class Model(Protocol):
    shape: Shape

    def found(self, sd: float) -> Found: ...
    def coefficients(self, parts: Parts) -> tuple[Floats, Floats]: ...
    def parts(self, vector: Floats) -> Parts: ...


class Penalty(Protocol):
    """What is added to the log likelihood for fixed coefficients, and its gradient."""

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

    def found(self, sd: float) -> Found:
        beta, roots = self._alone(), self.shape.first_roots(sd)
        start = np.concatenate([beta, self.shape.elements(roots), self.family.start])
        return climb(self.objective, start, self._reach(beta, roots))

    def _reach(self, beta: Floats, roots: list[Floats]) -> Floats:
        """About the root of the estimates' covariance: exact for fixed coefficients at these roots."""
        model, phi = self.laplace, np.array(self.family.start)
        mode = model.mode(model.x @ beta + model.offset, roots, phi)
        weight = np.maximum(mode.pointwise.weight, 0.0)
        system = System(model.layout, moments(model.layout, weight), roots)
        information = carried_through(model.layout, system, model.x, weight, roots)
        information += np.diag(np.full(self.shape.p, 1e-8 * len(model.y)))
        rest = np.concatenate([self.shape.reach(roots), np.full(self.shape.phi, 0.1)])
        return block_diag(np.linalg.cholesky(np.linalg.inv(information)), np.diag(rest))

    def _alone(self) -> Floats:
        """Fixed coefficients without random ones, by Newton's method."""
        model, phi = self.laplace, np.array(self.family.start)
        beta = np.zeros(self.shape.p)
        value = -np.inf
        for _ in range(IRLS_STEPS):
            here = self.family.at(model.y, model.x @ beta + model.offset, phi, whole=False)
            prior, slope = self.penalty.of(beta)
            gain = float(here.log_density.sum()) + prior - value
            value += gain
            weight = np.maximum(here.weight, 1e-6)
            information = model.x.T @ (weight[:, None] * model.x)
            if abs(gain) < 1e-4 * (1 + abs(value)):
                break
            step = np.linalg.solve(information, model.x.T @ here.score + slope)
            beta = beta + step / max(1.0, float(np.abs(step).max()) / 2)
        return beta

    def parts(self, vector: Floats) -> Parts:
        return self.shape.parts(vector)

    def coefficients(self, parts: Parts) -> tuple[Floats, Floats]:
        fixed = self.laplace.x @ parts.beta + self.laplace.offset
        return _unstandardised(
            self.shape.layout, self.laplace.mode(fixed, parts.roots, parts.phi).b, parts.roots
        )


class Penalised(Generalised):
    """A model without random terms, by Firth's penalised likelihood."""

    def __init__(
        self, y: Floats, spread: Spread, offset: Floats, layout: Layout, family: Family, firth: Firth
    ) -> None:
        super().__init__(y, spread, offset, layout, family, firth)
        self.firth = firth

    def found(self, sd: float) -> Found:
        top = super().found(sd)
        return top._replace(information=self.firth.information(top.x))


class Linear:
    """The Gaussian; roots in the vector are relative to the residual SD, whose log is the family's number."""

    def __init__(self, y: Floats, spread: Spread, offset: Floats, layout: Layout) -> None:
        self.gaussian = Gaussian(y, spread.columns, offset, layout)
        self.shape = Shape(spread.columns.shape[1], layout, 1)

    def objective(self, vector: Floats) -> tuple[float, Floats]:
        beta, roots, phi = self.shape.parts(vector)
        try:
            value = self.gaussian.at(beta, roots, float(phi[0]))
        except NotPositive as error:
            raise NotThere from error
        by_sigma = np.array([value.by_log_sigma])
        gradient = [value.by_beta, self.shape.elements(value.by_roots), by_sigma]
        return value.log_likelihood, np.concatenate(gradient)

    def found(self, sd: float) -> Found:
        """First over the roots alone, then one look at everything together."""
        roots = self.shape.first_roots(sd)
        start, reach = self.shape.elements(roots), self.shape.reach(roots)

        def profile(elements: Floats) -> tuple[float, Floats]:
            found = self.gaussian.profile(self._roots(elements))
            return found.log_likelihood, self.shape.elements(found.by_roots)

        top = climb(profile, start, np.diag(reach)) if len(start) else None
        elements = top.x if top else start
        best = self.gaussian.profile(self._roots(elements))
        vector = np.concatenate([best.beta, elements, [math.log(best.sigma)]])
        n = self.gaussian.n
        alone = np.full(self.shape.p, best.sigma / math.sqrt(n))
        errors = np.concatenate([3 * alone, reach, [1 / math.sqrt(2 * n)]])
        return polish(self.objective, vector, errors)

    def _roots(self, elements: Floats) -> list[Floats]:
        return self.shape.parts(np.concatenate([np.zeros(self.shape.p), elements])).roots

    def parts(self, vector: Floats) -> Parts:
        beta, roots, phi = self.shape.parts(vector)
        return Parts(beta, [root * math.exp(phi[0]) for root in roots], np.exp(phi))

    def coefficients(self, parts: Parts) -> tuple[Floats, Floats]:
        relative = [root / parts.phi[0] for root in parts.roots]
        return _unstandardised(self.shape.layout, self.gaussian.profile(relative).b, relative)


def _unstandardised(layout: Layout, b: Coefficients, roots: Sequence[Floats]) -> tuple[Floats, Floats]:
    return b.inner @ roots[0].T, rooted(layout, b.outer, roots, transposed=True)
