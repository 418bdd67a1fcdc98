"""Symptoms and events; limits at least four Monte Carlo errors wide."""

from __future__ import annotations

import numpy as np
import pytest

from accord.simulator.outcome import ATTEMPT, DIARY, DIARY_LATE, MONTH_DAYS, SELF_INJURY, SKILL

CLIENTS = 4_000


@pytest.fixture(scope="module")
def programme(run):
    return run("programme", CLIENTS, 52)


def symptoms(simulated, session):
    ratings = simulated.ratings
    code = [instrument.id for instrument in ratings.instruments].index("BSL-23")
    score = ratings.score[(ratings.instrument == code) & (ratings.session == session)]
    return score[~np.isnan(score)] * 23


def test_symptoms_begin_and_fall_as_published(programme):
    start = symptoms(programme, 1)
    assert start.mean() == pytest.approx(56, abs=1.2)
    assert start.std() == pytest.approx(16.5, abs=0.8)
    later = symptoms(programme, 21)  # session 21 is 20 weeks on, or a little more
    assert later.mean() == pytest.approx(34, abs=1.8)
    assert later.std() == pytest.approx(18.7, abs=1.5)  # the bottom of the scale takes a little


def test_symptoms_are_asked_for_monthly(programme):
    ratings = programme.ratings
    code = [instrument.id for instrument in ratings.instruments].index("BSL-23")
    assert set((ratings.session[ratings.instrument == code] % 4).tolist()) == {1}


def first_month_acts(simulated):
    """Acts in the first 28 days of those who were in treatment that long, by client."""
    events, engagements, clients = simulated.events, simulated.engagements, len(simulated.truth.clients)
    first = np.full(clients, np.iinfo(np.int32).max)
    last = np.full(clients, np.iinfo(np.int32).min)
    role = np.array([person.role for person in simulated.staff])[engagements.clinician] == "individual"
    first[engagements.client[role]] = engagements.first_day[role]
    last[engagements.client[role]] = engagements.last_day[role]
    early = (events.kind == SELF_INJURY) & (events.day - first[events.client] < MONTH_DAYS)
    acts = np.bincount(events.client[early], events.count[early], minlength=clients)
    return acts[last - first >= MONTH_DAYS]


def test_six_in_ten_begin_with_acts_of_self_injury_four_to_eight_a_month(run):
    acts = first_month_acts(run("null", CLIENTS, 20))
    falling = np.mean(0.5 ** (np.arange(4) / 16))  # the rate falls from the first week on
    assert acts.mean() == pytest.approx(0.6 * 6 * falling, rel=0.15)


def test_monthly_counts_spread_as_far_as_the_negative_binomial_says(run):
    acts = first_month_acts(run("null", CLIENTS, 20))
    # P(0): the inactive, and of the others the mean of (k / (k + m)) ** k over k of .15-.40 and m about 4-8
    k, m = np.meshgrid(np.linspace(0.15, 0.40, 50), np.linspace(4, 8, 50) * 0.94)
    assert (acts == 0).mean() == pytest.approx(0.4 + 0.6 * np.mean((k / (k + m)) ** k), abs=0.03)


def test_attempts_are_as_rare_as_stated(run):
    simulated = run("null", 10_000, 40)
    engagements, events = simulated.engagements, simulated.events
    years = (engagements.last_day - engagements.first_day).sum() / 365
    assert (events.kind == ATTEMPT).sum() / years == pytest.approx(-np.log(1 - 0.055), rel=0.2)


def test_the_diary_is_written_on_six_days_of_ten_and_one_entry_in_five_later(run):
    simulated = run("null", 1_000, 20)
    engagements, events = simulated.engagements, simulated.events
    days = (engagements.last_day - engagements.first_day + 1).sum()
    now, later = (events.kind == DIARY).sum(), (events.kind == DIARY_LATE).sum()
    assert (now + later) / days == pytest.approx(0.60, abs=0.01)
    assert later / (now + later) == pytest.approx(0.20, abs=0.01)


def test_skills_are_told_of_five_times_a_week_and_more_often_when_the_alliance_is_higher(run):
    calm, usual = run("null", 2_000, 20), run("programme", 2_000, 52)
    weeks = (calm.engagements.last_day - calm.engagements.first_day).sum() / 7
    result = calm.events.count[calm.events.kind == SKILL].sum()
    assert result / weeks == pytest.approx(5.0, rel=0.03)  # the mean of 2 to 8
    assert np.isin(SKILL, usual.events.kind)


def test_events_are_ordered_and_fall_within_treatment(programme):
    events, engagements = programme.events, programme.engagements
    order = np.lexsort((events.kind, events.day, events.client))
    assert np.array_equal(order, np.arange(len(events)))
    role = np.array([person.role for person in programme.staff])[engagements.clinician] == "individual"
    first, last = np.zeros(CLIENTS), np.zeros(CLIENTS)
    first[engagements.client[role]] = engagements.first_day[role]
    last[engagements.client[role]] = engagements.last_day[role]
    assert (events.day >= first[events.client]).all()
    assert (events.day <= last[events.client]).all()
    assert events.count.min() >= 1


def test_a_scenario_without_events_has_none(run):
    assert run("textbook", 100, 5).events is None
