"""Firth's penalised likelihood for rare events, and hurdle models of counts."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize
from scipy.stats import nbinom

import accord
from accord.__main__ import main
from accord.errors import InputError
from accord.fitting import HURDLES
from accord.science.multilevel import hurdle
from accord.science.multilevel.firth import WEIGHTS, Firth
from accord.science.multilevel.zeros import of
from tests.support import slow_multilevel as slow


def _table(seed=0, clients=30, sessions=8):
    rng = np.random.default_rng(seed)
    client = np.repeat(np.arange(clients), sessions)
    table = pd.DataFrame({"client": [f"c{k}" for k in client], "aw": rng.normal(size=len(client)).round(3)})
    eta = 0.3 + 0.4 * table["aw"] + rng.normal(0, 0.6, clients)[client]
    some = rng.random(len(client)) < 1 / (1 + np.exp(-eta))
    return table.assign(
        n=np.where(some, 1 + rng.poisson(np.exp(eta)), 0),
        b=(rng.random(len(client)) < 0.05).astype(int),
        split=(client < 6).astype(float),
    )


def _penalised(beta, x, y, family):
    """The penalised log likelihood as it is written down (Firth, 1993)."""
    eta = x @ beta
    if family == "bernoulli":
        p = 1 / (1 + np.exp(-eta))
        weight = p * (1 - p)
    else:
        p = 1 - np.exp(-np.exp(eta))
        weight = np.exp(2 * eta) * (1 - p) / p
    density = np.where(y == 1, np.log(p), np.log(1 - p)).sum()
    return density + np.linalg.slogdet(x.T @ (weight[:, None] * x))[1] / 2


@pytest.mark.parametrize("family", WEIGHTS)
def test_firths_penalty_and_its_gradient_are_those_written_down(family):
    rng = np.random.default_rng(1)
    x = np.column_stack([np.ones(40), rng.normal(size=(40, 2))])
    y, beta, kept = (rng.random(40) < 0.2).astype(np.float64), np.array([-1.0, 0.5, -2.0]), [0, 2]
    held = x[:, 1] * 0.5
    firth = Firth(x[:, kept], x, held, family)

    def whole(at):
        return _penalised(np.insert(at, 1, 0.5), x, y, family)

    value, gradient = firth.of(beta[kept])
    here = of(family).at(y, x @ beta, np.empty(0))
    assert here.log_density.sum() + value == pytest.approx(whole(beta[kept]), abs=1e-9)
    gradient = gradient + x[:, kept].T @ here.score
    for k in range(2):
        step = np.eye(2)[k]
        expected = slow.slope(lambda s, step=step: whole(beta[kept] + s * step), 0.0, 1e-3)
        assert gradient[k] == pytest.approx(expected, abs=1e-6)


def _top(x, y, family, start, end=None):
    """The highest penalised log likelihood, found without slopes; the last coefficient may be held."""

    def cost(beta: Any) -> Any:
        return -_penalised(beta if end is None else np.append(beta, end), x, y, family)

    result: Any = minimize(cost, start, method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-10})
    return result


@pytest.mark.parametrize("family", WEIGHTS)
def test_a_split_outcome_has_a_finite_estimate_an_interval_and_a_test_by_firths_penalty(family):
    table = _table()
    table.loc[table["split"] == 1, "b"] = 0
    fit = accord.fit("b ~ aw + split", table, family=family, firth=True)
    x = np.column_stack([np.ones(len(table)), table["aw"], table["split"]])
    y, result = table["b"].to_numpy(float), np.array(list(fit.params_.values()))
    top = _top(x, y, family, result * 0.9)
    assert fit.converged_
    assert result == pytest.approx(top.x, abs=1e-4)
    assert fit.log_likelihood_ == pytest.approx(-top.fun, abs=1e-7)
    low, high = fit.interval("split", method="profile")
    for end, fallen in ((low, 3.841459), (high, 3.841459), (0.0, fit.drop("split")[0])):
        held = _top(x, y, family, result[:2], end)
        assert 2 * (fit.log_likelihood_ + held.fun) == pytest.approx(fallen, abs=5e-3)
    assert "with Firth's penalty" in fit.summary()


def test_ever_fewer_events_keep_firths_estimates_finite():
    table = _table().assign(b=0)
    table.loc[[3, 50, 90, 130, 200], "b"] = 1
    fit = accord.fit("b ~ aw + split", table, family="cloglog", firth=True)
    assert fit.converged_
    assert any(warning.startswith("5 events allow 0 predictors") for warning in fit.warnings_)
    assert max(map(abs, fit.params_.values())) < 10


@pytest.mark.parametrize("firth", [False, True])
def test_a_model_of_an_intercept_alone_has_the_profile_interval_of_a_share(firth):
    table = _table()
    fit = accord.fit("b ~ 1", table, family="bernoulli", firth=firth)
    n, events = len(table), table["b"].sum() + firth / 2
    share = events / (n + firth)  # Firth's penalty of an intercept is half an event and half a non-event
    assert fit.params_["Intercept"] == pytest.approx(np.log(share / (1 - share)), abs=1e-5)

    def height(p):
        return events * np.log(p) + (n + firth - events) * np.log(1 - p)

    for end in fit.interval("Intercept", method="profile"):
        assert 2 * (height(share) - height(1 / (1 + np.exp(-end)))) == pytest.approx(3.841459, abs=2e-3)


@pytest.mark.parametrize(
    ("formula", "options", "message"),
    [
        ("b ~ aw + (1 | client)", {"family": "bernoulli"}, "no random terms beside Firth's penalty"),
        ("n ~ aw", {"family": "poisson"}, "one of bernoulli, cloglog for Firth's penalty"),
        ("b ~ aw", {"family": "bernoulli", "prior_sd": 2.5}, "either Firth's penalty"),
    ],
)
def test_where_firths_penalty_is_not_defined_is_said(formula, options, message):
    with pytest.raises(InputError, match=message):
        accord.fit(formula, _table(), firth=True, **options)


def test_models_with_penalties_of_their_own_are_not_compared():
    item, two = (accord.fit(f"b ~ {x}", _table(), family="bernoulli", firth=True) for x in ("aw", "1"))
    with pytest.raises(ValueError, match="drop"):
        item.compare(two)


def test_leaving_out_a_predictor_is_comparing_with_the_fit_without_it():
    whole, less = (accord.fit(f"n ~ {x} + (1 | client)", _table(), family="poisson") for x in ("aw", "1"))
    assert whole.drop("aw") == pytest.approx(whole.compare(less))


# Hurdles


def test_the_names_of_the_hurdles_are_those_there_are():
    assert hurdle.HURDLES == HURDLES
    assert accord.hurdle is not None


def test_a_hurdle_without_predictors_gives_the_share_of_zeros_and_the_density_of_the_counts():
    table = _table()
    fit = accord.hurdle("n ~ 1", table)
    n = table["n"].to_numpy()
    share = (n > 0).mean()
    assert fit.params_["any: Intercept"] == pytest.approx(np.log(share / (1 - share)), abs=1e-6)
    theta, mean = fit.dispersion_ or 0.0, np.exp(fit.params_["count: Intercept"])
    own = nbinom(theta, theta / (theta + mean))
    expected = np.where(n == 0, np.log(1 - share), np.log(share) + own.logpmf(n) - np.log(own.sf(0)))
    assert fit.log_likelihood_ == pytest.approx(expected.sum(), abs=1e-3)
    assert fit.predict() == pytest.approx(np.full(len(n), n.mean()), rel=1e-4)


def test_both_parts_of_a_hurdle_stand_in_one_result():
    table = _table()
    fit = accord.hurdle("n ~ aw + (1 | client)", table, family="hurdle-poisson", any_formula="n ~ aw")
    first = accord.fit("any ~ aw", table.assign(any=table["n"] > 0), family="bernoulli")
    second = accord.fit("n ~ aw + (1 | client)", table[table["n"] > 0], family="truncated-poisson")
    assert fit.params_["any: aw"] == pytest.approx(first.params_["aw"])
    assert fit.standard_errors_["count: aw"] == pytest.approx(second.standard_errors_["aw"])
    assert fit.interval("count: aw") == pytest.approx(second.interval("aw"))
    assert fit.log_likelihood_ == pytest.approx(first.log_likelihood_ + second.log_likelihood_)
    assert fit.aic_ == pytest.approx(first.aic_ + second.aic_)
    result = fit.summary()
    assert "any at all, in 240 rows" in result
    assert f"how many, in the {(table['n'] > 0).sum()} rows with any" in result
    assert result.count("differs between") == 1
    with pytest.raises(ValueError, match="expected one of any: Intercept"):
        fit.interval("aw")


def test_counts_simulated_from_a_hurdle_look_like_those_fitted():
    table = _table(clients=80)
    fit = accord.hurdle("n ~ aw + (1 | client)", table)
    rng = np.random.default_rng(1)
    drawn = [fit.simulate(rng) for _ in range(40)]
    for figure in (lambda n: (n == 0).mean(), lambda n: n.mean()):
        seen = [figure(n) for n in drawn]
        assert abs(np.mean(seen) - figure(table["n"])) < 3 * np.std(seen)


@pytest.mark.parametrize(
    ("values", "options", "message"),
    [
        (0, {}, "at least one count above 0"),
        (0.5, {}, "whole numbers"),
        (2, {}, "at least one count of 0"),
        (None, {"family": "poisson"}, "one of hurdle-poisson"),
        (None, {"any_family": "poisson"}, "one of bernoulli, cloglog"),
        (None, {"any_formula": "b ~ aw"}, "one outcome, n"),
    ],
)
def test_counts_without_two_parts_are_refused(values, options, message):
    table = _table() if values is None else _table().assign(n=values)
    with pytest.raises(InputError, match=message):
        accord.hurdle("n ~ aw + (1 | client)", table, **options)


def test_a_gap_in_either_formula_leaves_the_row_out_of_both_parts():
    table = _table()
    table.loc[:4, "split"] = np.nan
    fit = accord.hurdle("n ~ aw", table, any_formula="n ~ split")
    assert fit.n_ == 235
    assert fit.warnings_[0] == "5 rows with a gap were left out"


def test_the_command_fits_hurdles_and_rare_events(tmp_path, capsys):
    path = tmp_path / "t.csv"
    _table().to_csv(path, index=False)
    assert main(["fit", "n ~ aw + (1 | client)", str(path), "--family", "hurdle-poisson", "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert set(content["coefficients"]) == {"any: Intercept", "any: aw", "count: Intercept", "count: aw"}
    assert set(content["random"]) == {"any: client", "count: client"}
    assert main(["fit", "b ~ aw", str(path), "--family", "bernoulli", "--firth"]) == 0
    assert "Firth" in capsys.readouterr().out
    assert main(["fit", "n ~ aw", str(path), "--family", "hurdle-poisson", "--firth"]) == 2
    assert "--firth" in capsys.readouterr().err
