from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from accord.science.criteria import sudden
from accord.science.criteria.sudden import NotOnline, looking_back
from tests.reference.panels import panel_of

REFERENCE = Path(__file__).resolve().parents[3] / "reference"
SESSIONS = 20
POINTS = 7.0  # the cut-off of the reference run


@pytest.fixture(scope="module")
def reference():
    """Courses as lists, and the gains the R package found, (courses, sessions), NaN where it has none."""
    with (REFERENCE / "sg_synth_100_suddengains.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    courses = [[float(row[f"s{k}"]) for k in range(1, SESSIONS + 1)] for row in rows]
    gains = [[float(row.get(f"sg_{k}to{k + 1}", "nan")) for k in range(1, SESSIONS + 1)] for row in rows]
    return courses, np.array(gains)


def changes(courses, **more):
    panel = panel_of(courses)
    wanted = {"points": POINTS, "lower_is_better": True, **more}
    return looking_back(panel, panel.rating, **wanted)


def gains_and_losses(course, **more):
    result = changes([course], **more)
    return np.flatnonzero(result.gain == 1).tolist(), np.flatnonzero(result.loss == 1).tolist()


def test_sudden_gains_are_exactly_those_of_the_reference(reference):
    courses, gains = reference
    assert np.nansum(gains) == 22
    np.testing.assert_array_equal(changes(courses).gain, gains.ravel())


def test_a_two_sample_t_test_would_find_more_gains_than_the_reference(reference):
    courses, gains = reference
    result = changes(courses, t_test=True).gain.reshape(gains.shape)
    assert np.nansum(result) == 31
    assert not (result < gains).any()


def test_the_mirrored_scale_gives_the_reference_gains_too(reference):
    courses, _ = reference
    panel = panel_of(courses)
    # A share of the score is no mirror image, so it is left out on both sides.
    plain = looking_back(panel, panel.rating, points=POINTS, lower_is_better=True, share=None)
    mirrored = looking_back(panel, 63 - panel.rating, points=POINTS, lower_is_better=False, share=None)
    np.testing.assert_array_equal(mirrored.gain, plain.gain)
    np.testing.assert_array_equal(mirrored.loss, plain.loss)


def losses_as_in_suddengains(course):
    """Its rule for losses: the second criterion asks for less change than a quarter, so every loss has it."""
    result = []
    for k in range(1, len(course) - 2):
        before, after = course[max(0, k - 2) : k + 1], course[k + 1 : k + 4]
        t = {6: 2.776, 5: 3.182, 4: 4.303}[len(before) + len(after)]
        squares = sum(((np.array(side) - np.mean(side)) ** 2).sum() for side in (before, after))
        bar = t * np.sqrt(squares / (len(before) + len(after) - 2))
        rise = course[k + 1] - course[k]
        assert rise < POINTS or -rise <= 0.25 * course[k], "the second criterion let a loss go"
        if rise >= POINTS and np.mean(after) - np.mean(before) > bar:
            result.append(k)
    return result


def test_losses_differ_from_the_references_rule_only_where_they_are_less_than_a_quarter(reference):
    courses, _ = reference
    for course in courses:
        ours, theirs = gains_and_losses(course)[1], losses_as_in_suddengains(course)
        assert set(ours) <= set(theirs)
        for k in set(theirs) - set(ours):
            assert course[k + 1] - course[k] < 0.25 * course[k]
    assert gains_and_losses([40, 40, 40, 48, 48, 48])[1] == []
    assert losses_as_in_suddengains([40, 40, 40, 48, 48, 48]) == [2]


def test_a_loss_of_a_quarter_and_enough_points_is_sudden():
    assert gains_and_losses([20, 21, 20, 30, 31, 30]) == ([], [2])


def test_a_loss_is_the_gain_of_the_course_read_backwards_when_no_share_is_asked_for(reference):
    courses, _ = reference
    forward = changes(courses, share=None)
    backward = changes([course[::-1] for course in courses], share=None)
    losses = backward.loss.reshape(-1, SESSIONS)[:, -2::-1]
    np.testing.assert_array_equal(forward.gain.reshape(-1, SESSIONS)[:, :-1], losses)


def test_on_an_alliance_scale_a_fall_is_the_loss():
    assert gains_and_losses([30, 31, 30, 20, 21, 20], lower_is_better=False) == ([], [2])


def test_fewer_than_two_scores_on_a_side_cannot_say():
    result = changes([[30, 20, 20, 20], [30, 30, 20, 20], [None, 30, 20, 20], [30, 30, None, 20]])
    assert np.isnan(result.gain).reshape(4, 4)[:, 1].tolist() == [False, False, True, True]
    assert np.isnan(result.gain).reshape(4, 4)[:, [0, 2, 3]].all()


def test_the_course_of_another_relationship_is_never_looked_at():
    assert np.nansum(changes([[30, 30, 30], [10, 10, 10]]).gain) == 0


def test_the_t_test_of_two_samples_asks_for_less():
    course = [30, 26, 32, 22, 25, 18]
    assert gains_and_losses(course) == ([], [])
    assert gains_and_losses(course, t_test=True) == ([2], [])


def test_it_refuses_to_be_asked_session_by_session():
    panel = panel_of([[30, 20]])
    with pytest.raises(NotOnline, match="only look back"):
        sudden.statistic(panel, panel.rating)


@pytest.mark.parametrize("wrong", [{"points": 0.0}, {"share": -0.25}])
def test_a_criterion_of_no_size_is_refused(wrong):
    with pytest.raises(ValueError, match="above 0"):
        changes([[30, 20]], **wrong)
