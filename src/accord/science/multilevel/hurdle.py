"""Hurdle models of counts: whether there is any at all, and how many where there is one (Mullahy, 1986).

The likelihood is the product of a yes-or-no model of all rows and of a model of the rows above 0, cut off at
0; they share no number, so each part is estimated by itself and the log likelihoods add up.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from accord.arrays import Bools, Floats
from accord.errors import InputError
from accord.science.multilevel import zeros
from accord.science.multilevel.diagnostics import YES_NO
from accord.science.multilevel.estimate import Data, estimate
from accord.science.multilevel.layout import Term
from accord.science.multilevel.result import Fit, Variation, last_lines

HURDLES = ("hurdle-poisson", "hurdle-negative-binomial")
TRUNCATED = {name: name.replace("hurdle", "truncated") for name in HURDLES}


class Hurdle:
    """Both parts of one model: `any_` of every row, `count_` of the rows above 0; names say whose each is."""

    def __init__(self, family: str, any_: Fit, count_: Fit, whole: Fit, notes: tuple[str, ...]) -> None:
        self.family_, self.any_, self.count_, self._whole = family, any_, count_, whole
        self.names_ = tuple(f"{part}: {name}" for part, fit in self._parts() for name in fit.names_)
        self.params_: Mapping[str, float] = self._both("params_")
        self.standard_errors_: Mapping[str, float] = self._both("standard_errors_")
        self.random_: tuple[Variation, ...] = any_.random_ + count_.random_
        self.dispersion_ = count_.dispersion_
        self.log_likelihood_ = any_.log_likelihood_ + count_.log_likelihood_
        self.free_ = any_.free_ + count_.free_
        self.converged_ = any_.converged_ and count_.converged_
        self.boundary_ = any_.boundary_ or count_.boundary_
        warnings = (f"{part}: {warning}" for part, fit in self._parts() for warning in fit.warnings_)
        self.warnings_ = (*notes, *warnings)
        self.seconds_, self.n_ = any_.seconds_ + count_.seconds_, any_.n_

    def _parts(self) -> tuple[tuple[str, Fit], tuple[str, Fit]]:
        return ("any", self.any_), ("count", self.count_)

    def _both(self, values: str) -> dict[str, float]:
        return {
            f"{part}: {name}": value
            for part, fit in self._parts()
            for name, value in getattr(fit, values).items()
        }

    @property
    def aic_(self) -> float:
        """Akaike's criterion (1974), comparable with that of other counts' models of the same rows."""
        return 2 * (self.free_ - self.log_likelihood_)

    def interval(
        self, name: str, level: float = 0.95, method: str = "wald", df: float | None = None
    ) -> tuple[float, float]:
        """An interval of one coefficient, such as "any: aw"; methods as for a single fit."""
        if name not in self.names_:
            raise ValueError(f"found coefficient {name!r}, expected one of {', '.join(self.names_)}")
        part, own = name.split(": ", 1)
        return dict(self._parts())[part].interval(own, level, method, df)

    def predict(self) -> Floats:
        """Expected counts of all rows at average groups."""
        return self.any_.predict() * self._whole.predict()

    def simulate(self, rng: np.random.Generator) -> Floats:
        """Counts (n,) drawn from the fitted model, with groups drawn anew."""
        return self.any_.simulate(rng) * self._whole.simulate(rng)

    def to_json(self) -> dict[str, Any]:
        """As for a single fit; names of coefficients and groupings say which part they belong to."""
        parts = {part: fit.to_json() for part, fit in self._parts()}
        both = {
            key: {
                f"{part}: {name}": value
                for part, content in parts.items()
                for name, value in content[key].items()
            }
            for key in ("coefficients", "random")
        }
        return both | {
            "dispersion": self.dispersion_,
            "loglik": self.log_likelihood_,
            "converged": self.converged_,
            "boundary": self.boundary_,
            "seconds": self.seconds_,
            "warnings": list(self.warnings_),
        }

    def summary(self) -> str:
        """Both parts, one below the other."""
        head = f"{self.family_}, {self.n_} rows, log likelihood {self.log_likelihood_:.2f}"
        parts = [
            f"any at all, in {self.n_} rows",
            *self.any_.lines(),
            f"how many, in the {self.count_.n_} rows with any",
            *self.count_.lines(),
        ]
        notes = [f"note: {warning}" for warning in self.warnings_]
        return "\n".join([head, *parts, *notes, *last_lines(self.converged_)])

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.summary())}</pre>"


def hurdle(family: str, any_: Data, count: Data, notes: tuple[str, ...]) -> Hurdle:
    """Fit both parts to all rows' counts in `any_` and `count`, whose families are those of the parts."""
    if any_.family not in YES_NO:
        raise InputError(f"one of {', '.join(YES_NO)} for whether there is any", found=repr(any_.family))
    _refuse(count.y, family)
    over = count.y > 0
    first = replace(any_, y=over.astype(np.float64))
    second = _rows(count, over)
    estimates = estimate(second)
    return Hurdle(family, Fit(first, estimate(first)), Fit(second, estimates), Fit(count, estimates), notes)


def _refuse(y: Floats, family: str) -> None:
    refusal = zeros.of(family.removeprefix("hurdle-")).refusal(y)
    if not refusal and (y > 0).all():
        refusal = "at least one count of 0 (where all are above, take truncated- in the place of hurdle-)"
    if refusal:
        raise InputError(refusal, column="outcome")


def _rows(data: Data, chosen: Bools) -> Data:
    """The data of these rows, without groups that none of them is in."""
    terms = tuple(_rows_of(term, chosen) for term in data.terms)
    return replace(data, y=data.y[chosen], x=data.x[chosen], offset=data.offset[chosen], terms=terms)


def _rows_of(term: Term, chosen: Bools) -> Term:
    member = term.member[chosen]
    codes = np.unique(member, return_inverse=True)[1].reshape(member.shape)
    return replace(term, design=term.design[chosen], member=codes, weight=term.weight[chosen])
