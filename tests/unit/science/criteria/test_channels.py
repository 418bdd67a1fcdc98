from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from accord.instruments.catalogue import catalogue
from accord.records.ratings import RATERS, Rater, Ratings
from accord.science.criteria.channels import (
    LogisticRule,
    NotConverged,
    any_of,
    deviations,
    equal_weight_sum,
    fit_logistic,
    pool_channels,
)
from accord.science.criteria.pooled import Pooled
from accord.science.tracker.channels import channel_columns, to_unit
from accord.science.tracker.panel import lay_out
from accord.simulator.generate import simulate
from tests.reference.panels import panel_of

NAN = np.nan
FOLLOWED = catalogue()["wai-sr"]


@pytest.fixture(scope="module")
def programme():
    made = simulate("channels", instruments=catalogue(), clients=150, sessions=20, seed=11)
    panel = lay_out(made.ratings, FOLLOWED)
    columns = channel_columns(made.ratings, panel, FOLLOWED)
    return made, panel, columns, pool_channels(columns, panel)


def rows_of(ratings: Ratings):
    """client, clinician, session, rater, instrument, score of each row."""
    for k in range(len(ratings)):
        yield (
            int(ratings.client[k]), int(ratings.clinician[k]), int(ratings.session[k]),
            RATERS[ratings.rater[k]], ratings.instruments[ratings.instrument[k]].id, float(ratings.score[k]),
        )  # fmt: skip


def test_every_channel_of_a_simulated_programme_is_found_where_it_was_written(programme):
    made, panel, columns, _ = programme
    assert set(columns) == {"rating", "probe", "urge", "attendance", "clinician"}
    place = {
        key: k
        for k, key in enumerate(
            zip(panel.client.tolist(), panel.clinician.tolist(), panel.session.tolist(), strict=True)
        )
    }
    names = {"rupture-probe": "probe", "urge-to-quit": "urge", "attendance": "attendance"}
    seen = dict.fromkeys(columns, 0)
    for *key, rater, instrument, score in rows_of(made.ratings):
        name = names.get(instrument, "clinician" if rater is Rater.CLINICIAN else "rating")
        result = columns[name][place[tuple(key)]]
        in_units = name in ("rating", "clinician")
        expected = to_unit(np.array(score), FOLLOWED) if in_units else score
        np.testing.assert_equal(result, expected)
        seen[name] += not np.isnan(score)
    assert seen == {name: int((~np.isnan(column)).sum()) for name, column in columns.items()}


def test_the_order_of_rows_does_not_matter(programme):
    made, panel, columns, _ = programme
    order = np.random.default_rng(1).permutation(len(made.ratings))
    names = ("client", "clinician", "session", "day", "rater", "instrument", "score", "line")
    shuffled = replace(made.ratings, **{name: getattr(made.ratings, name)[order] for name in names})
    again = channel_columns(shuffled, panel, FOLLOWED)
    for name, column in columns.items():
        np.testing.assert_array_equal(again[name], column)


def test_sessions_that_the_panel_lacks_are_left_out(programme):
    made, panel, columns, _ = programme
    keep = (panel.session <= 5) & (panel.client != panel.client[0])
    fewer = panel.of(keep)
    again = channel_columns(made.ratings, fewer, FOLLOWED)
    for name, column in columns.items():
        np.testing.assert_array_equal(again[name], column[keep])


def checkin(items, rater=Rater.CLIENT) -> Ratings:
    n = len(items)
    return Ratings(
        ("z",), ("lind",), (catalogue()["session-checkin"],), np.zeros(n, np.int32), np.zeros(n, np.int32),
        np.arange(1, n + 1, dtype=np.int32), np.zeros(n, np.int32),
        np.full(n, RATERS.index(rater), np.int8), np.zeros(n, np.int16), np.full(n, 20.0),
        np.arange(2, n + 2), np.array(items, dtype=float),
    )  # fmt: skip


def test_the_check_ins_own_questions_are_the_probe_and_the_urge():
    ratings = checkin([[4, 4, 4, 4, 4, 0, NAN, 2], [4, 4, 4, 4, 4, 1, 0, NAN], [4, 4, 4, 4, 4, 2, 1, 5]])
    columns = channel_columns(ratings, lay_out(ratings, ratings.instruments[0]))
    np.testing.assert_array_equal(columns["probe"], [0, 0.5, 1])
    np.testing.assert_array_equal(columns["urge"], [2, NAN, 5])
    assert set(columns) == {"rating", "probe", "urge"}


def test_a_clinicians_guess_of_the_urge_is_not_the_clients_urge():
    ratings = checkin([[4, 4, 4, 4, 4, 2, 1, 5]], Rater.CLINICIAN)
    columns = channel_columns(ratings, lay_out(ratings, ratings.instruments[0]))
    assert set(columns) == {"clinician"}
    assert columns["clinician"].tolist() == [0.5]


def test_two_records_of_one_session_count_as_the_worse():
    ratings = checkin([[1, 1, 1, 1, 1, 0, NAN, 0], [4, 4, 4, 4, 4, 0, NAN, 4]])
    same = replace(ratings, session=np.array([1, 1], np.int32))
    columns = channel_columns(same, lay_out(same, same.instruments[0]))
    assert columns["urge"].tolist() == [4.0]


def test_a_file_without_rows_has_no_channels():
    ratings = checkin(np.empty((0, 8)))
    assert channel_columns(ratings, lay_out(ratings, ratings.instruments[0])) == {}


POOLED = {
    "rating": Pooled(mean=0.7, within_sd=0.1),
    "probe": Pooled(mean=0.1, within_sd=0.25),
    "attendance": Pooled(mean=0.9, within_sd=0.2),
}


