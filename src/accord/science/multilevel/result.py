"""A fitted multilevel model: estimates by name, intervals, comparison, prediction, simulation, residuals."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.special import ndtri, stdtrit

from accord.arrays import Floats
from accord.science.multilevel import zeros
from accord.science.multilevel.estimate import Data, Estimates, dispersion_of, estimate
from accord.science.multilevel.layout import Term

REACHED = (
    1.2,
    1.7,
    2.5,
    4.0,
    7.0,
    12.0,
    20.0,
)  # of a Wald interval's half, where a profile's end is looked for
NOT_PROOF = "Associations, not proof of causes."


@dataclass(frozen=True, slots=True, eq=False)
class Variation:
    """How much the coefficients of one grouping differ between its groups."""

    group: str
    names: tuple[str, ...]
    groups: int
    sd: Floats  # (q,)
    corr: Floats  # (q, q)


class Fit:
    """Result of `fit`. It gives variances of the random part, never the effect of a single group."""

    def __init__(self, data: Data, estimates: Estimates, notes: tuple[str, ...] = ()) -> None:
        self._data, self._estimates = data, estimates
        self.names_ = data.names
        self.params_: Mapping[str, float] = dict(zip(data.names, estimates.beta.tolist(), strict=True))
        self.standard_errors_: Mapping[str, float] = dict(
            zip(data.names, estimates.errors.tolist(), strict=True)
        )
        p = len(data.names)
        self.covariance_: Floats = estimates.covariance[:p, :p]
        self.random_ = tuple(
            _variation(term, root) for term, root in zip(data.terms, estimates.roots, strict=True)
        )
        self.dispersion_ = dispersion_of(data.family, estimates.phi)
        self.log_likelihood_ = estimates.log_likelihood
        self.converged_, self.boundary_ = estimates.converged, bool(estimates.boundary)
        self.warnings_ = (*notes, *estimates.warnings)
        self.seconds_, self.n_ = estimates.seconds, len(data.y)

    @property
    def free_(self) -> int:
        """Number of values estimated."""
        return len(self._estimates.covariance)

    @property
    def aic_(self) -> float:
        """Akaike's criterion (1974)."""
        return 2 * (self.free_ - self.log_likelihood_)

    def interval(
        self, name: str, level: float = 0.95, method: str = "wald", df: float | None = None
    ) -> tuple[float, float]:
        """An interval of one fixed coefficient: from its standard error, or where the likelihood falls.

        df: degrees of freedom of a t distribution in place of the normal, for coefficients that few groups
        tell of, such as their number less two.
        """
        _known(name, self.names_)
        if method not in ("wald", "profile"):
            raise ValueError(f"found method {method!r}, expected wald or profile")
        place = (1 + level) / 2
        reach = float(ndtri(place) if df is None else stdtrit(df, place))
        if method == "profile":
            if not self.converged_:
                raise ValueError("found a fit that has not converged, expected one for a profile interval")
            return self._edge(name, -reach), self._edge(name, reach)
        middle, error = self.params_[name], self.standard_errors_[name]
        return middle - reach * error, middle + reach * error

    def _edge(self, name: str, reach: float) -> float:
        """The value at which twice the profile log likelihood has fallen by reach^2 (signed root).

        Infinite where it never falls so far, as where outcomes are nearly split.
        """
        from scipy.optimize import brentq

        middle, error = self.params_[name], self.standard_errors_[name]
        fixed, column = self._less([name]), self._data.x[:, self.names_.index(name)]

        def fallen(value: float) -> float:
            held = replace(fixed, offset=fixed.offset + value * column)
            drop = max(self.log_likelihood_ - estimate(held).log_likelihood, 0.0)
            return math.copysign(math.sqrt(2 * drop), reach) - reach

        for reached in REACHED:
            far = middle + reached * reach * error
            if fallen(far) * reach >= 0:
                return float(brentq(fallen, middle, far, xtol=1e-4 * error))
        return math.copysign(math.inf, reach)

    def _less(self, names: Sequence[str]) -> Data:
        """The data without these columns, which Firth's penalty goes on counting."""
        data = self._data
        gone = [name in names for name in self.names_]
        kept = tuple(name for name in self.names_ if name not in names)
        aside = data.x[:, gone] if data.firth else None
        return replace(data, x=data.x[:, np.logical_not(gone)], names=kept, aside=aside)

    def drop(self, *names: str) -> tuple[float, int, float]:
        """Likelihood-ratio test that the coefficients of these names are 0: statistic, degrees of freedom, p.

        With Firth's penalty the penalised likelihood-ratio test (Heinze and Schemper, 2002).
        """
        for name in names:
            _known(name, self.names_)
        return _ratio(self.log_likelihood_ - estimate(self._less(names)).log_likelihood, len(set(names)))

    def compare(self, smaller: Fit) -> tuple[float, int, float]:
        """Likelihood-ratio test against a model nested in this one: statistic, degrees of freedom, p.

        Where the smaller one lacks variances, p is on the safe side: at the bound it is up to twice too large
        (Self and Liang, 1987).
        """
        if smaller.n_ != self.n_ or smaller.free_ >= self.free_ or smaller._data.family != self._data.family:
            raise ValueError("expected a smaller model of the same rows and family")
        if self._data.firth or smaller._data.firth:
            raise ValueError(
                "found Firth's penalty, which each model has of its own: expected a call of drop"
            )
        return _ratio(self.log_likelihood_ - smaller.log_likelihood_, self.free_ - smaller.free_)

    def predict(self, *, groups: bool = False) -> Floats:
        """Expected outcomes of the rows fitted: at average groups, or with their own (`groups`)."""
        eta = self._eta(groups)
        family = self._data.family
        return eta if family == "gaussian" else zeros.of(family).mean(eta, self._estimates.phi)

    def _eta(self, groups: bool) -> Floats:
        eta: Floats = self._data.x @ self._estimates.beta + self._data.offset
        if groups:
            eta = eta + self._added(self._estimates.effects)
        return eta

    def _added(self, effects: tuple[Floats, ...]) -> Floats:
        total = np.zeros(self.n_)
        for term, effect in zip(self._data.terms, effects, strict=True):
            total += np.einsum("nm,nmq,nq->n", term.weight, effect[term.member], term.design)
        return total

    def simulate(self, rng: np.random.Generator) -> Floats:
        """Outcomes (n,) drawn from the fitted model, with groups drawn anew."""
        effects = tuple(
            rng.standard_normal((term.groups, term.q)) @ root.T
            for term, root in zip(self._data.terms, self._estimates.roots, strict=True)
        )
        return self._drawn(self._eta(False) + self._added(effects), rng)

    def _drawn(self, eta: Floats, rng: np.random.Generator) -> Floats:
        if self._data.family == "gaussian":
            return eta + float(self._estimates.phi[0]) * rng.standard_normal(self.n_)
        return zeros.of(self._data.family).draw(eta, self._estimates.phi, rng)

    def residuals(self, rng: np.random.Generator, draws: int = 250) -> Floats:
        """Standard normal if the model holds: quantiles among simulated outcomes of the same groups, ties
        split at random (Dunn and Smyth, 1996)."""
        eta = self._eta(True)
        below, same = np.zeros(self.n_), np.zeros(self.n_)
        for _ in range(draws):
            drawn = self._drawn(eta, rng)
            below += drawn < self._data.y
            same += drawn == self._data.y
        place = (below + rng.random(self.n_) * (same + 1)) / (draws + 1)
        return np.asarray(ndtri(place))

    def to_json(self) -> dict[str, Any]:
        """The fit as `accord fit --json` prints it."""
        return {
            "coefficients": {
                name: {"estimate": self.params_[name], "se": self.standard_errors_[name]}
                for name in self.names_
            },
            "random": {
                variation.group: {
                    "names": list(variation.names),
                    "sd": variation.sd.tolist(),
                    "corr": variation.corr.tolist(),
                }
                for variation in self.random_
            },
            "dispersion": self.dispersion_,
            "loglik": self.log_likelihood_,
            "converged": self.converged_,
            "boundary": self.boundary_,
            "seconds": self.seconds_,
            "warnings": list(self.warnings_),
        }

    def summary(self) -> str:
        """The summary of the fit as text."""
        penalised = " (with Firth's penalty)" if self._data.firth else ""
        head = f"{self._data.family}, {self.n_} rows, log likelihood{penalised} {self.log_likelihood_:.2f}"
        notes = [f"note: {warning}" for warning in self.warnings_]
        return "\n".join([head, *self.lines(), *notes, *last_lines(self.converged_)])

    def lines(self) -> list[str]:
        """Coefficients with their intervals, variation between groups and dispersion."""
        rows = [("", "estimate", "se", "95 % interval"), *map(self._cells, self.names_)]
        width = [max(len(row[k]) for row in rows) for k in range(4)]
        lines = [
            "  ".join(
                cell.rjust(w) if k else cell.ljust(w)
                for k, (cell, w) in enumerate(zip(row, width, strict=True))
            )
            for row in rows
        ]
        lines += [_variation_words(variation) for variation in self.random_]
        return lines if self.dispersion_ is None else [*lines, f"dispersion {self.dispersion_:.4g}"]

    def _cells(self, name: str) -> tuple[str, str, str, str]:
        low, high = self.interval(name)
        estimated, error = self.params_[name], self.standard_errors_[name]
        return name, f"{estimated:.4g}", f"{error:.3g}", f"{low:.4g} to {high:.4g}"

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.summary())}</pre>"


