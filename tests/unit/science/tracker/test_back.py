"""When ratings are called back: the rating itself lies in the usual range, and a rupture is improbable."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import pytest

from accord.instruments.catalogue import get
from accord.records.ratings import CheckIn, Course, Rater, State
from accord.records.usual_range import FEWEST, WINDOW, usual_range
from accord.science.tracker.assess import assess, prior
from accord.science.tracker.episode import IMPROBABLE, NONE_YET, usual_low

INSTRUMENT = get("session-checkin")
VALUES = prior(INSTRUMENT)
DAY = date(2026, 1, 5)


def _findings(*ratings: float | None):
    checkins = tuple(
        CheckIn(n, DAY + timedelta(weeks=n), Rater.CLIENT, INSTRUMENT.id, rating)
        for n, rating in enumerate(ratings, 1)
    )
    course = Course("c", "t", INSTRUMENT, checkins)
    return assess(course, VALUES, DAY + timedelta(weeks=99)).findings


def test_a_rating_lower_than_the_rupture_s_own_is_not_back():
    findings = _findings(30, 28, 29, 30, 28, 29, 15, 13)
    assert findings[-2].state is State.RUPTURE
    assert findings[-1].state is State.RUPTURE


def test_a_rating_in_the_usual_range_is_back_once_a_rupture_is_improbable():
    findings = _findings(30, 28, 29, 30, 28, 29, 15, 29, 29)
    states = [finding.state for finding in findings[6:]]
    assert states[0] is State.RUPTURE
    assert State.BACK in states[1:]
    back = next(finding for finding in findings[6:] if finding.state is State.BACK)
    assert back.rating >= 28
    assert back.p_rupture < IMPROBABLE


@pytest.mark.parametrize("seed", range(8))
def test_whatever_the_course_no_rating_below_the_range_before_is_called_back(seed):
    rng = np.random.default_rng(seed)
    ratings = np.clip(np.round(rng.normal(27, 3, 80) - 12 * (rng.random(80) < 0.15)), 5, 35).tolist()
    findings, opened = _findings(*ratings), None
    for at, finding in enumerate(findings):
        if finding.state is State.RUPTURE and findings[at - 1].state is not State.RUPTURE:
            opened = at
        if finding.state is State.BACK:
            assert opened is not None
            usual = usual_range(ratings[:opened])
            assert usual is None or finding.rating >= usual[0] - 1e-6
            assert finding.p_rupture < IMPROBABLE


def test_the_lower_end_is_that_of_the_usual_range_and_of_few_ratings_another():
    recent = np.full((3, WINDOW), NONE_YET)
    recent[0, :FEWEST] = [0.2, 0.4, 0.6, 0.8, 1.0]
    recent[1] = np.linspace(0, 1, WINDOW)
    recent[2, : FEWEST - 1] = 0.9
    few, many = usual_range(recent[0, :FEWEST].tolist()), usual_range(recent[1].tolist())
    assert few is not None
    assert many is not None
    expected = [few[0], many[0], 0.33]
    assert usual_low(recent, np.full(3, 0.33)) == pytest.approx(expected)


def test_a_usual_range_is_between_the_percentiles_of_the_last_twenty():
    ratings = [3.0, 1.0, *np.random.default_rng(1).normal(25, 3, WINDOW)]
    assert usual_range(ratings) == pytest.approx(np.quantile(ratings[2:], [0.1, 0.9], method="weibull"))
    assert usual_range(ratings[: FEWEST - 1]) is None
