"""Competing ends of treatment: against R's survival, by hand, and what an interval may never do."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from accord.science.retention import ends, reached

FOLDER = Path(__file__).resolve().parents[2] / "reference" / "retention"
R = json.loads((FOLDER / "ends.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def rows():
    with (FOLDER / "ends.csv").open(encoding="utf-8") as file:
        read = list(csv.DictReader(file))
    return {name: np.array([int(row[name]) for row in read]) for name in read[0]}


def _curves(result):
    return [result.still, *result.ended]


@pytest.mark.parametrize("together", [False, True], ids=["each entry", "entries of one person together"])
def test_shares_and_standard_errors_are_those_of_survival_in_r(rows, together):
    person = rows["person"] if together else None
    result = ends(rows["duration"], rows["code"], np.array(R["at"]), 3, person)
    value, se = np.array(R["value"]).T, np.array(R["se_together" if together else "se"]).T
    for curve, expected, spread in zip(_curves(result), value, se, strict=True):
        np.testing.assert_allclose(curve.value, expected, atol=1e-9)
        np.testing.assert_allclose(curve.se, spread, atol=1e-9)


def test_without_censoring_a_share_is_the_share_of_those_who_ended_so():
    duration, code = np.array([3, 3, 5, 8, 8, 9]), np.array([1, 2, 1, 2, 1, 1])
    result = ends(duration, code, np.array([2, 3, 8, 9]), 2)
    np.testing.assert_allclose(result.ended[0].value, [0, 1 / 6, 3 / 6, 4 / 6])
    np.testing.assert_allclose(result.ended[1].value, [0, 1 / 6, 2 / 6, 2 / 6])
    np.testing.assert_allclose(result.still.value, [1, 4 / 6, 1 / 6, 0], atol=1e-12)
    assert result.at_risk.tolist() == [6, 6, 3, 1]
    # and the standard error is that of a share
    assert result.ended[0].se[2] == pytest.approx(np.sqrt(0.5 * 0.5 / 6))


def test_somebody_who_came_once_only_has_ended_at_once():
    result = ends(np.array([0, 0, 10, 10]), np.array([1, 0, 0, 0]), np.array([0, 10]), 1)
    assert result.ended[0].value.tolist() == [0.25, 0.25]


def test_a_competing_end_is_no_censoring():
    """Counting the others' ends as censored would say that half of all leave (Kaplan and Meier alone)."""
    duration, code = np.array([1, 2, 3, 4]), np.array([2, 2, 1, 0])
    assert ends(duration, code, np.array([4]), 2).ended[0].value[0] == pytest.approx(0.25)


def test_all_shares_together_make_one_and_intervals_hold_their_value(rows):
    at = np.arange(0, 365, 7)
    result = ends(rows["duration"], rows["code"], at, 3)
    np.testing.assert_allclose(sum(curve.value for curve in _curves(result)), 1.0)
    for curve in _curves(result):
        assert (curve.low <= curve.value + 1e-12).all()
        assert (curve.value <= curve.high + 1e-12).all()
        assert curve.low.min() >= 0
        assert curve.high.max() <= 1


def test_an_interval_covers_the_truth_as_often_as_it_says():
    rng, hits, tries = np.random.default_rng(1), 0, 400
    truth = (1 - np.exp(-2 * 0.5)) / 2  # two ends with hazard 1 each, at time .5
    for _ in range(tries):
        latent = rng.exponential(1.0, (60, 2))
        gone, known = latent.min(axis=1), rng.uniform(0.3, 3.0, 60)
        code = np.where(gone <= known, latent.argmin(axis=1) + 1, 0)
        whole = (np.minimum(gone, known) * 10_000).astype(int)
        curve = ends(whole, code, np.array([5000]), 2).ended[0]
        hits += curve.low[0] <= truth <= curve.high[0]
    assert 0.92 <= hits / tries <= 0.98


def test_the_time_by_which_half_have_ended_is_found_or_not_there():
    at = np.array([1, 2, 3])
    result = ends(np.array([1, 2, 3, 3]), np.array([1, 1, 1, 0]), at, 1)
    assert reached(result.ended[0], at) == 2
    assert reached(result.ended[0], at, 0.9) is None


@pytest.mark.parametrize(
    ("duration", "code", "words"),
    [([], [], "at least one"), ([-1], [1], "0 or more"), ([1], [3], "codes from 0 to 2")],
)
def test_what_cannot_be_is_refused(duration, code, words):
    with pytest.raises(ValueError, match=words):
        ends(np.array(duration), np.array(code), np.array([1]), 2)
