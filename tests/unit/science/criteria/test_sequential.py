from __future__ import annotations

import numpy as np
import pytest

from accord.science.criteria.pooled import Pooled
from accord.science.criteria.sequential import cusum, evidence, innovations, own_mean_innovations, shiryaev
from tests.reference.measure_sequential import exact, siegmund, simulated
from tests.reference.panels import panel_of

RUNS = 600
PUBLISHED = 0.08  # Siegmund's approximation lies so near the exact value at these lines


@pytest.mark.parametrize(
    ("shift", "sigmas", "run", "delay"),
    [(1.0, 2, 39, 4.4), (1.0, 3, 119, 6.4), (1.5, 2, 98, 3.3), (2.0, 2, 277, 2.7)],
)
def test_cusums_run_length_in_calm_and_its_delay_are_the_published_ones(shift, sigmas, run, delay):
    line = shift * sigmas  # published lines are in sigma units; the statistic counts log likelihood
    for value, fallen in ((run, False), (delay, True)):
        true = exact(shift, line, fallen=fallen)
        assert abs(true - value) < PUBLISHED * value
        mean, error = simulated(shift, line, fallen=fallen, runs=RUNS, seed=3)
        assert siegmund(shift, line, fallen=fallen) == pytest.approx(value, abs=0.5 if not fallen else 0.06)
        assert abs(mean - true) < 3.5 * error


def test_own_mean_innovations_of_calm_independent_ratings_are_independent_and_standard_normal():
    rng = np.random.default_rng(2)
    panel = panel_of((0.7 + 0.1 * rng.standard_normal((20_000, 6))).tolist())
    z = own_mean_innovations(panel, panel.rating, Pooled(within_sd=0.1)).reshape(-1, 6)
    assert np.isnan(z[:, 0]).all()
    # 20,000 relationships: a mean is known to .007, a standard deviation to .005, a correlation to .007.
    np.testing.assert_allclose(z[:, 1:].mean(axis=0), 0, atol=0.03)
    np.testing.assert_allclose(np.cov(z[:, 1:].T), np.eye(5), atol=0.04)


def test_innovations_of_a_filter_are_standardised_by_its_own_prediction():
    result = innovations(np.array([0.5, np.nan]), np.array([0.7, 0.7]), np.array([0.1, 0.1]))
    np.testing.assert_allclose(result, [-2.0, np.nan])


def test_the_evidence_is_the_log_ratio_of_two_normal_densities():
    z = np.array([-2.0, 0.0, 1.0])
    np.testing.assert_allclose(evidence(z, 1.5), -0.5 * (z + 1.5) ** 2 + 0.5 * z**2)
    with pytest.raises(ValueError, match="above 0"):
        evidence(z, 0.0)


def test_a_single_bad_rating_is_forgotten_and_a_lasting_fall_adds_up():
    panel = panel_of([[-2.0, 2.0, 2.0], [-2.0, -2.0, -2.0]])
    np.testing.assert_allclose(cusum(panel, panel.rating), [1.5, 0, 0, 1.5, 3.0, 4.5])
    np.testing.assert_allclose(cusum(panel, panel.rating, restart_above=2), [1.5, 0, 0, 1.5, 3.0, 1.5])


def test_without_evidence_the_odds_grow_as_the_onset_alone_says():
    panel = panel_of([[-0.5, None, -0.5]])  # at half the fall looked for, a rating says nothing
    odds = np.exp(shiryaev(panel, panel.rating, shift=1.0, onset=0.1))
    np.testing.assert_allclose(odds / (1 + odds), [0.1, np.nan, 1 - 0.9**3])


def test_shiryaevs_odds_are_calibrated_when_its_assumptions_hold():
    rng = np.random.default_rng(9)
    sessions, onset, shift = 20, 0.05, 1.0
    begins = rng.geometric(onset, (5000, 1))
    fallen = np.arange(1, sessions + 1) >= begins
    panel = panel_of((rng.standard_normal(fallen.shape) - shift * fallen).tolist())
    p = 1 / (1 + np.exp(-shiryaev(panel, panel.rating, shift=shift, onset=onset)))
    tenth = np.minimum((10 * p).astype(int), 9)
    for k in range(10):
        here = tenth == k
        assert here.sum() > 1000
        assert fallen.ravel()[here].mean() == pytest.approx(p[here].mean(), abs=0.04)


@pytest.mark.parametrize("onset", [0.0, 1.0])
def test_an_onset_that_never_or_always_comes_is_refused(onset):
    panel = panel_of([[0.0]])
    with pytest.raises(ValueError, match="between 0 and 1"):
        shiryaev(panel, panel.rating, onset=onset)
