"""Change beyond error, after Jacobson and Truax (1991)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from accord.instruments.catalogue import catalogue
from accord.records.ratings import Reliability
from accord.science.change import reliable

# Their worked example: marital adjustment, higher is better, spread 7.5, retest .80: index 9.3, rounded.
MARITAL = replace(
    catalogue()["srs"], low=0, high=150, lower_is_better=False,
    reliability=Reliability(retest=0.80, sd=7.5, checked=True),
)  # fmt: skip


def test_their_couple_changed_and_one_a_little_below_the_index_did_not():
    result = reliable(MARITAL, np.array([32.5, 32.5, 60.0]), np.array([47.5, 41.7, 45.0]))
    assert result is not None
    assert result.better.tolist() == [True, False, False]
    assert result.worse.tolist() == [False, False, True]
    assert not result.assumed


def test_where_lower_is_better_a_fall_is_a_gain_and_a_change_of_the_index_is_within_error():
    symptoms = replace(MARITAL, lower_is_better=True)
    index = 1.96 * 7.5 * np.sqrt(2 * 0.2)
    result = reliable(symptoms, np.array([50.0, 50.0, 50.0]), np.array([30.0, 50.0 - index, 70.0]))
    assert result is not None
    assert result.better.tolist() == [True, False, False]
    assert result.worse.tolist() == [False, False, True]


def test_without_a_reliability_nothing_is_said_and_an_unread_source_is_told():
    assert reliable(replace(MARITAL, reliability=Reliability()), np.zeros(1), np.ones(1)) is None
    assumed = replace(MARITAL, reliability=replace(MARITAL.reliability, checked=False))
    result = reliable(assumed, np.zeros(1), np.ones(1))
    assert result is not None
    assert result.assumed
