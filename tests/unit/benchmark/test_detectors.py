"""Every detector speaks online, of every session it can, and keeps what it was made from apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from accord.benchmark import detectors, tracker
from accord.benchmark.case import Case, draw, relationships
from accord.benchmark.detectors import DETECTORS
from accord.benchmark.true_values import true_population
from accord.records.ratings import RATERS, Rater
from accord.science.criteria.sequential import own_mean_innovations
from accord.science.drop_channels import take_rows
from accord.science.tracker.channels import ATTENDANCE, ITEMS, PROBE, URGE
from accord.simulator.parameters import Ruptures
from accord.simulator.scenarios import SCENARIOS

CUT = 8


@pytest.fixture(scope="module")
def spoken(channels: Case) -> dict[str, tracker.DetectorOutput]:
    return {name: detector.speak(channels) for name, detector in DETECTORS.items()}


@pytest.mark.parametrize("name", list(DETECTORS))
def test_a_detector_tells_of_each_session_a_finite_number_or_nothing(name, spoken, channels):
    said = spoken[name]
    assert said.alarm.shape == said.state.shape == channels.unit.shape
    assert not np.isinf(said.alarm).any()
    assert np.isfinite(said.alarm).mean() > 0.5
    if said.probability:
        assert np.nanmin(said.state) >= 0
        assert np.nanmax(said.state) <= 1


def shortened(case: Case) -> Case:
    """The same case before its later sessions were known; what was learned from it stays."""
    kept = case.truth.session <= CUT
    columns = {
        name: getattr(case.truth, name)[kept]
        for name in case.truth.__slots__
        if name not in ("clients", "clinicians", "chances")
    }
    early = replace(
        case,
        ratings=take_rows(case.ratings, case.ratings.session <= CUT),
        truth=replace(case.truth, **columns),
    )
    for name in ("learned", "training", "pooled", "pooled_channels"):
        early.__dict__[name] = getattr(case, name)
    return early


@pytest.mark.parametrize("name", sorted(set(DETECTORS) - {detectors.EARLY}))
def test_what_a_detector_says_uses_no_later_session(name, channels, spoken):
    result, kept = DETECTORS[name].speak(shortened(channels)), channels.truth.session <= CUT
    np.testing.assert_allclose(result.alarm, spoken[name].alarm[kept], rtol=1e-9, atol=1e-9)


def test_the_tracker_without_some_channels_uses_no_later_session_either(channels):
    early, kept = shortened(channels), channels.truth.session <= CUT
    result, later = (
        tracker.run_tracker(case, channels.learned[0], ratings=tracker.without_attendance_and_urge(case))
        for case in (early, channels)
    )
    np.testing.assert_allclose(result.alarm, later.alarm[kept], rtol=1e-9, atol=1e-9)
    assert np.isfinite(result.alarm).any()


def test_rules_that_need_a_channel_are_left_out_where_it_does_not_come(textbook):
    asked = {name for name, detector in DETECTORS.items() if detector.has_its_channels(textbook)}
    assert asked == {
        detectors.TRACKER, detectors.REFERENCE, detectors.OWN_MEAN, detectors.CHART, detectors.DROP,
        detectors.TREND, detectors.CUSUM, detectors.SHIRYAEV,
        detectors.TRACKERS_CUSUM, detectors.TRACKERS_SHIRYAEV,
    }  # fmt: skip


def test_innovations_of_calm_courses_are_standard_normal_and_do_not_hang_together():
    calm = replace(SCENARIOS["textbook"].parameters, ruptures=Ruptures(onset=(0.0, 0.0)))
    case = draw(replace(SCENARIOS["textbook"], parameters=calm), 300, 30, 1, 2)
    z = tracker.innovations(case, true_population(case)).reshape(300, 30)
    assert np.isnan(z[:, 0]).all()
    z = z[:, 1:]
    # 8,700 values: a standard error of about .011.
    assert abs(z.mean()) < 0.04
    assert z.std() == pytest.approx(1, abs=0.04)
    own_mean = own_mean_innovations(case.panel, case.unit, case.pooled).reshape(300, 30)[:, 1:]
    assert abs(lag_one(z)) < 0.04 < 0.1 < lag_one(own_mean)


def test_a_perfect_score_never_looks_like_a_fall():
    case = draw(SCENARIOS["ceiling"], 100, 30, 1, 2)
    z = tracker.innovations(case, true_population(case))
    perfect = (case.unit >= 1) & ~np.isnan(z)
    assert perfect.mean() > 0.15
    assert z[perfect].min() >= 0


def lag_one(z: np.ndarray) -> float:
    return float(np.corrcoef(z[:, 1:].ravel(), z[:, :-1].ravel())[0, 1])


def test_a_rule_that_needs_labels_is_left_out_where_there_are_no_ruptures():
    case = draw(SCENARIOS["null"], 5, 5, 1, 2)
    assert not DETECTORS[detectors.LOGISTIC].has_its_channels(case)


def test_without_attendance_and_urge_neither_they_nor_missed_contacts_are_left(channels):
    kept = tracker.without_attendance_and_urge(channels)
    ids = {kept.instruments[code].id for code in np.unique(kept.instrument)}
    assert ids == {"WAI-SR", "rupture-probe"}
    missed = channels.columns[ATTENDANCE] == 0
    gone = set(zip(channels.panel.client[missed], channels.panel.session[missed], strict=True))
    assert gone
    assert not gone & set(zip(kept.client, kept.session, strict=True))


def test_the_urge_inside_a_check_in_is_taken_out_too_and_the_case_stays_as_it_was():
    case = draw(SCENARIOS["programme"], 10, 10, 1, 2)
    before = case.ratings.items.copy()
    kept = tracker.without_attendance_and_urge(case)
    items = np.asarray(kept.items)
    theirs = kept.rater == RATERS.index(Rater.CLIENT)
    assert np.isnan(items[theirs, ITEMS[URGE][0] - 1]).all()
    assert np.isfinite(items[:, 5]).any()
    np.testing.assert_array_equal(np.asarray(case.ratings.items), before)
    assert {PROBE, URGE} <= set(case.columns)


def test_a_few_relationships_are_drawn_whole(channels):
    few = relationships(channels, 5, np.random.default_rng(0))
    assert len(np.unique(few.client)) == 5
    assert (channels.ratings.client == few.client[0]).sum() == (few.client == few.client[0]).sum()


def test_values_learned_from_a_few_are_used_on_everybody(channels):
    said = tracker.learned_from(channels, 5, np.random.default_rng(0))
    assert len(said.alarm) == len(channels.unit)
    assert np.isfinite(said.state).mean() > 0.5


def test_a_truth_about_other_sessions_is_refused(textbook):
    other = draw(SCENARIOS["textbook"], 40, 11, 1, 2)
    with pytest.raises(ValueError, match="different sessions"):
        _ = replace(textbook, truth=other.truth).panel
