"""Errors and warnings for a model fit, with advice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from accord.arrays import Floats
from accord.errors import InputError
from accord.science.multilevel import zeros
from accord.science.multilevel.firth import WEIGHTS
from accord.science.multilevel.layout import Term, numbered

FEW_GROUPS = 5
SOME_GROUPS = 30  # up to which a t distribution differs from the normal by more than a twentieth
EVENTS_FOR_ONE = 10  # events a predictor needs (Peduzzi et al., 1996)
FARTHEST = 12.0  # of a coefficient in SDs of its predictor: a chance of 1 in 160,000 beside one of a half
UNSURE = 20.0  # of its standard error, likewise
YES_NO = ("bernoulli", "cloglog")
NOTHING = 1e-10  # left over, as a share of the largest value of the outcome
SMALL = 1e-3  # of an SD, on the linear predictor, against what a random intercept could matter
CERTAIN = 1 - 1e-5  # of a correlation
POISSON_FROM = 1e5  # theta


def validate(
    y: Floats, x: Floats, terms: Sequence[Term], offset: Floats, names: Sequence[str], family: str
) -> Floats:
    """The triangle (p, p) of x. Raises InputError for data from which nothing can be estimated."""
    for what, values in (("the outcome", y), ("a predictor", x), ("the offset", offset)):
        if not np.isfinite(values).all():
            raise InputError("a number in every row", found=f"a gap or an infinite value in {what}")
    if len(y) <= x.shape[1]:
        raise InputError("more rows than predictors", found=f"{len(y)} rows and {x.shape[1]} predictors")
    refusal = _refusal(y, family)
    if refusal:
        raise InputError(refusal, column="outcome")
    turn = np.asarray(np.linalg.qr(x, mode="r"), dtype=np.float64)
    _refuse_collinear(x, turn, names)
    if family == "gaussian":
        _refuse_without_residual(y - offset, x)
    for term in terms:
        _refuse_term(term, len(y), family)
    return turn


def _refusal(y: Floats, family: str) -> str:
    if family != "gaussian":
        return zeros.of(family).refusal(y)
    return "" if np.ptp(y) > 0 else f"more than one value (all are {y[0]:g})"


def _refuse_collinear(x: Floats, turn: Floats, names: Sequence[str]) -> None:
    """Refuse a column that adds nothing to those before it."""
    rest, size = np.abs(np.diag(turn)), np.sqrt(np.einsum("np,np->p", x, x))
    for k, name in enumerate(names):
        if size[k] == 0 or rest[k] < 1e-8 * size[k]:
            constant = np.ptp(x[:, k]) == 0
            found = "one value in all rows" if constant else f"a sum of {', '.join(names[:k])}"
            raise InputError("a predictor that those before it do not already tell", column=name, found=found)


def _refuse_without_residual(y: Floats, x: Floats) -> None:
    """Refuse an outcome without a residual, whose likelihood is undefined."""
    left = y - x @ np.linalg.lstsq(x, y)[0]
    if np.abs(left).max() <= NOTHING * np.abs(y).max():
        raise InputError(
            "an outcome that the predictors do not tell entirely: leave out the one it was worked out from",
            column="outcome",
            found="nothing left over",
        )


def _refuse_term(term: Term, n: int, family: str) -> None:
    if term.groups < 2:
        raise InputError("at least two groups", column=term.group, found="one")
    if family == "gaussian" and term.single and term.groups == n:
        raise InputError(
            "several rows of a group, else its variance cannot be separated from the residual's",
            column=term.group,
            found="one row of each",
        )


def validate_firth(terms: Sequence[Term], family: str, prior_sd: float | None) -> None:
    """Raise InputError where Firth's penalty is not defined."""
    if family not in WEIGHTS:
        raise InputError(f"one of {', '.join(WEIGHTS)} for Firth's penalty", found=family)
    if prior_sd is not None:
        raise InputError("either Firth's penalty (firth) or weak priors (prior_sd)", found="both")
    if terms:
        raise InputError(
            "no random terms beside Firth's penalty: leave them out, or take weak priors (prior_sd)",
            column=terms[0].group,
            found="a random term",
        )


def data_warnings(
    y: Floats, x: Floats, terms: Sequence[Term], names: Sequence[str], family: str
) -> list[str]:
    """Warnings about the data that do not prevent a fit."""
    return [*_few_events(y, x, names, family), *_thin_terms(terms), *_between_few(x, terms, names)]


