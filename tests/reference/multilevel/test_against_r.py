"""Every family's estimates beside lme4's and glmmTMB's, on this folder's file and on larger ones."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import accord

HERE = Path(__file__).parent
RIGHT = "time + aw + ab + (1 + time | client) + "
CROSSED, SHARED = "(1 | clinician)", "mm(clinician + clin2, weights = w1 + w2)"
KNOWN = json.loads((HERE / "fits.json").read_text())
FITS = {fit["name"]: fit for fit in KNOWN["fits"]}
OUTCOMES = {
    "gaussian": "yg", "membership": "yg", "bernoulli": "yb", "cloglog": "yb", "poisson": "yn",
    "negative-binomial": "yn", "zero-inflated-poisson": "yz", "zero-inflated-negative-binomial": "yz",
    "truncated-poisson": "yn", "truncated-negative-binomial": "yn",
}  # fmt: skip
# How far an estimate may lie from R's, in R's standard errors.
WITHIN = {"gaussian": 1e-3, "membership": 1e-3}


@pytest.mark.parametrize("name", FITS)
def test_estimates_are_those_of_r(name):
    table, outcome = pd.read_csv(HERE / "sessions.csv"), OUTCOMES[name]
    if name.startswith("truncated"):
        table = table[table[outcome] > 0]
    fit = accord.fit(
        f"{outcome} ~ {RIGHT}{SHARED if name == 'membership' else CROSSED}",
        table,
        family="gaussian" if name == "membership" else name,
        offset="log_days" if outcome in ("yn", "yz") else None,
    )
    theirs = FITS[name]
    _agrees(fit, theirs, WITHIN.get(name, 5e-3), given_variances=theirs["engine"].startswith("lme4"))
    spread = np.concatenate([item.sd for item in fit.random_])
    assert spread == pytest.approx(list(theirs["sd"].values()), rel=2e-3, abs=2e-3)
    assert fit.random_[0].corr[0, 1] == pytest.approx(theirs["corr"], abs=5e-3)
    if theirs["dispersion"]:
        assert fit.dispersion_ == pytest.approx(theirs["dispersion"], rel=1e-3)


def _agrees(fit, theirs, within, *, given_variances=False):
    """`given_variances`: their standard errors take the variances as known, as lme4's do."""
    assert fit.converged_
    assert fit.log_likelihood_ == pytest.approx(theirs["loglik"], abs=0.01)
    errors = _given_variances(fit) if given_variances else fit.standard_errors_
    for mine, name in zip(fit.names_, theirs["beta"], strict=True):
        error = theirs["se"][name]
        assert fit.params_[mine] == pytest.approx(theirs["beta"][name], abs=within * error)
        assert errors[mine] == pytest.approx(error, rel=0.002 if given_variances else 0.01)


def _given_variances(fit):
    """Standard errors from the fixed coefficients' block of the information alone."""
    p = len(fit.names_)
    block = np.linalg.inv(np.linalg.inv(fit._estimates.covariance)[:p, :p])
    return dict(zip(fit.names_, np.sqrt(np.diag(block)), strict=True))


@pytest.mark.parametrize("theirs", KNOWN["hurdles"], ids=lambda fit: fit["name"])
def test_hurdles_are_those_of_r(theirs):
    fit = accord.hurdle(
        "yn ~ time + aw + ab + (1 | client)",
        pd.read_csv(HERE / "sessions.csv"),
        family=theirs["name"],
        any_formula="yn ~ time + aw + (1 | client)",
    )
    assert fit.converged_
    assert fit.log_likelihood_ == pytest.approx(theirs["loglik"], abs=0.01)
    for part in ("any", "count"):
        for name, value in theirs[part].items():
            mine, error = f"{part}: {name.strip('()')}", theirs[f"{part}_se"][name]
            assert fit.params_[mine] == pytest.approx(value, abs=5e-3 * error)
            assert fit.standard_errors_[mine] == pytest.approx(error, rel=0.01)


@pytest.mark.parametrize("theirs", KNOWN["firth"], ids=lambda fit: fit["link"])
def test_firths_estimates_are_those_of_r(theirs):
    table = pd.read_csv(HERE / "sessions.csv")
    table["rare"] = (table["yn"] >= 12).astype(int)
    table["calm"] = (table.groupby("clinician")["rare"].transform("sum") == 0).astype(int)
    family = {"logit": "bernoulli"}.get(theirs["link"], theirs["link"])
    fit = accord.fit("rare ~ time + aw + calm", table, family=family, firth=True)
    assert fit.converged_
    for name, error in theirs["se"].items():
        mine = name.strip("()")
        assert fit.params_[mine] == pytest.approx(theirs["beta"][name], abs=1e-4 * error)
        assert fit.standard_errors_[mine] == pytest.approx(error, rel=1e-4)


SHARED_FAMILIES = {
    "gaussian (yg)": ("gaussian", "yg", "lme4", 1e-3),
    "bernoulli logit (yb)": ("bernoulli", "yb", "glmmTMB", 5e-3),
    "negative binomial, nbinom2 (yn)": ("negative-binomial", "yn", "glmmTMB", 2e-2),
}


@pytest.mark.parametrize("size", [100, 1000])
@pytest.mark.parametrize("called", SHARED_FAMILIES)
def test_estimates_on_the_benchmark_files_are_those_of_r(size, called, shared_data_folder):
    table = pd.read_csv(shared_data_folder / "reference" / f"bench_{size}.csv")
    known = json.loads((shared_data_folder / "reference" / "mixed_models.json").read_text())["fits"]
    family, outcome, engine, within = SHARED_FAMILIES[called]
    chosen = [
        fit
        for fit in known
        if (fit["data"], fit["family"], fit["engine"]) == (f"bench_{size}.csv", called, engine)
        and fit["clinician"] == "crossed intercept"
    ]
    assert chosen
    for theirs in chosen:
        bar = "|" if theirs["slopes"] == "correlated" else "||"
        formula = f"{outcome} ~ time + aw + ab + (1 + time {bar} client) + (1 | clinician)"
        fit = accord.fit(formula, table, family=family)
        _agrees(fit, theirs, within, given_variances=engine == "lme4")


def test_a_textbook_hazard_has_its_published_coefficients(shared_data_folder):
    """Onset of depression by age, parental divorce and sex: Singer and Willett (2003), chapter 12."""
    table = pd.read_csv(shared_data_folder / "real" / "alda_first_depression_1.csv")
    table["a"] = table["age"] - 18
    formula = "event ~ a + I(a**2) + I(a**3) + parental_divorce + female"
    fit = accord.fit(formula, table, family="bernoulli")
    published = [-4.5866, 0.0596, -0.0074, 0.0002, 0.4151, 0.5455]
    assert list(fit.params_.values()) == pytest.approx(published, abs=5e-5)
    assert fit.warnings_ == ()
