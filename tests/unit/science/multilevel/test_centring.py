"""Between and within."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from accord.science.multilevel.centring import detrended, lagged, latent_mean, person_mean

PERSON = np.array([0, 0, 0, 1, 1, 1])
TIME = np.array([0.0, 1.0, 2.0, 0.0, 1.0, 2.0])


def test_a_predictor_is_split_into_the_own_mean_and_the_deviation_from_it():
    split = person_mean(np.array([1.0, 2.0, 3.0, 5.0, 6.0, 7.0]), PERSON)
    assert split.between.tolist() == [-2, -2, -2, 2, 2, 2]
    assert split.within.tolist() == [-1, 0, 1, -1, 0, 1]


def test_what_only_grows_with_time_has_no_deviation_once_detrended():
    split = detrended(np.array([1.0, 2.0, 3.0, 9.0, 7.0, 5.0]), PERSON, TIME)
    assert split.within == pytest.approx(np.zeros(6), abs=1e-12)


def test_a_latent_mean_is_drawn_in_by_its_reliability():
    rng = np.random.default_rng(0)
    person = np.repeat(np.arange(4000), 3)
    true = rng.normal(0, 1, 4000)
    value = true[person] + rng.normal(0, 1.5, len(person))
    result = latent_mean(value, person).between[::3]
    # Reliability 1 / (1 + 1.5^2/3) = .571; regression on a mean so drawn in has the true slope of 1.
    assert np.polyfit(person_mean(value, person).between[::3], result, 1)[0] == pytest.approx(0.571, abs=0.02)
    assert np.polyfit(result, true, 1)[0] == pytest.approx(1.0, abs=0.05)


def test_the_session_before_is_the_one_numbered_before():
    value, session = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), np.array([3, 1, 2, 1, 2, 4])
    expected = [3.0, np.nan, 2.0, np.nan, 4.0, np.nan]
    assert lagged(value, PERSON, session) == pytest.approx(expected, nan_ok=True)


@given(arrays(np.float64, 12, elements=st.floats(-5, 5) | st.just(np.nan)), st.integers(1, 4))
def test_deviations_from_the_own_mean_sum_to_nothing_and_gaps_stay_gaps(value, people):
    person = np.arange(12) % people
    split = person_mean(value, person)
    assert np.array_equal(np.isnan(split.within), np.isnan(value))
    for n in range(people):
        assert np.nansum(split.within[person == n]) == pytest.approx(0, abs=1e-9)
