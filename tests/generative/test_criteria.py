"""The detectors agree with the obvious slow versions and never look ahead."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.science.criteria import chart, family, sequential
from accord.science.criteria.channels import deviations, equal_weight_sum
from accord.science.criteria.family import OUTCOMES, Criterion, Outcome, Reference, Scale
from accord.science.criteria.pooled import Pooled
from accord.science.criteria.sudden import looking_back
from accord.science.dyad import Pairs, TooFew, gaps, together
from tests.reference import slow_criteria as slow
from tests.reference.panels import cut, panel_of

POOLED = Pooled(0.7, 0.1, 0.13, 0.05)
BY_NAME = {
    Scale.WITHIN_SD: 0.1,
    Scale.DIFFERENCE_SD: 0.13,
    Scale.STANDARD_ERROR_OF_DIFFERENCE: 0.05 * math.sqrt(2),
}

# Steps of 1/64 are exact in binary, so that ties are ties in both versions.
unit = st.integers(0, 64).map(lambda k: k / 64)
courses = st.lists(st.lists(st.none() | unit, min_size=1, max_size=25), min_size=1, max_size=5)
criteria = st.builds(
    Criterion,
    reference=st.sampled_from(Reference),
    scale=st.sampled_from(Scale),
    threshold=st.floats(0.2, 4),
    window=st.integers(1, 5),
    recovery=st.floats(0.1, 1),
    least=st.integers(1, 5),
    floor=st.sampled_from([0.0, 0.01, 0.1]),
)
innovation = st.none() | st.floats(-6, 6)
innovations = st.lists(st.lists(innovation, min_size=1, max_size=25), min_size=1, max_size=5)


def agree(fast, obvious) -> None:
    """`obvious` are lists, one for each relationship."""
    flat = np.array([np.nan if value is None else value for course in obvious for value in course])
    np.testing.assert_allclose(fast, flat, rtol=1e-9, atol=1e-9)


def slow_arguments(criterion: Criterion) -> tuple[str, str | float, int, float]:
    scale = BY_NAME.get(criterion.scale, criterion.scale.value)
    return criterion.reference.value, scale, criterion.least, criterion.floor


@given(courses, criteria)
def test_the_family_says_what_the_slow_version_says(values, criterion):
    panel = panel_of(values)
    agree(
        family.statistic(panel, panel.rating, criterion, POOLED),
        [slow.family(course, *slow_arguments(criterion)) for course in values],
    )


@given(courses, criteria)
def test_the_familys_marks_are_the_slow_versions_marks(values, criterion):
    panel = panel_of(values)
    statistic = family.statistic(panel, panel.rating, criterion, POOLED)
    if np.any(np.abs(statistic - criterion.threshold) < 1e-9):
        return
    result = family.marks(panel, panel.rating, criterion, POOLED)
    for k, course in enumerate(values):
        mine = panel.relationship == k
        begins, backs, outcome = slow.marks(
            course, *slow_arguments(criterion), criterion.threshold, criterion.window, criterion.recovery
        )
        assert np.flatnonzero(result.rupture[mine]).tolist() == begins
        assert np.flatnonzero(result.back[mine]).tolist() == backs
        assert {j: OUTCOMES[code] for j, code in enumerate(result.outcome[mine]) if code} == outcome


@given(courses, st.integers(2, 5), st.sampled_from([0.0, 0.02]))
def test_the_chart_says_what_the_slow_version_says(values, least, floor):
    panel = panel_of(values)
    agree(
        chart.statistic(panel, panel.rating, least=least, floor=floor),
        [slow.chart(course, least, floor) for course in values],
    )


@given(innovations, st.floats(0.25, 3), st.sampled_from([1.0, 4.0, math.inf]))
def test_cusum_says_what_the_slow_version_says(values, shift, restart):
    panel = panel_of(values)
    statistic = sequential.cusum(panel, panel.rating, shift=shift, restart_above=restart)
    if np.any(np.abs(statistic - restart) < 1e-9):
        return
    agree(statistic, [slow.cusum(course, shift, restart) for course in values])


@given(innovations, st.floats(0.25, 2), st.floats(0.01, 0.3))
def test_shiryaevs_odds_are_those_of_bayes_rule_session_by_session(values, shift, onset):
    panel = panel_of(values)
    statistic = sequential.shiryaev(panel, panel.rating, shift=shift, onset=onset)
    probability = 1 / (1 + np.exp(-statistic))
    agree(probability, [slow.shiryaev(course, shift, onset) for course in values])


points_or_none = st.none() | st.integers(0, 30)
whole_points = st.lists(st.lists(points_or_none, min_size=1, max_size=15), min_size=1, max_size=4)


@given(whole_points, st.integers(1, 8), st.sampled_from([0.25, 0.5]), st.booleans())
def test_sudden_changes_are_those_of_the_slow_version(values, points, share, lower_is_better):
    panel = panel_of(values)
    result = looking_back(panel, panel.rating, points=points, lower_is_better=lower_is_better, share=share)
    words = [slow.sudden(course, points, share, lower_is_better) for course in values]
    agree(result.gain, [[word if word is None else word == "gain" for word in item] for item in words])
    agree(result.loss, [[word if word is None else word == "loss" for word in item] for item in words])


rating_and_urge = st.tuples(st.none() | unit, st.none() | st.integers(0, 5))
two_channels = st.lists(st.lists(rating_and_urge, min_size=1, max_size=20), min_size=1, max_size=4)


@given(two_channels, st.sampled_from([0.0, 1.0, 2.5]))
def test_the_sum_over_channels_is_the_slow_versions(drawn, weight):
    ratings, urges = ([[row[side] for row in course] for course in drawn] for side in (0, 1))
    panel, urge = panel_of(ratings), panel_of(urges).rating
    pooled = {"rating": Pooled(mean=0.7, within_sd=0.1), "urge": Pooled(mean=1.5, within_sd=0.8)}
    result = deviations({"rating": panel.rating, "urge": urge}, panel, pooled, weight_of_pool=weight)
    obvious = [
        slow.channel_sum(both, [(0.7, 0.1), (1.5, 0.8)], (-1, 1), weight)
        for both in zip(ratings, urges, strict=True)
    ]
    agree(equal_weight_sum(result), obvious)


DETECTORS = {
    "own line": lambda panel, y: family.statistic(panel, y, Criterion(Reference.OWN_LINE, Scale.OWN_SD)),
    "previous": lambda panel, y: family.statistic(
        panel, y, Criterion(Reference.PREVIOUS, Scale.OWN_DIFFERENCE_SD)
    ),
    "marks": lambda panel, y: (
        family.marks(panel, y, Criterion(Reference.OWN_MEAN, Scale.WITHIN_SD), POOLED).rupture
    ),
    "chart": chart.statistic,
    "cusum": lambda panel, y: sequential.cusum(
        panel, sequential.own_mean_innovations(panel, y, POOLED), shift=1.0
    ),
    "shiryaev": lambda panel, y: sequential.shiryaev(
        panel, sequential.own_mean_innovations(panel, y, POOLED)
    ),
    "channels": lambda panel, y: equal_weight_sum(
        deviations({"rating": y, "urge": 1 - y}, panel, {"rating": POOLED, "urge": POOLED}, weight_of_pool=1)
    ),
}


@pytest.mark.parametrize("name", DETECTORS)
@given(values=courses, last=st.integers(0, 24))
def test_later_sessions_never_change_what_was_said(name, values, last):
    panel = panel_of(values)
    whole = DETECTORS[name](panel, panel.rating)
    early, ratings, rows = cut(panel, panel.rating, last)
    np.testing.assert_array_equal(DETECTORS[name](early, ratings), whole[rows])


@pytest.mark.parametrize("name", DETECTORS)
@given(values=courses)
def test_relationships_do_not_change_each_others_answers(name, values):
    panel = panel_of(values)
    together_told = DETECTORS[name](panel, panel.rating)
    alone = [DETECTORS[name](item, item.rating) for item in (panel_of([course]) for course in values)]
    np.testing.assert_array_equal(together_told, np.concatenate(alone))


@pytest.mark.parametrize("name", sorted(set(DETECTORS) - {"marks"}))
@given(values=courses)
def test_every_statistic_is_finite_or_cannot_say_and_silent_without_a_rating(name, values):
    panel = panel_of(values)
    result = DETECTORS[name](panel, panel.rating)
    assert result.shape == panel.rating.shape
    assert not np.isinf(result).any()
    assert np.isnan(result[np.isnan(panel.rating)]).all()


@given(courses, criteria)
def test_an_outcome_once_settled_stays_and_only_open_ones_may_change(values, criterion):
    panel = panel_of(values)
    whole = family.marks(panel, panel.rating, criterion, POOLED)
    early, ratings, rows = cut(panel, panel.rating, 10)
    first = family.marks(early, ratings, criterion, POOLED)
    settled = first.outcome != OUTCOMES.index(Outcome.OPEN)
    np.testing.assert_array_equal(first.outcome[settled], whole.outcome[rows][settled])


both_rated = st.lists(st.tuples(st.booleans(), unit, unit), min_size=8, max_size=20)


@given(st.lists(both_rated, min_size=10, max_size=12))
def test_the_two_raters_correlations_are_the_slow_versions(drawn):
    dyads = [[(k, a, b) for k, (there, a, b) in enumerate(rows) if there or k < 8] for rows in drawn]
    rows = [(j, *row) for j, dyad in enumerate(dyads) for row in dyad]
    relationship, session, x, y = map(np.array, zip(*rows, strict=True))
    codes = relationship.astype(np.int32)
    pairs = Pairs(relationship, session, x, y, codes, codes)
    swapped = [[(k, b, a) for k, a, b in dyad] for dyad in dyads]
    try:
        obvious_values = [
            slow.jackknifed_correlation(*asked) for asked in ((dyads, 0), (dyads, 1), (swapped, 1))
        ]
    except ZeroDivisionError:
        with pytest.raises(TooFew, match="differ within relationships"):
            together(pairs)
        return
    result = together(pairs)
    estimates = (result.tracking, result.client_first, result.clinician_first)
    for estimate, obvious in zip(estimates, obvious_values, strict=True):
        assert estimate.value == pytest.approx(np.clip(obvious, -0.999, 0.999), abs=1e-9)
        assert -1 <= estimate.low <= estimate.value <= estimate.high <= 1
    means = [np.mean([a - b for _, a, b in dyad]) for dyad in dyads]
    np.testing.assert_allclose(gaps(pairs).difference, means, atol=1e-12)