def _few_events(y: Floats, x: Floats, names: Sequence[str], family: str) -> list[str]:
    if family not in YES_NO:
        return []
    events = int(min(y.sum(), len(y) - y.sum()))
    predictors = len(names) - int((np.ptp(x, axis=0) == 0).any())
    allowed = events // EVENTS_FOR_ONE
    if predictors <= max(allowed, 0):
        return []
    return [
        f"{events} events allow {allowed} predictors, and there are {predictors}: "
        "take fewer, Firth's penalty (firth) or weak priors (prior_sd)"
    ]


def _thin_terms(terms: Sequence[Term]) -> list[str]:
    warnings = []
    for term in terms:
        if term.groups < FEW_GROUPS:
            warnings.append(f"the variance of {term.group} rests on {term.groups} groups only")
        rows = np.bincount(term.member[:, 0], minlength=term.groups)
        once = int((rows == 1).sum())
        if term.q > 1 and once:
            warnings.append(f"{once} of {term.groups} {term.group} have one row and say nothing of slopes")
    warnings += _lone(terms)
    return warnings


def _between_few(x: Floats, terms: Sequence[Term], names: Sequence[str]) -> list[str]:
    """Predictors with one value in each of few groups (Snijders and Bosker, 2012)."""
    warnings = []
    few = [term for term in terms if term.single and 2 < term.groups <= SOME_GROUPS]
    for name, column in zip(names, x.T, strict=True):
        by = [term for term in few if np.ptp(column) > 0 and _has_a_value_for_each(column, term)]
        if by:
            term = min(by, key=lambda term: term.groups)
            warnings.append(
                f"{name} is determined by {term.groups} {term.group} alone: "
                f"take a t distribution for its interval (df = {term.groups - 2})"
            )
    return warnings


def _has_a_value_for_each(column: Floats, term: Term) -> bool:
    own, member = np.empty(term.groups), term.member[:, 0]
    own[member] = column
    return bool((own[member] == column).all())


def _lone(terms: Sequence[Term]) -> list[str]:
    """Clinicians with one client only, whose variance cannot be separated from the client's."""
    single = [term for term in terms if term.single]
    if len(single) < 2:
        return []
    inner = max(single, key=lambda term: term.groups)
    warnings = []
    for outer in single:
        if outer is inner:
            continue
        keys = outer.member[:, 0] * inner.groups + inner.member[:, 0]
        couples = numbered([keys], outer.groups * inner.groups)[0]
        lone = int((np.bincount(couples // inner.groups, minlength=outer.groups) == 1).sum())
        if lone:
            warnings.append(
                f"{lone} of {outer.groups} {outer.group} meet one {inner.group} only: "
                "they do not tell the two apart"
            )
    return warnings


def separated(x: Floats, beta: Floats, errors: Floats, names: Sequence[str], family: str) -> list[str]:
    """Coefficients that run away because a predictor splits the outcomes; such a fit has not converged."""
    if family == "gaussian":
        return []
    sd = x.std(axis=0)
    sd = np.where(sd > 0, sd, 1.0)
    far = (np.abs(beta * sd) > FARTHEST) | (errors * sd > UNSURE) | ~np.isfinite(errors)
    return [
        f"{name} splits the outcomes, so that no finite value is the most likely one: "
        "leave it out, join its levels, or take Firth's penalty (firth) or a weak prior (prior_sd)"
        for name, is_far in zip(names, far, strict=True)
        if is_far
    ]


def at_bounds(
    terms: Sequence[Term], roots: Sequence[Floats], dispersion: float | None, family: str
) -> list[str]:
    """Warnings of variances at 0, correlations at 1, and counts no more spread than Poisson's."""
    warnings = []
    for term, root in zip(terms, roots, strict=True):
        sd = np.sqrt((root**2).sum(axis=1))
        none = sd * term.size < SMALL * (dispersion or 1.0 if family == "gaussian" else 1.0)
        warnings += [
            f"the variance of {term.group} ({name}) is 0"
            for name, at in zip(term.names, none, strict=True)
            if at
        ]
        corr = (root @ root.T) / np.maximum(np.outer(sd, sd), 1e-300)
        for a in range(term.q):
            for b in range(a):
                if not none[a] and not none[b] and abs(corr[a, b]) > CERTAIN:
                    pair = f"{term.names[b]} and {term.names[a]}"
                    warnings.append(f"{pair} of {term.group} go together entirely")
    if "negative-binomial" in family and (dispersion or 0.0) > POISSON_FROM:
        warnings.append("counts are no more spread than Poisson's")
    return warnings
