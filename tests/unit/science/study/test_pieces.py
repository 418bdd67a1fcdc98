"""Small pieces of the study's statistics, against published or independently computed values."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm

from accord.science.multilevel.centring import so_far
from accord.science.study.agreement import Disagreement, between, within
from accord.science.study.detectable_effect import detectable
from accord.science.study.imputation import Known, drawn
from accord.science.study.indirect_effect import Coefficient, indirect
from accord.science.study.multiplicity import holm
from accord.science.study.pooling import pooled


def test_holm_gives_what_r_gives():
    """p.adjust(c(.01, .04, .03, .005), "holm") in R."""
    assert holm(np.array([0.01, 0.04, 0.03, 0.005])) == pytest.approx([0.03, 0.06, 0.06, 0.02])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_holm_only_raises_and_keeps_the_order(values):
    p = np.array(values)
    adjusted = holm(p)
    assert (adjusted >= p - 1e-12).all()
    assert (adjusted <= 1).all()
    assert (np.diff(adjusted[np.argsort(p, kind="stable")]) >= -1e-12).all()


def _product_below(value, a, b):
    """Chance that the product of two independent normals lies below `value`, by quadrature over the first."""

    def given_first(x):
        if x == 0:
            return float(value > 0) * norm.pdf(x, *a)
        inside = norm.cdf((value / x - b[0]) / b[1])
        return (inside if x > 0 else 1 - inside) * norm.pdf(x, *a)

    return quad(given_first, a[0] - 9 * a[1], a[0] + 9 * a[1], limit=400, points=[0.0])[0]


@pytest.mark.parametrize(("a", "b"), [((0.4, 0.1), (0.3, 0.12)), ((0.05, 0.2), (-0.5, 0.1))])
def test_the_interval_of_a_product_holds_what_quadrature_says(a, b):
    result = indirect(Coefficient(*a), Coefficient(*b), draws=200_000, seed=1)
    assert result.estimate == pytest.approx(a[0] * b[0])
    assert _product_below(result.low, a, b) == pytest.approx(0.025, abs=0.003)
    assert _product_below(result.high, a, b) == pytest.approx(0.975, abs=0.003)


def test_a_product_of_nothing_is_refused():
    with pytest.raises(ValueError, match="above 0"):
        indirect(Coefficient(0.1, 0.0), Coefficient(0.1, 0.1), draws=10, seed=1)


def test_pooling_follows_rubins_rules():
    """By hand: W = .05, B = .04, T = .05 + 4/3 .04, df = 2 (1 + W / (4/3 B))^2."""
    result = pooled(np.array([1.0, 1.2, 0.8]), np.sqrt([0.04, 0.05, 0.06]))
    total, freedom = 0.05 + 4 / 3 * 0.04, 2 * (1 + 0.05 / (4 / 3 * 0.04)) ** 2
    assert result.estimate == pytest.approx(1.0)
    assert result.error == pytest.approx(np.sqrt(total))
    from scipy.stats import t

    assert result.high - result.estimate == pytest.approx(t.ppf(0.975, freedom) * np.sqrt(total))


def test_imputations_that_agree_leave_the_error_alone():
    result = pooled(np.full(5, 0.3), np.full(5, 0.1))
    assert result.error == pytest.approx(0.1)
    assert result.low == pytest.approx(0.3 - 1.959964 * 0.1, abs=1e-5)


def _known(y, person, x):
    return Known(y, x, person, np.array([2.0, 0.5]), np.diag([0.01, 0.0025]), 0.8, 0.5)


def test_gaps_are_drawn_from_the_normal_distribution_that_a_dense_matrix_gives():
    """The same conditional mean and covariance from the joint normal of all rows."""
    rng = np.random.default_rng(5)
    person = np.repeat(np.arange(3), 4)
    x = np.column_stack([np.ones(12), rng.normal(size=12)])
    y = rng.normal(2, 1, 12)
    y[[1, 5, 6, 11]] = np.nan
    known = _known(y, person, x)
    there, gap = ~np.isnan(y), np.isnan(y)
    covariance = 0.64 * (person[:, None] == person) + 0.25 * np.eye(12)
    gain = covariance[np.ix_(gap, there)] @ np.linalg.inv(covariance[np.ix_(there, there)])
    # Coefficients are drawn before the levels are: what they move, minus what the levels make up for.
    moved = x[gap] - gain @ x[there]
    mean = x[gap] @ known.beta + gain @ (y[there] - x[there] @ known.beta)
    spread = (
        covariance[np.ix_(gap, gap)]
        - gain @ covariance[np.ix_(there, gap)]
        + moved @ known.covariance @ moved.T
    )
    result = np.array([drawn(known, rng)[gap] for _ in range(20_000)])
    assert result.mean(axis=0) == pytest.approx(mean, abs=0.03)
    assert np.cov(result.T) == pytest.approx(spread, abs=0.03)


def test_what_is_known_stays_as_it_is():
    y = np.array([1.0, np.nan, 3.0, 2.0])
    result = drawn(_known(y, np.array([0, 0, 1, 1]), np.ones((4, 2))), np.random.default_rng(1))
    assert result[[0, 2, 3]].tolist() == [1.0, 3.0, 2.0]
    assert np.isfinite(result[1])


def test_agreement_is_the_correlation_of_means_and_of_deviations():
    rng = np.random.default_rng(3)
    person = np.repeat(np.arange(40), 5)
    own, felt = rng.normal(0, 1, 40)[person], rng.normal(0, 1, 200)
    first, second = own + felt + rng.normal(0, 0.3, 200), own - felt + rng.normal(0, 0.3, 200)
    means = [np.array([v[person == k].mean() for k in range(40)]) for v in (first, second)]
    deviations = [v - m[person] for v, m in zip((first, second), means, strict=True)]
    up = between(first, second, person, draws=400, seed=1)
    over = within(first, second, person, draws=400, seed=1)
    assert up.correlation == pytest.approx(np.corrcoef(means[0], means[1])[0, 1])
    assert over.correlation == pytest.approx(np.corrcoef(deviations[0], deviations[1])[0, 1])
    assert up.low < up.correlation < up.high
    assert over.high < 0 < up.low


def test_raters_of_whom_one_says_always_the_same_are_refused():
    person = np.repeat(np.arange(12), 2)
    with pytest.raises(Disagreement, match="same value"):
        between(np.arange(24.0), np.ones(24), person, draws=10, seed=1)


def test_what_can_be_found_four_times_in_five_lies_2_8_standard_errors_from_0():
    """z(.975) + z(.8) = 1.959964 + 0.841621."""
    assert detectable(1.0) == pytest.approx(2.801585, abs=1e-6)


def _slow_so_far(value, person, session):
    level, step = [], []
    for row in range(len(value)):
        earlier = [
            value[k] for k in np.argsort(session)
            if person[k] == person[row] and session[k] < session[row] and np.isfinite(value[k])
        ]  # fmt: skip
        known = earlier[:-1] or earlier
        level.append(np.mean(known) if known else np.nan)
        step.append(earlier[-1] - level[-1] if earlier else np.nan)
    return np.array(level), np.array(step)


@given(st.integers(0, 10_000))
def test_the_level_so_far_is_that_of_a_plain_loop_and_knows_nothing_of_later(seed):
    rng = np.random.default_rng(seed)
    person = rng.integers(0, 4, 25)
    session = rng.permutation(25)
    value = np.where(rng.random(25) < 0.3, np.nan, rng.normal(size=25))
    split = so_far(value, person, session)
    level, step = _slow_so_far(value, person, session)
    firsts = [
        value[k] for n in range(4)
        for k in [k for k in np.argsort(session) if person[k] == n and np.isfinite(value[k])][:1]
    ]  # fmt: skip
    assert split.within == pytest.approx(step, nan_ok=True)
    assert split.between == pytest.approx(level - np.mean(firsts), nan_ok=True)
