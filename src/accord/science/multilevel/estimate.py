"""Fitting a multilevel model: from arrays to estimates, standard errors and warnings."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.linalg import block_diag

from accord.arrays import Floats
from accord.errors import InputError
from accord.science.multilevel import zeros
from accord.science.multilevel.diagnostics import (
    at_bounds,
    data_warnings,
    separated,
    validate,
    validate_firth,
)
from accord.science.multilevel.elimination import NotPositive
from accord.science.multilevel.firth import Firth
from accord.science.multilevel.laplace import NoMode
from accord.science.multilevel.layout import Layout, Term
from accord.science.multilevel.models import Generalised, Linear, Model, Parts, Penalised, Priors, Spread
from accord.science.multilevel.search import SearchResult, covariance

START_SD = 0.5  # of what a random coefficient adds to the linear predictor, where a search begins


@dataclass(frozen=True, slots=True, eq=False)
class Data:
    """The data of a model. x (n, p) holds the intercept's ones; `names` are its columns'.

    prior_sd: of weak priors; firth: by Firth's penalised likelihood, whose penalty also counts the columns
    `aside` (n, r), the coefficients of which are held fixed within the offset.
    """

    y: Floats
    x: Floats
    terms: tuple[Term, ...]
    offset: Floats
    names: tuple[str, ...]
    family: str
    prior_sd: float | None = None
    firth: bool = False
    aside: Floats | None = None

    @property
    def unbounded(self) -> bool:
        """Whether nothing keeps the coefficients of a predictor that splits the outcomes finite."""
        return self.prior_sd is None and not self.firth

    @property
    def penalty(self) -> Floats:
        """Precision of the prior on each fixed coefficient (Gelman et al., 2008); the intercept has none."""
        if self.prior_sd is None:
            return np.zeros(self.x.shape[1])
        precision: Floats = self.x.var(axis=0) / self.prior_sd**2
        return precision


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """Estimates of a search, in the caller's columns and terms.

    roots: lower roots of the random covariances; phi: the family's numbers (the residual SD of the Gaussian);
    covariance: of beta, then of the roots' free elements and phi, block after block of the search's order;
    effects: random coefficients (groups, q) of each term, for prediction here and never to be written out.
    """

    beta: Floats
    errors: Floats
    covariance: Floats
    roots: tuple[Floats, ...]
    phi: Floats
    log_likelihood: float
    converged: bool
    boundary: tuple[str, ...]
    warnings: tuple[str, ...]
    effects: tuple[Floats, ...]
    seconds: float


def estimate(data: Data, *, start: float = START_SD) -> Estimates:
    """Maximum likelihood: exact for the Gaussian, by the Laplace approximation for every other family.

    `start`: SD, on the linear predictor, from which the random coefficients' spreads are searched. InputError
    names what is wrong with the data.
    """
    turn = validate(data.y, data.x, data.terms, data.offset, data.names, data.family)
    if data.firth:
        validate_firth(data.terms, data.family, data.prior_sd)
    began = time.perf_counter()
    layout = Layout(data.terms, len(data.y))
    spread = Spread.of(data.x[layout.order], turn)
    model = _model(data, layout, spread)
    search = _search(model, start)
    parts = model.parts(search.x)
    beta, of_beta = _back(spread, parts, search)
    seconds = time.perf_counter() - began
    return _estimates(data, layout, model, search, parts, beta, of_beta, seconds)


def _model(data: Data, layout: Layout, spread: Spread) -> Model:
    y, offset = data.y[layout.order], data.offset[layout.order]
    if data.family == "gaussian":
        return Linear(y, spread, offset, layout)
    family = zeros.of(data.family)
    if data.firth:
        whole = data.x if data.aside is None else np.column_stack([data.x, data.aside])
        firth = Firth(spread.columns, whole[layout.order], offset, data.family)
        return Penalised(y, spread, offset, layout, family, firth)
    return Generalised(y, spread, offset, layout, family, Priors(data.penalty, spread.back))


def _search(model: Model, start: float) -> SearchResult:
    try:
        # A search may step so far that numbers overflow; there is no likelihood there and it turns back.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            return model.search(start)
    except (NoMode, NotPositive, ArithmeticError, np.linalg.LinAlgError) as error:
        raise InputError(
            "outcomes and predictors of which a likelihood can be worked out",
            found="none where the search begins: look for very large values, and for a wrong offset",
        ) from error


def _back(spread: Spread, parts: Parts, search: SearchResult) -> tuple[Floats, Floats]:
    """Fixed coefficients, and the covariance of everything, for the caller's columns."""
    rest = len(search.x) - len(parts.beta)
    back = block_diag(spread.back, np.eye(rest))
    return spread.back @ parts.beta, back @ covariance(search.information) @ back.T


def _estimates(
    data: Data,
    layout: Layout,
    model: Model,
    search: SearchResult,
    parts: Parts,
    beta: Floats,
    of_all: Floats,
    seconds: float,
) -> Estimates:
    p = len(beta)
    errors = np.sqrt(np.maximum(np.diag(of_all)[:p], 0.0))
    place = [next(k for k, laid in enumerate(layout.terms) if laid is term) for term in data.terms]
    roots = tuple(parts.roots[k] for k in place)
    dispersion = dispersion_of(data.family, parts.phi)
    bounds = at_bounds(data.terms, roots, dispersion, data.family)
    split = separated(data.x, beta, errors, data.names, data.family) if data.unbounded else []
    warnings = [*data_warnings(data.y, data.x, data.terms, data.names, data.family), *bounds, *split]
    if not search.converged:
        warnings.append(f"not converged: {search.why_not}")
    return Estimates(
        beta,
        errors,
        of_all,
        roots,
        parts.phi,
        search.log_likelihood,
        search.converged and not split and bool(np.isfinite(errors).all() and (errors > 0).all()),
        tuple(bounds),
        tuple(warnings),
        _effects(layout, model, parts, place),
        seconds,
    )


def _effects(layout: Layout, model: Model, parts: Parts, place: Sequence[int]) -> tuple[Floats, ...]:
    inner, outer = model.coefficients(parts)
    bands = [outer[band.columns].reshape(band.groups, band.q) for band in layout.bands]
    return tuple([inner, *bands][k] for k in place)


def dispersion_of(family: str, phi: Floats) -> float | None:
    """Residual SD of the Gaussian, theta of a negative binomial, else None."""
    return float(phi[0]) if family == "gaussian" else zeros.of(family).dispersion(phi)