def fitted(data: Data, notes: tuple[str, ...] = ()) -> Fit:
    return Fit(data, estimate(data), notes)


def last_lines(converged: bool) -> list[str]:
    """The last lines of every summary."""
    return [NOT_PROOF] if converged else ["NOT CONVERGED: do not use these numbers", NOT_PROOF]


def _known(name: str, names: tuple[str, ...]) -> None:
    if name not in names:
        raise ValueError(f"found coefficient {name!r}, expected one of {', '.join(names)}")


def _ratio(gain: float, more: int) -> tuple[float, int, float]:
    from scipy.special import chdtrc

    statistic = max(2 * gain, 0.0)
    return statistic, more, float(chdtrc(more, statistic))


def _variation(term: Term, root: Floats) -> Variation:
    covariance = root @ root.T
    sd = np.sqrt(np.diag(covariance))
    safe = np.where(sd > 0, sd, 1.0)
    corr = covariance / np.outer(safe, safe)
    np.fill_diagonal(corr, 1.0)
    return Variation(term.group, term.names, term.groups, sd, corr)


def _variation_words(variation: Variation) -> str:
    parts = [f"{name} {sd:.4g}" for name, sd in zip(variation.names, variation.sd, strict=True)]
    together = [
        f"{variation.names[b]} with {variation.names[a]} {variation.corr[a, b]:.2f}"
        for a in range(len(variation.names))
        for b in range(a)
    ]
    text = f"differs between {variation.groups} {variation.group} (SD): {', '.join(parts)}"
    return f"{text}; go together: {', '.join(together)}" if together else text
