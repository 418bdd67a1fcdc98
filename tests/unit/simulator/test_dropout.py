"""Who leaves when, and which forms are missing; limits at least four Monte Carlo errors wide."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from accord.simulator.generate import LEFT
from accord.simulator.scenarios import SCENARIOS

CLIENTS = 10_000


def days_until_left(simulated):
    """Days from each client's first contact to the last one, infinite for those who stayed."""
    truth = simulated.truth
    first = np.full(len(truth.clients), np.iinfo(np.int32).max)
    np.minimum.at(first, truth.client, truth.day)
    days = np.full(len(truth.clients), np.inf)
    left = truth.left == 1
    days[truth.client[left]] = truth.day[left] - first[truth.client[left]]
    return days


@pytest.mark.parametrize("scenario", ["missing", "null"])
def test_of_those_still_in_treatment_12_7_6_and_5_percent_leave_in_each_quarter(run, scenario):
    days = days_until_left(run(scenario, CLIENTS, 53))
    shares = [((days >= 91 * q) & (days < 91 * (q + 1))).sum() / (days >= 91 * q).sum() for q in range(4)]
    assert shares == pytest.approx([0.12, 0.07, 0.06, 0.05], abs=0.013)


def first_alliance(simulated):
    """True level at the first session in SD around the mean, by client."""
    truth, numbers = simulated.truth, simulated.scenario.parameters.alliance
    level = truth.level[truth.session == 1] / 12.0
    return (level - numbers.mean) / numbers.sd


def test_those_with_lower_alliance_leave_more_often_by_the_stated_ratio(run):
    simulated = run("missing", CLIENTS, 14)
    gone, alliance = np.isfinite(days_until_left(simulated)), first_alliance(simulated)
    log_hazard = [np.log(-np.log1p(-gone[part].mean())) for part in (alliance < 0, alliance >= 0)]
    apart = alliance[alliance >= 0].mean() - alliance[alliance < 0].mean()
    assert np.exp((log_hazard[0] - log_hazard[1]) / apart) == pytest.approx(1.6, abs=0.25)


def test_in_the_null_scenario_alliance_has_nothing_to_do_with_leaving(run):
    simulated = run("null", CLIENTS, 53)
    gone, alliance = np.isfinite(days_until_left(simulated)), first_alliance(simulated)
    assert abs(np.corrcoef(gone, alliance)[0, 1]) < 0.04


def test_left_marks_the_last_session_of_each_relationship_of_a_client_who_left(run):
    simulated = run("programme", 300, 52)
    truth, engagements = simulated.truth, simulated.engagements
    last = np.append(
        (truth.client[1:] != truth.client[:-1]) | (truth.clinician[1:] != truth.clinician[:-1]), True
    )
    assert last[truth.left == 1].all()
    gone = np.unique(engagements.client[engagements.end == LEFT])
    assert np.array_equal(np.unique(truth.client[truth.left == 1]), gone)
    assert 30 < len(gone) < 110


def test_between_15_and_30_percent_of_forms_are_missing(run):
    assert 0.15 < run("missing", CLIENTS, 53).truth.form_missing.mean() < 0.30
    assert 0.15 < run("programme", 1_000, 52).truth.form_missing.mean() < 0.30


def missing_by(simulated):
    """Share of forms missing: in calm sessions, after one in rupture, among the last before leaving."""
    truth = simulated.truth
    same = np.append(False, truth.client[1:] == truth.client[:-1])
    after = same & (np.append(0, truth.in_rupture[:-1]) == 1)
    near = np.zeros(len(truth), np.bool_)
    for back in range(3):
        index = np.flatnonzero(truth.left) - back
        near[index[truth.client[index] == truth.client[np.flatnonzero(truth.left)]]] = True
    missing = truth.form_missing == 1
    return missing[~after & ~near].mean(), missing[after & ~near].mean(), missing[near].mean()


def test_forms_are_missing_twice_as_often_after_a_rupture_and_before_leaving(run):
    calm, after, near = missing_by(run("missing", CLIENTS, 53))
    assert after / calm == pytest.approx(2.0, abs=0.06)
    assert near / calm == pytest.approx(2.0, abs=0.12)


def test_with_the_strength_of_missing_forms_at_zero_they_are_missing_at_random(run):
    usual = SCENARIOS["missing"]
    forms = replace(usual.parameters.forms, strength=0.0)
    calm, after, near = missing_by(
        run(replace(usual, parameters=replace(usual.parameters, forms=forms)), 5_000, 40)
    )
    assert after / calm == pytest.approx(1.0, abs=0.06)
    assert near / calm == pytest.approx(1.0, abs=0.14)


def test_about_a_third_leave_a_residential_stay(run):
    engagements = run("residential", 3_000, 200).engagements
    assert (engagements.end == LEFT).mean() == pytest.approx(0.34, abs=0.05)


def test_the_true_chances_are_those_by_which_clients_leave(run):
    simulated = run("programme", CLIENTS, 52)
    chances, truth = simulated.truth.chances, simulated.truth
    client = np.arange(len(truth.clients))
    first = chances.day[0]
    result = chances.within(client, first, 182)
    gone = days_until_left(simulated) < 182
    assert gone.mean() == pytest.approx(result.mean(), abs=0.015)
    order = np.argsort(result)
    lowest, highest = order[: CLIENTS // 4], order[-CLIENTS // 4 :]
    assert gone[lowest].mean() == pytest.approx(result[lowest].mean(), abs=0.025)
    assert gone[highest].mean() == pytest.approx(result[highest].mean(), abs=0.035)


def test_the_true_hazard_adds_up_to_the_true_chance(run):
    simulated = run("programme", 300, 52)
    chances = simulated.truth.chances
    client = np.arange(300)
    days = chances.day[0][:, None] + np.arange(7)
    by_day = sum(chances.hazard(client, days[:, k]) for k in range(7))
    first_only = chances.day[1] == chances.day[0] + 7
    whole = -np.log1p(-chances.leaving[0])
    assert by_day[first_only] == pytest.approx(whole[first_only])
