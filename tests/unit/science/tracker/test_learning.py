"""The gradient and the optimum of learning, against slow ways to the same numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from scipy.optimize import minimize

from accord.records.ratings import NO_DAY
from accord.science.tracker.learning import FREE, learn
from accord.science.tracker.marginal_likelihood import blocks, log_likelihood, with_gradient
from accord.science.tracker.panel import Panel, lay_out, whole_relationships
from accord.science.tracker.population import Population
from tests.support.courses import ALLIANCE, population, ratings, simulated_scores
from tests.support.slow_tracker import SlowTracker

BY = [parameter.name for parameter in FREE]


def panel_of(courses: list[list[float | None]]) -> Panel:
    return lay_out(ratings(courses), ALLIANCE)


def hard_courses() -> list[list[float | None]]:
    """Courses with gaps, drops, values at both ends of the scale and one far from everything."""
    scores, _ = simulated_scores(6, 15, seed=11)
    courses: list[list[float | None]] = scores.tolist()
    courses[0][3:6] = [None, None, 40.0]
    courses[1][7] = 0.0
    return [*courses, [40.0] * 6, [0.0] * 4, [38.0, 3.0, None, 39.0], [20.0]]


def values() -> Population:
    return replace(population(), grain=1 / 40, outliers=0.03, sd_drift=0.015)


def slow_log_likelihood(courses: list[list[float | None]], at: Population) -> float:
    total = 0.0
    for course in courses:
        tracker = SlowTracker(at, np.inf, clipped=False)
        for k, score in enumerate(course):
            tracker.see(k + 1, score)
        total += tracker.log_likelihood
    return total


def test_the_log_likelihood_is_that_of_the_slow_version():
    courses = hard_courses()
    fast = log_likelihood(blocks(panel_of(courses), values()), values())
    assert fast == pytest.approx(slow_log_likelihood(courses, values()), abs=1e-9)


@pytest.mark.parametrize("name", BY)
def test_the_gradient_is_the_slope_of_the_slow_version(name):
    courses, at = hard_courses(), values()
    _, gradient = with_gradient(blocks(panel_of(courses), at), at)
    step = 1e-4 * getattr(at, name)
    # Differences of the fourth order: what they leave out is far below the tolerance.
    slope = sum(
        weight * slow_log_likelihood(courses, replace(at, **{name: getattr(at, name) + k * step}))
        for k, weight in ((-2, 1), (-1, -8), (1, 8), (2, -1))
    ) / (12 * step)
    assert gradient[name] == pytest.approx(slope, rel=1e-6, abs=1e-6)


def test_dates_and_skipped_sessions_enter_the_gradient_too():
    panel, at = panel_of(hard_courses()), values()
    day = np.where(panel.session % 5 == 0, NO_DAY, 20_000 + 4 * panel.session + panel.session**2)
    uneven = replace(panel, day=day.astype(np.int64)).of(panel.session != 3)
    result = blocks(uneven, at)
    _, gradient = with_gradient(result, at)
    for name in BY:
        step = 1e-5 * getattr(at, name)
        up, down = (
            log_likelihood(result, replace(at, **{name: getattr(at, name) + k * step})) for k in (1, -1)
        )
        assert gradient[name] == pytest.approx((up - down) / (2 * step), rel=1e-4, abs=1e-4)


def test_many_small_blocks_give_what_one_gives(monkeypatch):
    panel, at = panel_of(hard_courses()), values()
    whole = with_gradient(blocks(panel, at), at)
    monkeypatch.setattr("accord.science.tracker.marginal_likelihood.SESSIONS_AT_ONCE", 7)
    result = blocks(panel, at)
    assert len(result) > 5
    parts = with_gradient(result, at)
    assert parts[0] == pytest.approx(whole[0], abs=1e-9)
    assert parts[1] == pytest.approx(whole[1], rel=1e-9, abs=1e-9)


def test_a_relationship_is_never_cut_in_two():
    panel = panel_of([[1.0] * n for n in (3, 9, 1, 1, 4)])
    stretches = list(whole_relationships(panel, 5))
    assert [(stretch.start, stretch.stop) for stretch in stretches] == [(0, 3), (3, 12), (12, 14), (14, 18)]


def test_what_is_learned_is_the_optimum_that_numeric_gradients_find():
    scores, _ = simulated_scores(40, 20, seed=12)
    panel, prior = panel_of(scores.tolist()), replace(population(), grain=1 / 40)
    result = blocks(panel, prior)
    centre = np.array([parameter.inward(getattr(prior, parameter.name)) for parameter in FREE])
    loose = np.array([parameter.loose for parameter in FREE])

    def at(x: np.ndarray) -> Population:
        moved: dict[str, Any] = {
            parameter.name: parameter.outward(float(v))
            for parameter, v in zip(FREE, centre + x * loose, strict=True)
        }
        return replace(prior, **moved)

    def cost(x: np.ndarray) -> float:
        return 0.5 * float(x @ x) - log_likelihood(result, at(x))

    slow = minimize(cost, np.zeros(len(FREE)), method="L-BFGS-B", options={"ftol": 1e-12, "maxfun": 10_000})
    learned = learn(panel, prior)
    mine = np.array([parameter.inward(getattr(learned, parameter.name)) for parameter in FREE])
    assert cost((mine - centre) / loose) == pytest.approx(slow.fun, abs=0.01)
    # A hundredth of a prior's width is far below what any of these values is known to.
    assert np.abs((mine - centre) / loose - slow.x).max() < 0.1
