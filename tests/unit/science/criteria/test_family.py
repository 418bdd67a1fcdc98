from __future__ import annotations

import math

import numpy as np
import pytest

from accord.science.criteria import chart, family
from accord.science.criteria.family import OUTCOMES, Criterion, Outcome, Reference, Scale
from accord.science.criteria.pooled import Pooled, pool
from tests.reference.panels import panel_of

POOLED = Pooled(mean=0.7, within_sd=0.1, difference_sd=0.14, noise_sd=0.05)
MEAN = Criterion(Reference.OWN_MEAN, Scale.WITHIN_SD, threshold=1.5, window=2, recovery=0.5)


def statistic(course, criterion):
    panel = panel_of([course])
    return family.statistic(panel, panel.rating, criterion, POOLED)


def outcomes(course, criterion=MEAN):
    panel = panel_of([course])
    result = family.marks(panel, panel.rating, criterion, POOLED)
    return {int(k): OUTCOMES[result.outcome[k]] for k in np.flatnonzero(result.rupture)}


@pytest.mark.parametrize(("reference", "expected"), [("previous", 0.9), ("own_mean", 0.8), ("own_line", 1.0)])
def test_each_reference_is_what_its_name_says(reference, expected):
    result = statistic([0.7, 0.8, 0.9, 0.6], Criterion(Reference(reference), Scale.WITHIN_SD))
    assert result[3] == pytest.approx((expected - 0.6) / 0.1)


@pytest.mark.parametrize(
    ("scale", "expected"),
    [
        ("own_sd", 0.1),
        ("own_difference_sd", math.sqrt(0.02)),
        ("within_sd", 0.1),
        ("difference_sd", 0.14),
        ("standard_error_of_difference", 0.05 * math.sqrt(2)),
    ],
)
def test_each_scale_is_what_its_name_says(scale, expected):
    result = statistic([0.7, 0.9, 0.8, 0.8, 0.6], Criterion(Reference.OWN_MEAN, Scale(scale)))
    own_differences = np.std([0.2, -0.1, 0.0], ddof=1)
    own_sd = np.std([0.7, 0.9, 0.8, 0.8], ddof=1)
    expected = {"own_sd": own_sd, "own_difference_sd": own_differences}.get(scale, expected)
    assert result[4] == pytest.approx((0.8 - 0.6) / expected)


def test_a_drop_that_is_regained_within_the_window_is_back():
    assert outcomes([0.8, 0.8, 0.8, 0.5, 0.6, 0.75]) == {3: Outcome.BACK}


def test_a_drop_regained_too_late_is_unresolved():
    # Only the third session after the drop lies above the bar.
    assert outcomes([0.8, 0.8, 0.8, 0.5, 0.7, 0.7, 0.8]) == {3: Outcome.UNRESOLVED}


def test_the_bar_is_frozen_at_the_drop():
    # .8 - .5 * 1.5 * .1 = .725, though the own mean has fallen since.
    assert outcomes([0.8, 0.8, 0.8, 0.5, 0.72, 0.72]) == {3: Outcome.UNRESOLVED}
    assert outcomes([0.8, 0.8, 0.8, 0.5, 0.72, 0.73]) == {3: Outcome.BACK}


def test_further_low_ratings_belong_to_the_drop_that_is_still_open():
    assert list(outcomes([0.8, 0.8, 0.8, 0.5, 0.5, 0.8])) == [3]


def test_after_an_unresolved_drop_another_can_begin():
    assert outcomes([0.8] * 6 + [0.5, 0.5, 0.5, 0.4]) == {6: Outcome.UNRESOLVED, 9: Outcome.OPEN}


def test_sessions_without_a_rating_use_up_the_window():
    assert outcomes([0.8, 0.8, 0.8, 0.5, None, None, 0.8]) == {3: Outcome.UNRESOLVED}
    assert outcomes([0.8, 0.8, 0.8, 0.5, None, None]) == {3: Outcome.UNRESOLVED}
    assert outcomes([0.8, 0.8, 0.8, 0.5, None]) == {3: Outcome.OPEN}


