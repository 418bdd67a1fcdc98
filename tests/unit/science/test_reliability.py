"""The error of one score, and the change that lies beyond it, against worked numbers."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from accord.instruments import catalogue
from accord.records.ratings import Construct, Instrument, Reliability
from accord.science import reliability

PLAIN = Instrument("x", "1", "x", Construct.OTHER, 0, 40)


@pytest.mark.parametrize(
    ("what", "sd", "r", "change"),
    [
        ("BSL-23 by retest", 0.80, 0.82, 0.94),
        ("BSL-23 by alpha", 0.80, 0.97, 0.38),
        ("SRS by alpha", 5, 0.88, 4.8),
        ("SRS by retest", 5, 0.64, 8.3),
    ],
)
def test_the_reliable_change_index_is_the_one_worked_before(what, sd, r, change):
    result = reliability.reliable_change_index(sd, r)
    places = len(str(change).split(".")[1])
    assert round(result, places) == change, what


def test_the_index_is_1_96_standard_errors_of_a_difference():
    # By hand: spread 7.5, retest .80. Standard error 7.5 * sqrt(.2) = 3.35, of a difference * sqrt(2) = 4.74;
    # from 47.5 to 32.5 is a change of -15 / 4.74 = -3.16 standard errors.
    assert reliability.standard_error(7.5, 0.80) == pytest.approx(3.35, abs=0.005)
    change = reliability.reliable_change_index(7.5, 0.80)
    assert change / 1.96 == pytest.approx(4.74, abs=0.005)
    assert (32.5 - 47.5) / (change / 1.96) == pytest.approx(-3.16, abs=0.005)


def test_without_error_every_change_counts_and_without_reliability_the_error_is_the_spread():
    assert reliability.reliable_change_index(5, 1) == 0
    assert reliability.standard_error(5, 0) == 5


@pytest.mark.parametrize("sd", [-1, math.nan, math.inf])
def test_a_spread_that_is_none_is_refused(sd):
    with pytest.raises(ValueError, match="sd must be 0 or more"):
        reliability.standard_error(sd, 0.8)


@pytest.mark.parametrize("r", [-0.1, 1.1, math.nan])
def test_a_reliability_that_is_none_is_refused(r):
    with pytest.raises(ValueError, match="r must lie between 0 and 1"):
        reliability.reliable_change_index(1, r)


def test_the_noise_is_taken_by_retest_where_it_is_known_else_by_alpha():
    both = replace(PLAIN, reliability=Reliability(alpha=0.96, retest=0.75, sd=4, checked=True, source="x"))
    alpha = replace(PLAIN, reliability=Reliability(alpha=0.96, sd=4, checked=True, source="x"))
    assert reliability.noise(both) == reliability.Noise(2.0, "retest", assumed=False)
    result = reliability.noise(alpha)
    assert result is not None
    assert (result.by, round(result.sd, 12)) == ("alpha", 0.8)


@pytest.mark.parametrize("known", [Reliability(), Reliability(sd=4), Reliability(alpha=0.9)])
def test_noise_nobody_knows_is_none(known):
    assert reliability.noise(replace(PLAIN, reliability=known)) is None
    assert reliability.noise_sd(replace(PLAIN, reliability=known)) is None


@pytest.mark.parametrize(("name", "sd"), [("WAI-SR", 2.376), ("SRS", 3.0), ("BSL-23", 0.339)])
def test_stored_values_nobody_checked_give_a_noise_that_is_called_assumed(name, sd):
    result = reliability.noise(catalogue.get(name))
    assert result is not None
    assert result.assumed
    assert result.sd == pytest.approx(sd, abs=0.001)
    assert reliability.noise_sd(catalogue.get(name)) == result.sd


def test_our_own_check_in_has_no_noise_to_assume():
    assert reliability.noise_sd(catalogue.get("session-checkin")) is None
