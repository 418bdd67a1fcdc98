"""The hazard, chances from it, their calibration, and when a programme is too small for them."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import minimize

from accord.science.dropout import sample_size, scoring
from accord.science.dropout.calibration import UNCHANGED, Calibration, calibrate
from accord.science.dropout.covariates import NAMES, at_time, basis
from accord.science.dropout.definition import Definition
from accord.science.dropout.forecast import forecast
from accord.science.dropout.hazard import Hazard, chance_within, fit
from accord.science.dropout.model import METHOD_VERSION, Model, folds, learn, prepare
from accord.science.dropout.record import OUTPATIENT
from accord.science.dropout.report import judge, report
from accord.science.dropout.risk_set import LEFT, STILL, Rows
from accord.science.dropout.sample_size import Base, TooLittle, Why
from tests.support.dropout_records import by_hand, programme, record_of


@pytest.fixture(scope="module")
def record():
    return record_of(programme(600, seed=21))


@pytest.fixture(scope="module")
def learned(record):
    return learn(record, Definition(), OUTPATIENT)


def test_a_known_hazard_is_found_again():
    rng = np.random.default_rng(2)
    n = 30_000
    x = np.zeros((n, len(NAMES)))
    x[:, NAMES.index("level")] = rng.normal(size=n)
    x[:, NAMES.index("missed")] = rng.random(n)
    chance = -np.expm1(-np.exp(-4.0 - 0.5 * x[:, 1] + 1.2 * x[:, 2]))
    left = rng.random(n) < chance
    rows = Rows(np.arange(n), np.zeros(n, dtype=np.int64), np.where(left, 3, 60), np.where(left, LEFT, STILL))
    result = fit(rows, x, np.zeros(n, dtype=np.int64), ("level", "missed"), OUTPATIENT)
    off = (result.beta - [-4.0, -0.5, 1.2]) / np.sqrt(np.diag(result.covariance))
    assert np.abs(off).max() < 3


def slow_chance(leaving, competing, row, setting):
    """Interval by interval, for one row."""
    weeks = np.expm1(row[NAMES.index("weeks")])
    left, still = 0.0, 1.0
    for k in range(setting.horizon // setting.step):
        now = at_time(row[None], np.array([weeks + k * setting.step / 7]), setting)
        a, b = float(np.exp(leaving.eta(now)[0])), float(np.exp(competing.eta(now)[0]))
        left += still * (1 - np.exp(-(a + b))) * a / (a + b)
        still *= np.exp(-(a + b))
    return left


def test_the_chance_within_the_horizon_adds_up_over_intervals_with_other_ends_competing():
    leaving = Hazard(("early", "level"), np.array([-3.0, 0.7, -0.4]), np.eye(3), np.zeros(2))
    competing = Hazard(("weeks",), np.array([-2.0, 0.5]), np.eye(2), np.zeros(1))
    x = np.zeros((3, len(NAMES)))
    x[:, NAMES.index("weeks")] = np.log1p([0, 11.5, 30])
    x[:, NAMES.index("level")] = [1.0, -1.0, 0.3]
    result = chance_within(leaving, competing, x, OUTPATIENT)
    assert result == pytest.approx([slow_chance(leaving, competing, row, OUTPATIENT) for row in x])
    alone = chance_within(leaving, Hazard((), np.array([-30.0]), np.eye(1), np.zeros(0)), x, OUTPATIENT)
    assert (alone > result).all()
    sums = chance_within(leaving, competing, x, OUTPATIENT) + chance_within(competing, leaving, x, OUTPATIENT)
    assert (sums < 1).all()


def slow_calibration(chance, who):
    odds = np.log(chance / (1 - chance))

    def cost(ab):
        eta = ab[0] + ab[1] * odds
        return float(np.sum(who.weight * (np.log1p(np.exp(eta)) - who.left * eta)))

    return minimize(cost, [0.0, 1.0], method="Nelder-Mead", options={"xatol": 1e-8, "fatol": 1e-10}).x


def test_calibration_is_the_logistic_regression_on_the_log_odds():
    rng = np.random.default_rng(4)
    chance = rng.uniform(0.02, 0.6, 500)
    who = scoring.Seen(rng.random(500) < chance**1.5, rng.uniform(0.5, 2, 500))
    result = calibrate(chance, who, np.arange(500))
    assert (result.intercept, result.slope) == pytest.approx(slow_calibration(chance, who), abs=1e-4)


def test_chances_too_far_apart_have_a_slope_below_1_and_are_put_right():
    rng = np.random.default_rng(5)
    odds = rng.normal(-2, 1, 60_000)
    who = scoring.Seen(rng.random(60_000) < 1 / (1 + np.exp(-odds)), np.ones(60_000))
    result = 1 / (1 + np.exp(-(2 * odds + 1)))
    outcome = calibrate(result, who, np.arange(60_000))
    assert outcome.slope == pytest.approx(0.5, abs=0.02)
    assert outcome.put_right(result).mean() == pytest.approx(who.left.mean(), abs=1e-3)


def test_the_error_of_the_slope_grows_where_the_rows_of_a_client_go_together():
    rng = np.random.default_rng(6)
    chance, left = rng.uniform(0.05, 0.5, 300), rng.random(300) < 0.2
    once = calibrate(chance, scoring.Seen(left, np.ones(300)), np.arange(300))
    four = calibrate(
        np.tile(chance, 4), scoring.Seen(np.tile(left, 4), np.ones(1200)), np.tile(np.arange(300), 4)
    )
    assert four.covariance == pytest.approx(once.covariance)


def test_a_programme_of_few_leavers_is_refused_in_words_and_numbers():
    small = record_of(programme(60, seed=3))
    with pytest.raises(TooLittle) as caught:
        learn(small, Definition(), OUTPATIENT)
    assert caught.value.why is Why.FEW_LEAVERS
    assert caught.value.needed.leavers == 30
    assert caught.value.needed.people > 60
    assert "who left of" in str(caught.value)
    assert "expected about 30 who left" in str(caught.value)


def test_a_slope_hardly_known_is_refused_with_what_would_narrow_it():
    result = Calibration(0.0, 0.9, np.diag([0.1, (1.0 / 1.959964) ** 2]))
    with pytest.raises(TooLittle) as caught:
        sample_size.refuse_unsure(Base(40, 160, 365), result)
    assert caught.value.why is Why.UNSURE
    assert (caught.value.needed.leavers, caught.value.needed.people) == (160, 640)


def test_a_programme_whose_leaving_nothing_tells_of_is_refused():
    with pytest.raises(TooLittle) as caught:
        sample_size.refuse_unsure(Base(400, 1600, 365), Calibration(0.0, 0.2, np.diag([0.1, 0.15**2])))
    assert (caught.value.why, caught.value.needed) == (Why.NO_BETTER, None)


def test_leavers_decide_how_many_covariates_are_used():
    assert sample_size.covariates_allowed(Base(57, 200, 365)) == 5
    with pytest.raises(TooLittle):
        sample_size.covariates_allowed(Base(29, 200, 365))


def test_nobody_at_all_is_refused_and_not_an_error():
    with pytest.raises(TooLittle):
        learn(by_hand(["-3", "+4"], until=10), Definition(), OUTPATIENT)


def test_no_clinician_has_clients_on_both_sides_of_a_split(record):
    whole = prepare(record, Definition(), OUTPATIENT)
    seen = np.zeros(record.clients, dtype=int)
    for fold in folds(whole):
        inside = fold[whole.rows.client]
        seen += fold
        assert not set(whole.clinician[inside]) & set(whole.clinician[~inside])
    assert (seen == 1).all()


def test_a_stored_model_tells_the_same(learned):
    model = learned.model
    again = Model.from_json(json.loads(json.dumps(model.to_json())))
    x = learned.whole.x[:50]
    assert again.chance(x) == pytest.approx(model.chance(x))
    assert [estimate.low for estimate in forecast(again, x)] == [
        estimate.low for estimate in forecast(model, x)
    ]
    with pytest.raises(ValueError, match=METHOD_VERSION):
        Model.from_json(model.to_json() | {"method": "leaving-0"})


def test_a_forecast_lies_in_its_interval_and_lower_alliance_and_more_missed_is_a_higher_chance(learned):
    x = np.tile(learned.whole.x.mean(axis=0), (2, 1))
    x[1, NAMES.index("level")] -= 2
    x[1, NAMES.index("missed")] += 0.3
    calm, worse = forecast(learned.model, x)
    assert calm.low < calm.chance < calm.high < 1
    assert worse.chance > 1.5 * calm.chance
    assert calm.reasons == ()
    assert set(worse.reasons) >= {"level", "missed"}


def test_nothing_is_told_as_a_reason_that_cannot_be_one(learned):
    x = np.tile(learned.whole.x.mean(axis=0), (1, 1))
    backwards = replace(
        learned.model.leaving, names=("missed",), beta=np.array([-5.0, -9.0]), covariance=np.eye(2),
        means=np.array([0.5]),
    )  # fmt: skip
    assert forecast(replace(learned.model, leaving=backwards), x)[0].reasons == ()


def test_the_report_judges_people_and_times_that_were_not_learned_from(record, learned):
    result = report(record, learned)
    for estimate in (result.by_clinician, result.by_time):
        assert 0.6 < estimate.auc[0] < 0.85
        assert estimate.auc[1] < estimate.auc[0] < estimate.auc[2]
        assert estimate.slope[1] < 1 < estimate.slope[2]
        assert estimate.expected[1] < 1 < estimate.expected[2]
        assert estimate.brier[0] < estimate.brier_same
        assert len(estimate.tenths) == 10
        assert max(b.chosen - max(b.everybody, 0) for b in estimate.benefit) > 0
    assert result.suspicion == ""
    assert result == report(record, learned)


def test_too_good_to_be_true_is_told_as_a_suspicion(record, learned):
    whole = learned.whole
    who = scoring.seen(whole.rows.days, whole.rows.status, OUTPATIENT.horizon)
    cheat = np.where(who.left, 0.4, 0.01) + np.random.default_rng(0).uniform(0, 0.005, len(who.left))
    judged = judge(whole, cheat, OUTPATIENT, np.random.default_rng(0))
    assert judged.suspicious
    suspected = replace(report(record, learned), by_clinician=judged)
    assert "knows the future" in suspected.suspicion


def test_where_nothing_was_rated_or_said_nobody_is_told_apart_by_it():
    known = basis(by_hand(["+0 +7", "+0"], until=50))
    assert (known.sd_between, known.sd_urge, known.missed) == (0.0, 0.0, 0.0)


def test_nothing_is_changed_by_a_calibration_that_is_none():
    assert UNCHANGED.put_right(np.array([0.01, 0.3])) == pytest.approx([0.01, 0.3])