def test_each_channel_deviates_towards_worse_and_the_sum_takes_those_that_came():
    panel = panel_of([[0.8, 0.6, None, None]])
    columns = {
        "rating": panel.rating,
        "probe": np.array([0, 1, NAN, NAN]),
        "attendance": np.array([1, 1, 0, NAN]),
    }
    result = deviations(columns, panel, POOLED)
    np.testing.assert_allclose(result["rating"], [NAN, 2, NAN, NAN])
    np.testing.assert_allclose(result["probe"], [NAN, 4, NAN, NAN])
    np.testing.assert_allclose(result["attendance"], [NAN, 0, 5, NAN])
    np.testing.assert_allclose(equal_weight_sum(result), [NAN, 6, 5, NAN])


def test_the_programmes_mean_can_stand_in_for_so_many_earlier_sessions():
    panel = panel_of([[0.6, 0.6]])
    result = deviations({"rating": panel.rating}, panel, POOLED, weight_of_pool=1)
    np.testing.assert_allclose(result["rating"], [1.0, 0.5])


def test_a_channel_that_never_varies_in_the_programme_is_left_out():
    panel = panel_of([[0.6, 0.6]])
    pooled = {"rating": replace(POOLED["rating"], within_sd=0.0)}
    assert deviations({"rating": panel.rating, "urge": panel.rating}, panel, pooled) == {}
    with pytest.raises(ValueError, match="none of the channels"):
        equal_weight_sum({})


def test_any_of_the_three_signs_is_enough_and_silence_is_not_a_sign():
    columns = {
        "probe": np.array([0.5, 1, 0, NAN, NAN]),
        "urge": np.array([3, 0, 4, NAN, NAN]),
        "attendance": np.array([1, 1, 1, 0, NAN]),
        "rating": np.zeros(5),
    }
    np.testing.assert_array_equal(any_of(columns), [0, 1, 1, 1, NAN])
    np.testing.assert_array_equal(any_of({"urge": columns["urge"]}), [0, 0, 1, NAN, NAN])


def test_the_logistic_fit_finds_the_weights_that_made_the_labels():
    rng = np.random.default_rng(6)
    truth = LogisticRule(-2.0, {"rating": 1.0, "probe": 0.5})
    result = {name: rng.standard_normal(40_000) for name in truth.weights}
    result["probe"][rng.random(40_000) < 0.3] = NAN
    label = rng.random(40_000) < 1 / (1 + np.exp(-truth.statistic(result)))
    outcome = fit_logistic(result, label)
    assert outcome.intercept == pytest.approx(-2.0, abs=0.06)
    assert dict(outcome.weights) == pytest.approx(dict(truth.weights), abs=0.06)


def test_the_logistic_fit_stands_at_the_top_of_its_penalised_likelihood():
    rng = np.random.default_rng(7)
    x = rng.standard_normal(300)
    label = rng.random(300) < 1 / (1 + np.exp(1 - x))
    result = fit_logistic({"rating": x}, label)
    p = 1 / (1 + np.exp(-result.statistic({"rating": x})))
    assert (label - p).sum() == pytest.approx(0, abs=1e-6)
    assert ((label - p) * x).sum() == pytest.approx(1e-3 * 300 * result.weights["rating"], abs=1e-6)


def test_labels_that_one_channel_tells_apart_still_give_a_finite_rule():
    x = np.linspace(-3, 3, 50)
    assert 0 < fit_logistic({"rating": x}, x > 0).weights["rating"] < 100


@pytest.mark.parametrize("label", [np.zeros(3, bool), np.ones(3, bool)])
def test_a_logistic_rule_needs_sessions_of_both_kinds(label):
    with pytest.raises(ValueError, match="inside and outside"):
        fit_logistic({"rating": np.array([0.1, 0.2, 0.3])}, label)


def test_a_fit_that_does_not_settle_says_so(monkeypatch):
    monkeypatch.setattr("accord.science.criteria.channels.STEPS", 1)
    with pytest.raises(NotConverged, match="did not settle"):
        fit_logistic({"rating": np.array([0.1, 0.2, 0.3, 0.9])}, np.array([0, 1, 0, 1], bool))


def test_a_logistic_rule_is_silent_where_none_of_its_channels_came():
    rule = LogisticRule(-1.0, {"rating": 2.0, "urge": 1.0})
    np.testing.assert_array_equal(rule.statistic({"rating": np.array([NAN, 0.5])}), [NAN, 0.0])


def auc(statistic, label):
    """Chance that a session in a rupture has the higher value, ties by half, of sessions where it speaks."""
    known = ~np.isnan(statistic)
    _, place, count = np.unique(statistic[known], return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[place]
    bad = label[known]
    return (rank[bad].sum() - bad.sum() * (bad.sum() + 1) / 2) / (bad.sum() * (~bad).sum())


def test_several_channels_tell_ruptures_better_than_the_rating_alone(programme):
    made, panel, columns, pooled = programme
    for name in ("client", "clinician", "session"):
        np.testing.assert_array_equal(getattr(panel, name), getattr(made.truth, name))
    label = made.truth.in_rupture.astype(bool)
    result = deviations(columns, panel, pooled)
    rated = ~np.isnan(result["rating"])
    rules = (result["rating"], equal_weight_sum(result), fit_logistic(result, label).statistic(result))
    alone, summed, fitted = (auc(rule[rated], label[rated]) for rule in rules)
    assert alone + 0.04 < summed < fitted
    assert 0.55 < auc(any_of(columns), label) < fitted
