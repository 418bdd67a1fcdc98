"""Variances at 0, correlations at 1, theta at infinity: the same top from two starts, and told."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from accord.fitting import FAMILIES
from accord.science.multilevel import zeros
from accord.science.multilevel.estimate import Data, estimate
from accord.science.multilevel.layout import Term, intercepts

SESSIONS = 8
LOWER = np.tril(np.ones((2, 2), dtype=bool))
# Seeds with which the most likely correlation is 1, as it is in some of all samples from one of 1.
TOGETHER = {"gaussian": 1, "cloglog": 2, "negative-binomial": 2, "zero-inflated-negative-binomial": 2,
            "truncated-negative-binomial": 2}  # fmt: skip


def _drawn(family: str, eta: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    if family == "gaussian":
        return eta + rng.normal(0, 0.5, len(eta))
    return zeros.of(family).draw(eta, np.array(zeros.of(family).start), rng)


def _alike(family: str) -> Data:
    """Outcomes in order, dealt to 30 clients like cards: they differ less than by chance."""
    rng, clients = np.random.default_rng(1), 30
    y = np.sort(_drawn(family, np.full(clients * SESSIONS, 0.3), rng)).reshape(SESSIONS, clients)
    y[1::2] = y[1::2, ::-1].copy()
    x = np.column_stack([np.ones(y.size), rng.normal(size=y.size)])
    client = intercepts("client", np.tile(np.arange(clients), SESSIONS))
    return Data(y.ravel(), x, (client,), np.zeros(y.size), ("Intercept", "x"), family)


def _together(family: str, seed: int | None = None) -> Data:
    """The further a client starts from the others, the faster their course."""
    rng, clients = np.random.default_rng(TOGETHER.get(family, 0) if seed is None else seed), 60
    client, time = np.repeat(np.arange(clients), SESSIONS), np.tile(np.arange(SESSIONS) / SESSIONS, clients)
    x, ones = np.column_stack([np.ones(len(client)), time]), np.ones((len(client), 1))
    y = _drawn(family, 0.3 + rng.normal(0, 1, clients)[client] * (1 + time), rng)
    term = Term("client", ("Intercept", "time"), x, client[:, None], ones, LOWER)
    return Data(y, x, (term,), np.zeros(len(y)), ("Intercept", "time"), family)


def _from_two_starts(data: Data) -> tuple[str, ...]:
    """What is told of the bounds, the same from both."""
    fit, two = estimate(data, start=0.5), estimate(data, start=0.05)
    assert fit.converged
    assert two.converged
    assert fit.log_likelihood == pytest.approx(two.log_likelihood, abs=1e-5)
    assert np.abs((fit.beta - two.beta) / fit.errors).max() < 5e-3
    assert fit.errors == pytest.approx(two.errors, rel=1e-2)
    assert fit.boundary == two.boundary
    return fit.boundary


@pytest.mark.parametrize("family", FAMILIES)
def test_no_variance_ends_at_the_same_optimum_from_two_starts_and_is_told(family):
    assert "the variance of client (Intercept) is 0" in _from_two_starts(_alike(family))


@pytest.mark.parametrize("family", FAMILIES)
def test_a_correlation_of_one_ends_at_the_same_optimum_from_two_starts_and_is_told(family):
    assert "Intercept and time of client go together entirely" in _from_two_starts(_together(family))


@pytest.mark.parametrize("family", [name for name in FAMILIES if "negative-binomial" in name])
def test_counts_no_more_spread_than_poissons_end_at_poisson_from_two_starts(family):
    rng, data = np.random.default_rng(1), _alike(family)
    y = np.maximum(rng.binomial(6, 0.4, len(data.y)).astype(float), 1.0 if "truncated" in family else 0.0)
    narrow = replace(data, y=y)
    assert "counts are no more spread than Poisson's" in _from_two_starts(narrow)
    poisson = replace(narrow, family=family.replace("negative-binomial", "poisson"))
    assert estimate(narrow).log_likelihood == pytest.approx(estimate(poisson).log_likelihood, abs=1e-4)


def test_a_search_that_stops_on_level_ground_goes_on_to_the_top():
    """From one of these starts the climb comes to rest where the likelihood curves upwards by a hair."""
    data = _together("negative-binomial", seed=3)
    result = [estimate(data, start=sd) for sd in (0.5, 0.2, 0.05)]
    assert all(fit.converged for fit in result)
    assert np.ptp([fit.log_likelihood for fit in result]) < 1e-5
