"""Intervals against published values, and against what they are made from."""

from __future__ import annotations

import math

import numpy as np
import pytest

from accord.science import intervals


@pytest.mark.parametrize(
    ("yes", "of", "low", "high"),
    # Newcombe RG (1998), Statistics in Medicine 17, 857-872, table I, method 3
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_a_share_has_the_published_interval(yes, of, low, high):
    result = intervals.share(yes, of)
    assert (result.value, result.low, result.high) == pytest.approx((yes / of, low, high), abs=5e-5)


def test_of_nobody_there_is_no_share_no_rate_and_no_mean():
    for result in (
        intervals.share(0, 0),
        intervals.rate(np.zeros(0), np.zeros(0)),
        intervals.ratio(np.zeros(3), np.zeros(3)),
        intervals.mean(np.array([1.0])),
        intervals.median(np.zeros(0)),
    ):
        assert math.isnan(result.value)


def test_a_rate_s_interval_covers_though_people_differ_and_a_poisson_one_would_not():
    rng, hits, naive, tries = np.random.default_rng(2), 0, 0, 500
    for _ in range(tries):
        time = rng.uniform(1, 12, 80)
        count = rng.poisson(time * rng.gamma(0.5, 2.0, 80)).astype(float)
        result = intervals.rate(count, time)
        hits += result.low <= 1.0 <= result.high
        half = math.exp(1.96 / math.sqrt(count.sum()))
        naive += result.value / half <= 1.0 <= result.value * half
    assert 0.91 <= hits / tries <= 0.98
    assert naive / tries < 0.6


def test_no_event_at_all_still_leaves_room_for_some():
    result = intervals.rate(np.zeros(30), np.full(30, 10.0))
    assert (result.value, result.low) == (0.0, 0.0)
    assert math.exp(-result.high * 300) == pytest.approx(0.025)


def test_a_ratio_draws_people_and_not_their_entries():
    """Ten entries of each person that are all alike tell no more than one entry of each."""
    rng = np.random.default_rng(3)
    part = rng.integers(0, 2, 60).astype(float)
    once = intervals.ratio(part, np.ones(60), seed=5)
    ten_times = intervals.ratio(part * 10, np.full(60, 10.0), seed=5)
    assert ten_times == pytest.approx(once)
    p = once.value
    assert once.high - once.low == pytest.approx(2 * 1.96 * math.sqrt(p * (1 - p) / 60), rel=0.12)
    assert intervals.ratio(part, np.ones(60), seed=5) == once


def test_a_mean_has_student_s_interval():
    # Student (1908), Biometrika 6, 1-25: extra hours of sleep of ten people; mean difference 1.58
    difference = np.array([1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4])
    result = intervals.mean(difference)
    assert (result.value, result.low, result.high) == pytest.approx((1.58, 0.7001, 2.4599), abs=5e-4)


@pytest.mark.parametrize(("n", "place"), [(5, None), (6, 1), (10, 2), (20, 6), (30, 10), (50, 18)])
def test_a_median_lies_between_the_tabled_order_statistics(n, place):
    # Places as tabled for 95 %, such as in Conover WJ (1999), Practical Nonparametric Statistics
    result = intervals.median(np.arange(1.0, n + 1))
    assert result.value == (n + 1) / 2
    assert math.isnan(result.low) if place is None else (result.low, result.high) == (place, n + 1 - place)
