"""Scores of forecasts against scikit-survival's, against the obvious slow way, and against published sums."""

from __future__ import annotations

import numpy as np
import pytest

from accord.science.dropout import scoring
from accord.science.dropout.risk_set import LEFT, OTHERWISE, STILL

# Made by tests/reference/measure_dropout_scores.py with scikit-survival 0.28.
DAYS = [
    30, 41, 15, 8, 11, 16, 37, 59, 20, 1, 52, 49, 22, 17, 19, 45, 14, 25, 39, 51, 31, 24, 56, 12,
    23, 6, 32, 10, 44, 40, 35, 27, 42, 36, 55, 43, 50, 60, 34, 46, 18, 4, 48, 38, 54, 53, 26, 29,
    57, 47, 3, 58, 13, 7, 21, 28, 33, 5, 2, 9,
]  # fmt: skip
ENDED = [
    1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 0, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1, 1, 1, 0, 1,
    1, 1, 1, 1, 0, 1, 0, 1, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0, 1, 0,
]  # fmt: skip
RISK = [
    -0.8, -1.32, -0.25, 0.42, 1.14, 0.11, -0.55, -0.78, 0.75, 1.63, 0.27, -1.23, -0.96, 1.6, 0.2,
    -1.73, -0.08, -1.16, -0.63, -0.49, -0.71, 0.55, -0.06, -0.59, 0.41, 0.83, -1.64, -0.26, -0.98,
    -0.17, -1.29, 0.02, -0.04, -0.3, -1.05, -0.4, -1.09, -1.36, 0.22, -1.11, 1.17, 0.72, -2.0, 0.27,
    -1.1, 0.03, 0.04, -1.99, -0.23, -0.26, 0.96, -1.18, 0.74, -1.1, -0.33, -0.84, 1.45, 0.57, 2.43,
    0.64,
]  # fmt: skip
AUC = {16: 0.7593864355409075, 27: 0.8343369706390993, 42: 0.8026806464830345}
BRIER = {16: 0.19348940635682385, 27: 0.16571295498989144, 42: 0.19649910558175876}


@pytest.fixture
def reference():
    chance = 1 / (1 + np.exp(-np.array(RISK)))
    return chance, np.array(DAYS), np.where(np.array(ENDED) == 1, LEFT, STILL)


@pytest.mark.parametrize("horizon", AUC)
def test_auc_over_time_is_that_of_scikit_survival(reference, horizon):
    chance, days, status = reference
    assert scoring.auc(chance, scoring.seen(days, status, horizon)) == pytest.approx(AUC[horizon], abs=1e-12)


@pytest.mark.parametrize("horizon", BRIER)
def test_brier_score_is_that_of_scikit_survival(reference, horizon):
    chance, days, status = reference
    result = scoring.brier(chance, scoring.seen(days, status, horizon))
    assert result == pytest.approx(BRIER[horizon], abs=1e-12)


def slow_seen(days, status, horizon):
    """The chance of being seen, day by day and person by person."""
    weights, left = [], []
    for own, how in zip(days, status, strict=True):
        until = min(own, horizon)
        chance = 1.0
        for day in range(1, until):
            lost = sum(1 for d, s in zip(days, status, strict=True) if d == day and s == STILL)
            here = sum(1 for d, s in zip(days, status, strict=True) if d > day or (d == day and s == STILL))
            chance *= 1 - lost / here if here else 1.0
        known = own >= horizon or how != STILL
        weights.append(1 / chance if known else 0.0)
        left.append(how == LEFT and own <= horizon)
    return np.array(weights), np.array(left)


def slow_auc(chance, weights, left):
    won = total = 0.0
    for i in np.flatnonzero(left):
        for j in np.flatnonzero(~left):
            pair = weights[i] * weights[j]
            total += pair
            won += pair * (1.0 if chance[i] > chance[j] else 0.5 if chance[i] == chance[j] else 0.0)
    return won / total


@pytest.mark.parametrize("seed", range(5))
def test_with_ties_and_other_ends_all_is_as_the_slow_way_has_it(seed):
    rng = np.random.default_rng(seed)
    days, status = rng.integers(1, 40, 80), rng.choice([STILL, LEFT, OTHERWISE], 80, p=[0.4, 0.4, 0.2])
    chance = rng.integers(1, 9, 80) / 10
    who = scoring.seen(days, status, 28)
    weights, left = slow_seen(days, status, 28)
    assert who.weight == pytest.approx(weights)
    assert (who.left == left).all()
    assert scoring.auc(chance, who) == pytest.approx(slow_auc(chance, weights, left))


def test_without_anybody_lost_everybody_counts_once():
    who = scoring.seen(np.array([3, 28, 40]), np.array([LEFT, OTHERWISE, STILL]), 28)
    assert who.weight.tolist() == [1, 1, 1]
    assert who.left.tolist() == [True, False, False]


def test_the_predictive_value_is_one_in_six_at_the_stated_rate_of_leaving():
    # 2.4 % leave in four weeks; 40 % of them are found at 5 % false alarms.
    assert scoring.predictive_value(0.4, 0.05, 0.024) == pytest.approx(0.164, abs=5e-4)


def test_net_benefit_weighs_a_false_alarm_by_the_odds_of_the_threshold():
    # By hand: of ten, three are reached of whom two leave; at one in five a false alarm counts a quarter.
    chance = np.array([0.9, 0.8, 0.7, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1, 0.1])
    who = scoring.Seen(np.array([1, 1, 0, 1, 0, 0, 0, 0, 0, 0], bool), np.ones(10))
    assert scoring.net_benefit(chance, who, 0.2) == pytest.approx(2 / 10 - 1 / 10 * 0.25)


def test_sensitivity_is_told_at_the_line_that_so_many_others_lie_above():
    chance = np.concatenate([np.arange(100) / 1000, [0.0985, 0.2, 0.01, 0.3]])
    who = scoring.Seen(np.arange(104) >= 100, np.ones(104))
    line = scoring.line_at(chance, who, 0.05)
    assert scoring.sensitivity(chance, who, line) == pytest.approx(0.75)


def test_people_are_drawn_whole():
    client = np.array([0, 0, 0, 1, 2, 2])
    for rows in scoring.resampled(client, 20, np.random.default_rng(0)):
        counts = np.bincount(client[rows], minlength=3)
        assert (counts % [3, 1, 2] == 0).all()
        assert (counts // [3, 1, 2]).sum() == 3


def test_tenths_tell_from_low_to_high_what_was_told_and_what_came():
    rng = np.random.default_rng(3)
    chance = rng.uniform(0.01, 0.5, 20_000)
    who = scoring.Seen(rng.random(20_000) < chance, np.ones(20_000))
    tenths = scoring.tenths(chance, who)
    assert [tenth.rows for tenth in tenths] == [2000] * 10
    assert [tenth.came for tenth in tenths] == pytest.approx([tenth.told for tenth in tenths], abs=0.04)
