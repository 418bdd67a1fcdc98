"""What a fit gives back, and what it says about data it cannot or can hardly use."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import accord
from accord.__main__ import main
from accord.errors import InputError
from accord.fitting import FAMILIES
from accord.science.multilevel import result, zeros
from accord.science.multilevel.estimate import Data, estimate
from accord.science.multilevel.layout import intercepts


def _table(seed=0, clients=30, sessions=8, clinicians=5):
    rng = np.random.default_rng(seed)
    client = np.repeat(np.arange(clients), sessions)
    table = pd.DataFrame(
        {
            "client": [f"c{k}" for k in client],
            "clinician": rng.integers(0, clinicians, clients)[client],
            "time": np.tile(np.arange(sessions), clients) / sessions,
            "aw": rng.normal(size=len(client)).round(3),
            "arm": np.where(client % 2, "dbt", "cte"),
        }
    )
    eta = 0.2 - 0.5 * table["time"] + 0.3 * table["aw"] + rng.normal(0, 0.7, clients)[client]
    return table.assign(
        y=eta + rng.normal(0, 0.5, len(client)),
        n=rng.poisson(np.exp(eta)),
        b=(rng.random(len(client)) < 1 / (1 + np.exp(-eta))).astype(int),
    )


def test_the_names_of_the_families_are_those_there_are():
    assert ("gaussian", *zeros.FAMILIES) == FAMILIES


def test_text_is_coded_against_the_first_level_in_the_alphabet():
    fit = accord.fit("y ~ arm + (1 | client)", _table())
    assert fit.names_ == ("Intercept", "arm[T.dbt]")


def test_without_random_terms_the_gaussian_is_least_squares():
    table = _table()
    x = np.column_stack([np.ones(len(table)), table["time"], table["aw"]])
    expected, squares = np.linalg.lstsq(x, table["y"], rcond=None)[:2]
    fit = accord.fit("y ~ time + aw", table)
    assert list(fit.params_.values()) == pytest.approx(expected.tolist())
    assert fit.dispersion_ == pytest.approx(float(np.sqrt(squares[0] / len(table))))


@pytest.mark.parametrize(
    ("family", "outcome"), [("gaussian", "y"), ("negative-binomial", "n"), ("bernoulli", "b")]
)
def test_the_order_of_rows_changes_nothing(family, outcome):
    table, formula = _table(), f"{outcome} ~ time + aw + (1 + time | client) + (1 | clinician)"
    result = accord.fit(formula, table, family=family)
    two = accord.fit(formula, table.sample(frac=1, random_state=3), family=family)
    assert two.log_likelihood_ == pytest.approx(result.log_likelihood_, abs=1e-6)
    assert list(two.params_.values()) == pytest.approx(list(result.params_.values()), abs=1e-4)


def test_a_profile_interval_lies_where_the_likelihood_has_fallen_by_half_a_chi_square():
    fit = accord.fit("y ~ time + aw + (1 | client)", _table())
    low, high = fit.interval("aw", method="profile")
    wald = fit.interval("aw")
    assert (low, high) == pytest.approx(wald, abs=0.02)
    held = _table()
    held["y"] -= low * held["aw"]
    fallen = fit.log_likelihood_ - accord.fit("y ~ time + (1 | client)", held).log_likelihood_
    assert 2 * fallen == pytest.approx(3.841459, abs=2e-3)


def test_a_profile_interval_of_a_fit_that_did_not_converge_is_refused():
    table = _table().assign(split=lambda t: (t["b"] == 1) * 1.0)
    fit = accord.fit("b ~ split + (1 | client)", table, family="bernoulli")
    with pytest.raises(ValueError, match="has not converged"):
        fit.interval("split", method="profile")


def test_an_interval_has_no_end_where_the_likelihood_does_not_fall_as_far_as_is_looked(monkeypatch):
    fit = accord.fit("y ~ aw + (1 | client)", _table())
    monkeypatch.setattr(result, "REACHED", (0.2, 0.4))
    assert fit.interval("aw", method="profile") == (-np.inf, np.inf)


def test_a_likelihood_ratio_test_tells_a_useful_predictor_from_noise():
    table = _table()
    whole, without = (accord.fit(f"y ~ {x} + (1 | client)", table) for x in ("time + aw", "time"))
    statistic, more, p = whole.compare(without)
    assert more == 1
    assert statistic > 20
    assert p < 1e-4
    with pytest.raises(ValueError, match="smaller model"):
        without.compare(whole)


def test_simulated_outcomes_look_like_the_fitted_ones():
    fit = accord.fit("n ~ time + aw + (1 | client)", _table(clients=80), family="poisson")
    rng = np.random.default_rng(1)
    means = [fit.simulate(rng).mean() for _ in range(60)]
    assert abs(np.mean(means) - _table(clients=80)["n"].mean()) < 3 * np.std(means)


def test_residuals_of_a_true_model_are_about_standard_normal():
    residuals = accord.fit("n ~ time + aw + (1 | client)", _table(clients=80), family="poisson").residuals(
        np.random.default_rng(1)
    )
    assert abs(residuals.mean()) < 0.1
    assert 0.85 < residuals.std() < 1.1


def test_expected_outcomes_are_nearer_with_the_groups_own_coefficients():
    table = _table()
    fit = accord.fit("y ~ time + aw + (1 | client)", table)
    gaps = [np.mean((table["y"] - fit.predict(groups=own)) ** 2) for own in (False, True)]
    assert gaps[1] < gaps[0]


def test_a_summary_names_everything_and_no_single_clinician():
    result = accord.fit("y ~ time + (1 | client) + (1 | clinician)", _table()).summary()
    assert "differs between 5 clinician (SD)" in result
    assert "not proof" in result
    assert "c17" not in result


# What cannot be used

BAD: dict[str, tuple[str, dict[str, Any], str]] = {
    "constant": ("y ~ one + (1 | client)", {"one": 1.0}, "one value in all rows"),
    "collinear": ("y ~ aw + twice + (1 | client)", {"twice": lambda t: 2 * t["aw"] + 1}, "column twice"),
    "one group": ("y ~ aw + (1 | same)", {"same": "x"}, "at least two groups"),
    "row each": ("y ~ aw + (1 | row)", {"row": lambda t: range(len(t))}, "one row of each"),
    "same outcome": ("flat ~ aw + (1 | client)", {"flat": 3.0}, "more than one value"),
    "text": ("arm ~ aw + (1 | client)", {}, "column arm: found text, expected numbers"),
    "infinite": ("y ~ far + (1 | client)", {"far": np.inf}, "infinite"),
    "unknown": ("y ~ mood + (1 | client)", {}, "column mood: found none of that name"),
    "unknown group": ("y ~ aw + (1 | therapist)", {}, "column therapist"),
    "all missing": ("y ~ gone + (1 | client)", {"gone": np.nan}, "at least one row without a gap"),
    "twice the same": (
        "y ~ aw + (1 | client) + (1 + aw | client)",
        {},
        "each coefficient of a grouping once",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_data_of_which_nothing_can_be_estimated_are_refused_by_name(case):
    formula, columns, result = BAD[case]
    with pytest.raises(InputError, match="expected") as error:
        accord.fit(formula, _table().assign(**columns))
    assert result in str(error.value)


@pytest.mark.parametrize(
    ("family", "values", "message"),
    [
        ("poisson", 0, "at least one count above 0"),
        ("negative-binomial", 0.5, "whole numbers"),
        ("bernoulli", 1, "both 0 and 1"),
        ("bernoulli", 2, "0 or 1 in every row"),
        ("truncated-poisson", 1, "at least one count above 1"),
        ("gamma", 1, "one of gaussian"),
    ],
)
def test_outcomes_that_do_not_fit_the_family_are_refused(family, values, message):
    with pytest.raises(InputError, match=message):
        accord.fit("v ~ aw + (1 | client)", _table().assign(v=values), family=family)


def test_a_predictor_that_splits_the_outcomes_has_not_converged_and_says_what_to_do():
    table = _table().assign(split=lambda t: (t["b"] == 1) * 1.0)
    fit = accord.fit("b ~ split + (1 | client)", table, family="bernoulli")
    assert not fit.converged_
    assert any("split splits the outcomes" in warning for warning in fit.warnings_)
    weak = accord.fit("b ~ split + (1 | client)", table, family="bernoulli", prior_sd=2.5)
    assert weak.converged_
    assert 0 < weak.params_["split"] < 20


@pytest.mark.parametrize(("family", "formula"), [
    ("cloglog", "b ~ split + (1 | client)"),
    ("poisson", "none ~ calm + (1 | client)"),
    ("negative-binomial", "none ~ calm + (1 | client)"),
    ("zero-inflated-poisson", "none ~ calm + (1 | client)"),
])  # fmt: skip
def test_a_group_without_any_event_is_told_in_every_family(family, formula):
    table = _table().assign(split=lambda t: (t["b"] == 1) * 1.0, calm=lambda t: (t["arm"] == "dbt") * 1.0)
    table["none"] = np.where(table["calm"] == 1, 0, table["n"])
    fit = accord.fit(formula, table, family=family)
    assert not fit.converged_
    assert any("splits the outcomes" in warning for warning in fit.warnings_)
    assert "NOT CONVERGED" in fit.summary()


@pytest.mark.parametrize("family", [name for name in FAMILIES if "poisson" in name or "binomial" in name])
def test_counts_that_are_all_zero_are_refused(family):
    with pytest.raises(InputError, match="expected"):
        accord.fit("v ~ aw + (1 | client)", _table().assign(v=0), family=family)


def test_an_outcome_that_its_predictors_tell_entirely_is_refused():
    table = _table().assign(y=lambda table: 2 * table["time"] - table["aw"])
    with pytest.raises(InputError, match="nothing left over"):
        accord.fit("y ~ time + aw + (1 | client)", table)


def test_an_outcome_that_each_person_tells_entirely_does_not_converge():
    table = _table().assign(y=lambda table: table["client"].str[1:].astype(int) ** 2)
    fit = accord.fit("y ~ aw + (1 | client)", table)
    assert not fit.converged_
    assert any("not converged" in warning for warning in fit.warnings_)


def test_an_offset_far_beyond_the_outcomes_is_refused():
    table = _table().assign(far=lambda t: t["aw"] * 1e3)
    with pytest.raises(InputError, match="wrong offset"):
        accord.fit("n ~ aw + (1 | client)", table, family="poisson", offset="far")


def test_few_events_say_how_many_predictors_they_allow():
    table = _table().assign(b=0)
    table.loc[[3, 50, 90, 130, 200], "b"] = 1
    fit = accord.fit("b ~ aw + time + (1 | client)", table, family="cloglog", prior_sd=2.5)
    assert any(
        warning.startswith("5 events allow 0 predictors, and there are 2") for warning in fit.warnings_
    )


def test_thin_groups_are_told():
    table = _table(clinicians=2)
    table.loc[table["client"] == "c0", "clinician"] = 9
    table = table[(table["client"] != "c1") | (table["time"] == 0)]
    result = accord.fit("y ~ aw + (1 + time | client) + (1 | clinician)", table).warnings_
    assert "the variance of clinician rests on 3 groups only" in result
    assert "1 of 3 clinician meet one client only: they do not tell the two apart" in result
    assert "1 of 30 client have one row and say nothing of slopes" in result


def test_a_predictor_that_few_clinicians_tell_of_is_told_and_has_an_interval_by_a_t_distribution():
    table = _table().assign(ac=lambda t: t["clinician"] % 3)
    fit = accord.fit("y ~ aw + ac + (1 | client) + (1 | clinician)", table)
    result = [warning for warning in fit.warnings_ if "t distribution" in warning]
    assert result == [
        "ac is determined by 5 clinician alone: take a t distribution for its interval (df = 3)"
    ]
    # 3.182446 standard errors: the upper 2.5 % of a t distribution with 3 degrees of freedom.
    low, high = fit.interval("ac", df=3)
    assert high - low == pytest.approx(2 * 3.182446 * fit.standard_errors_["ac"])


def test_gaps_and_rows_entered_twice_are_told():
    table = _table()
    table.loc[:4, "aw"] = np.nan
    twice = pd.concat([table, table.sample(frac=0.1, random_state=1).dropna()])
    result = accord.fit("y ~ aw + (1 | client)", twice).warnings_
    assert result[0] == "5 rows with a gap were left out"
    assert "23 rows are the same as an earlier one in every column" in result[1]


@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from(FAMILIES),
    st.integers(2, 12),
    st.integers(1, 6),
    st.floats(-3, 3),
    st.floats(0, 3),
)
def test_whatever_the_data_the_answer_is_finite_or_says_that_it_is_none(
    seed, family, clients, rows, level, spread
):
    rng = np.random.default_rng(seed)
    client = np.repeat(np.arange(clients), rows)
    x = np.column_stack([np.ones(len(client)), rng.normal(size=len(client))])
    eta = level + rng.normal(0, spread, clients)[client]
    y = eta + rng.normal(size=len(client)) if family == "gaussian" else _drawn(family, eta, rng)
    data = Data(y, x, (intercepts("client", client),), np.zeros(len(y)), ("Intercept", "x"), family)
    try:
        result = estimate(data)
    except InputError:
        return
    assert np.isfinite(result.log_likelihood)
    if result.converged:
        assert np.isfinite(result.beta).all()
        assert (result.errors > 0).all()
    else:
        assert result.warnings


def _drawn(family, eta, rng):
    known = zeros.of(family)
    return known.draw(eta, np.array(known.start), rng)


# The command


def test_the_command_prints_one_object_with_everything(tmp_path, capsys):
    _table().to_csv(tmp_path / "t.csv", index=False)
    code = main(
        [
            "fit",
            "n ~ time + (1 + time | client)",
            str(tmp_path / "t.csv"),
            "--family",
            "negative-binomial",
            "--json",
        ]
    )
    content = json.loads(capsys.readouterr().out)
    assert code in (0, 3)
    assert set(content) == {
        "coefficients", "random", "dispersion", "loglik", "converged", "boundary", "seconds", "warnings",
    }  # fmt: skip
    assert set(content["coefficients"]) == {"Intercept", "time"}
    assert content["random"]["client"]["names"] == ["Intercept", "time"]
    assert content["dispersion"] > 0


def test_the_command_ends_with_3_for_a_fit_that_did_not_converge(tmp_path, capsys):
    _table().assign(split=lambda t: t["b"]).to_csv(tmp_path / "t.csv", index=False, sep=";")
    code = main(["fit", "b ~ split + (1 | client)", str(tmp_path / "t.csv"), "--family", "bernoulli"])
    assert code == 3
    assert "NOT CONVERGED" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["y ~ aw + (1 | client)", "none.csv"], "no such file"),
        (["y ~ aw + (1 | client", "{file}"], "closing"),
        (["y ~ aw + (1 | client)", "{file}", "--offset", "days"], "column days"),
        (["y ~ aw + (1 | client)", "{file}", "--prior-sd", "0"], "above 0"),
    ],
)
def test_the_command_ends_with_2_and_one_line_for_bad_input(tmp_path, capsys, arguments, message):
    file = tmp_path / "t.csv"
    _table().to_csv(file, index=False)
    assert main(["fit", *(argument.format(file=file) for argument in arguments)]) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
