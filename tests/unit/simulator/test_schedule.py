"""Contacts fall on days on which they can."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from accord.instruments.catalogue import catalogue
from accord.simulator.generate import simulate
from accord.simulator.parameters import Schedule
from accord.simulator.schedule import EPOCH, _open_mondays

HOLIDAYS = ((8, 1, 3), (12, 20, 2))


def day(*ymd):
    return (date(*ymd) - EPOCH).days


@pytest.mark.parametrize("scenario", ["textbook", "irregular", "programme"])
def test_outpatient_contacts_are_on_weekdays(run, scenario):
    weekday = (run(scenario, 200, 40).ratings.day + 3) % 7  # 1970-01-01 was a Thursday
    assert set(np.unique(weekday)) == {0, 1, 2, 3, 4}


def test_nobody_is_seen_before_the_start():
    begun = simulate(
        "textbook", clients=50, sessions=2, seed=1, start=date(2024, 2, 28), instruments=catalogue()
    )
    assert begun.ratings.day.min() == day(2024, 3, 4)  # the first Monday after that Wednesday


def test_a_start_on_a_monday_is_the_first_day():
    begun = simulate(
        "textbook", clients=50, sessions=2, seed=1, start=date(2025, 1, 6), instruments=catalogue()
    )
    assert begun.ratings.day.min() == day(2025, 1, 6)


def test_weeks_that_begin_in_a_holiday_are_closed():
    mondays = set(_open_mondays(Schedule(holidays=HOLIDAYS), day(2025, 1, 6), 60).tolist())
    assert len(mondays) == 60
    for closed in ((2025, 8, 4), (2025, 8, 18), (2025, 12, 22), (2025, 12, 29)):
        assert day(*closed) not in mondays
    for still_open in ((2025, 7, 28), (2025, 8, 25), (2025, 12, 15), (2026, 1, 5)):
        assert day(*still_open) in mondays


def test_a_holiday_over_the_turn_of_the_year_closes_the_years_first_week():
    mondays = _open_mondays(Schedule(holidays=HOLIDAYS), day(2023, 12, 18), 2).tolist()
    assert mondays == [day(2023, 12, 18), day(2024, 1, 8)]


def test_irregular_contacts_leave_weeks_out_and_move_within_the_week(run):
    ratings = run("irregular", 500, 40).ratings
    gaps = np.diff(ratings.day)[ratings.client[1:] == ratings.client[:-1]]
    assert gaps.min() >= 3
    assert {7, 14, 21} <= set(gaps.tolist())
    assert (gaps == 7).mean() < 0.7
    assert gaps.max() >= 28


def test_a_psychiatrist_is_seen_every_four_weeks_and_a_therapist_weekly(run):
    simulated = run("programme", None, None)
    truth = simulated.truth
    role = np.array([person.role for person in simulated.staff])[truth.clinician]
    follows = (truth.client[1:] == truth.client[:-1]) & (truth.clinician[1:] == truth.clinician[:-1])
    gap = np.diff(truth.day)
    assert np.median(gap[follows & (role[1:] == "psychiatry")]) == 28
    assert np.median(gap[follows & (role[1:] == "individual")]) == 7


def test_residential_contacts_of_one_relationship_may_share_a_day(run):
    truth = run("residential", 300, 200).truth
    follows = (truth.client[1:] == truth.client[:-1]) & (truth.clinician[1:] == truth.clinician[:-1])
    gap = np.diff(truth.day)[follows]
    assert gap.min() == 0
    assert (np.diff(truth.session)[follows] == 1).all()
