"""The true values, against what a large simulated programme shows."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from accord.benchmark import true_values
from accord.benchmark.case import Case, draw
from accord.science.tracker.channels import ATTENDANCE, CLINICIAN, PROBE, URGE
from accord.simulator.parameters import Parameters, Ruptures
from accord.simulator.scenarios import SCENARIOS, with_channel_strength


@pytest.fixture(scope="module")
def large() -> Case:
    return draw(SCENARIOS["channels"], 1500, 20, 7, 8)


def test_levels_and_scatter_are_those_of_the_simulated_ratings(large):
    values, first = true_values.true_population(large), large.panel.session == 1
    assert np.nanmean(large.unit[first]) == pytest.approx(values.mean_level, abs=0.01)
    one_rating = math.hypot(values.sd_level, values.sd_within)
    assert np.nanstd(large.unit[first]) == pytest.approx(one_rating, rel=0.05)


def test_ruptures_begin_and_end_as_often_as_the_simulated_ones(large):
    values = true_values.true_population(large)
    length = large.episodes.end - large.episodes.start
    early = large.panel.session[large.episodes.start] <= 6  # few of these are cut off by the end
    before = np.append(False, large.in_rupture[:-1]) & (large.panel.session > 1)
    can_begin = ~before & (large.panel.session > 1)
    assert large.truth.onset[can_begin].mean() == pytest.approx(values.onset, rel=0.1)
    assert length[early].mean() == pytest.approx(1 / values.exit, rel=0.1)
    depth = large.truth.depth[large.in_rupture].mean()
    assert values.depth * values.sd_within == pytest.approx(
        depth * large.scenario.parameters.alliance.within_sd / true_values.SPAN, rel=0.05
    )


@pytest.mark.parametrize("name", [PROBE, ATTENDANCE])
def test_yes_and_no_channels_have_the_chances_of_the_simulated_ones(large, name):
    chance, said = true_values.true_population(large).chances[name], large.columns[name]
    assert np.nanmean(said[large.calm]) == pytest.approx(chance.calm, abs=0.02)
    assert np.nanmean(said[large.in_rupture]) == pytest.approx(chance.rupture, abs=0.04)


def test_the_clinicians_rating_falls_as_far_as_the_simulated_one(large):
    values, said = true_values.true_population(large).readings[CLINICIAN], large.columns[CLINICIAN]
    fall = np.nanmean(said[large.in_rupture]) - np.nanmean(said[large.calm])
    assert values.shift == pytest.approx(fall, abs=0.01)
    assert np.nanstd(said) == pytest.approx(math.hypot(values.sd_level, values.sd_noise), rel=0.1)


def test_channels_without_strength_say_nothing_of_ruptures():
    scenario = with_channel_strength(SCENARIOS["channels"], 0.0)
    chances, readings = (make(scenario.parameters) for make in (true_values.chances, true_values.readings))
    assert all(chance.calm == pytest.approx(chance.rupture) for chance in chances.values())
    assert readings[URGE].shift == 0
    assert readings[CLINICIAN].shift == 0


def test_a_rupture_that_builds_up_is_shallower_on_average_than_at_its_deepest():
    assert true_values.mean_depth(Ruptures(depth=(1.0, 2.0))) == pytest.approx(1.5)
    # Always two sessions long and at half the depth in the first of them.
    slow = Ruptures(depth=(1.0, 2.0), shortest=2, mean_length=2.0, build=2.0)
    assert true_values.mean_depth(slow) == pytest.approx(1.5 * 0.75)


def test_heavy_tails_are_a_narrow_part_and_a_share_of_a_wide_one():
    narrow, share = true_values.heavy_tails(3.0)
    assert 0.5 < narrow < 0.8
    assert 0.05 < share < 0.3
    almost_normal, hardly_any = true_values.heavy_tails(200.0)
    assert almost_normal == pytest.approx(1.0, abs=0.02)
    assert hardly_any < 0.01


def test_those_near_the_top_raise_the_mean_and_widen_the_spread():
    usual = Parameters()
    some_at_top = replace(usual, alliance=replace(usual.alliance, top_share=0.15))
    assert true_values.levels(some_at_top)[0] > true_values.levels(usual)[0]
    assert true_values.levels(some_at_top)[1] > true_values.levels(usual)[1]


@pytest.mark.parametrize("scenario", list(SCENARIOS))
def test_every_scenario_has_true_values_the_filter_can_take(scenario):
    case = draw(SCENARIOS[scenario], 10, 6, 3, 4)
    values = true_values.true_population(case)
    assert values.fits(case.followed)
    assert math.isfinite(values.alarm_line(0.03))
    assert 0 < values.state_share < 1