def test_equal_ratings_have_no_spread_of_their_own_and_cannot_say():
    own = Criterion(Reference.OWN_MEAN, Scale.OWN_SD)
    assert np.isnan(statistic([0.8, 0.8, 0.8, 0.4], own)).all()
    floored = Criterion(Reference.OWN_MEAN, Scale.OWN_SD, floor=0.05)
    assert statistic([0.8, 0.8, 0.8, 0.4], floored)[3] == pytest.approx(8.0)


def test_a_spread_that_is_only_rounding_cannot_say():
    steady = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]  # differences equal but for the last binary digit
    own = Criterion(Reference.PREVIOUS, Scale.OWN_DIFFERENCE_SD)
    assert np.std(np.diff(steady)) > 0
    assert np.isnan(statistic(steady, own)).all()


def test_nothing_is_said_before_there_are_enough_ratings():
    result = statistic([0.8, 0.7, 0.8, 0.7, 0.6], Criterion(Reference.PREVIOUS, Scale.WITHIN_SD, least=4))
    assert np.isnan(result).tolist() == [True] * 4 + [False]


def test_a_pooled_scale_has_to_be_given():
    panel = panel_of([[0.8, 0.5]])
    with pytest.raises(ValueError, match="needs a pooled value"):
        family.statistic(panel, panel.rating, MEAN)


@pytest.mark.parametrize(
    "wrong", [{"threshold": 0.0}, {"window": 0}, {"recovery": 0.0}, {"recovery": 1.1}, {"floor": -0.1}]
)
def test_a_criterion_outside_its_bounds_is_refused(wrong):
    with pytest.raises(ValueError, match="threshold above 0"):
        Criterion(Reference.PREVIOUS, Scale.OWN_SD, **wrong)


def test_values_of_another_length_than_the_panel_are_refused():
    with pytest.raises(ValueError, match="2 sessions"):
        family.statistic(panel_of([[0.8, 0.5]]), np.array([0.8]), MEAN, POOLED)


def test_pooled_values_are_learned_from_a_training_panel():
    rng = np.random.default_rng(4)
    level, noise = rng.normal(0.7, 0.2, (500, 1)), rng.normal(0, 0.1, (500, 6))
    panel = panel_of((level + noise).tolist())
    result = pool(panel, panel.rating, noise_sd=0.03)
    assert result.mean == pytest.approx(panel.rating.mean())
    assert result.within_sd == pytest.approx(0.1, rel=0.05)
    assert result.difference_sd == pytest.approx(0.1 * math.sqrt(2), rel=0.05)
    assert result.standard_error_of_difference == pytest.approx(0.03 * math.sqrt(2))


def test_pooled_values_of_single_ratings_are_not_known():
    panel = panel_of([[0.5], [0.7], [None]])
    result = pool(panel, panel.rating)
    assert result.mean == pytest.approx(0.6)
    assert math.isnan(result.within_sd)
    assert math.isnan(result.difference_sd)
    empty = panel_of([[None]])
    assert math.isnan(pool(empty, empty.rating).mean)


def test_a_panel_without_sessions_has_an_empty_answer():
    panel = panel_of([])
    assert family.statistic(panel, panel.rating, MEAN, POOLED).shape == (0,)
    assert family.marks(panel, panel.rating, MEAN, POOLED).outcome.shape == (0,)


def test_the_chart_counts_sigmas_of_the_mean_moving_range():
    panel = panel_of([[0.8, 0.7, 0.8, 0.7, 0.5]])
    statistic = chart.statistic(panel, panel.rating)
    assert np.isnan(statistic[:3]).all()
    assert statistic[4] == pytest.approx((0.75 - 0.5) / (0.1 / 1.128))


def test_the_charts_sigma_is_the_standard_deviation_of_independent_normal_ratings():
    rng = np.random.default_rng(5)
    panel = panel_of(rng.standard_normal((2000, 41)).tolist())
    result = chart.statistic(panel, panel.rating)[panel.session == 40]
    # Of 40 ratings each: 3 sigma would be passed by .0013, sigma's own error makes it a little more.
    assert 0.9 < result.std() < 1.2


def test_equal_ratings_give_a_chart_without_a_width_unless_a_floor_is_set():
    panel = panel_of([[0.8, 0.8, 0.8, 0.6]])
    assert np.isnan(chart.statistic(panel, panel.rating)[3])
    assert chart.statistic(panel, panel.rating, floor=0.1)[3] == pytest.approx(2.0)
