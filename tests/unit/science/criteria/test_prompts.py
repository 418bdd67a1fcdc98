from __future__ import annotations

from dataclasses import replace

import numpy as np

from accord.science.criteria.prompts import fell, low, points_lost, points_past_cut_off
from tests.reference.panels import panel_of
from tests.support.courses import ALLIANCE, SYMPTOMS


def test_a_rating_at_the_cut_off_or_on_its_worse_side_asks_for_a_conversation():
    panel = panel_of([[37, 36, 35, None]])
    assert low(panel, ALLIANCE, 36).tolist() == [False, True, True, False]
    assert low(panel, SYMPTOMS, 36).tolist() == [True, True, False, False]


def test_points_past_the_cut_off_grow_with_how_bad_it_is():
    panel = panel_of([[37, 36, 33, None]])
    np.testing.assert_array_equal(points_past_cut_off(panel, ALLIANCE, 36), [-1, 0, 3, np.nan])


def test_a_fall_is_counted_from_the_last_rating_there_was():
    panel = panel_of([[37, None, 36, 36.5], [20, 18]])
    np.testing.assert_array_equal(points_lost(panel, ALLIANCE), [np.nan, np.nan, 1, -0.5, np.nan, 2])
    assert fell(panel, ALLIANCE).tolist() == [False, False, True, False, False, True]
    assert fell(panel, ALLIANCE, 2).tolist() == [False, False, False, False, False, True]


def test_a_fall_of_a_point_in_means_of_items_is_not_lost_to_rounding():
    panel = panel_of([[1.1 + 2.2, 2.3]])
    assert fell(panel, ALLIANCE)[1]


def test_a_prompt_on_a_mirrored_scale_is_the_same_prompt():
    courses: list[list[float | None]] = [[37, 36, 30, None, 33], [20, 18, 25]]
    plain = panel_of(courses)
    mirrored = panel_of([[None if score is None else 40 - score for score in course] for course in courses])
    backwards = replace(ALLIANCE, lower_is_better=True)
    np.testing.assert_array_equal(points_lost(mirrored, backwards), points_lost(plain, ALLIANCE))
    np.testing.assert_array_equal(
        points_past_cut_off(mirrored, backwards, 40 - 32), points_past_cut_off(plain, ALLIANCE, 32)
    )
