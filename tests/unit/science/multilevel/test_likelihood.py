"""The likelihood and its gradient beside dense matrices and differences."""

from __future__ import annotations

import numpy as np
import pytest

from accord.science.multilevel import families
from accord.science.multilevel.families import whole
from accord.science.multilevel.gaussian import Gaussian
from accord.science.multilevel.laplace import Laplace
from accord.science.multilevel.layout import Layout, Term, intercepts
from accord.science.multilevel.zeros import FAMILIES, of
from tests.support import slow_multilevel as slow

ROOT = np.array([[0.6, 0.0], [0.2, 0.4]])
BETA = np.array([0.3, -0.4, 0.2])
SHAPES = ("crossed", "border with slopes", "multiple membership", "membership alone")


def _rows(shape: str, rng: np.random.Generator) -> tuple[np.ndarray, list[Term], list[np.ndarray]]:
    """Predictors (n, 3), terms and their roots, for 12 clients of 6 sessions."""
    n, lower = 72, np.tril(np.ones((2, 2), dtype=bool))
    client, time = np.repeat(np.arange(12), 6), np.tile(np.arange(6) / 6, 12)
    x = np.column_stack([np.ones(n), time, rng.normal(size=n)])
    ones = np.ones((n, 1))
    clients = Term("client", ("Intercept", "time"), x[:, :2], client[:, None], ones, lower)
    share = rng.random(n)
    both = rng.integers(0, 4, (n, 2))
    shared = Term("mm", ("Intercept",), ones, both, np.column_stack([share, 1 - share]), lower[:1, :1])
    clinicians = Term("clinician", ("Intercept", "time"), x[:, :2], both[:, :1], ones, lower)
    small = np.array([[0.5]])
    return x, *{
        "crossed": (
            [clients, intercepts("clinician", both[:, 0]), intercepts("site", rng.integers(0, 3, n))],
            [ROOT, small, small / 2],
        ),
        "border with slopes": ([clients, clinicians], [ROOT, ROOT / 2]),
        "multiple membership": ([clients, shared], [ROOT, small]),
        "membership alone": ([shared], [small]),
    }[shape]


def _in_order(layout: Layout, terms: list[Term], roots: list[np.ndarray]) -> list[np.ndarray]:
    place = {id(term): root for term, root in zip(terms, roots, strict=True)}
    return [place.get(id(term), np.empty((0, 0))) for term in layout.terms]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", FAMILIES)
def test_the_laplace_likelihood_is_that_of_dense_matrices_and_its_gradient_that_of_differences(name, shape):
    rng = np.random.default_rng(3)
    x, terms, roots = _rows(shape, rng)
    family, offset = of(name), rng.normal(0, 0.1, len(x))
    phi = np.array(family.start)
    y = family.draw(x @ BETA + offset + rng.normal(0, 0.4, len(x)), phi, rng)
    layout = Layout(terms, len(x))
    model = Laplace(y[layout.order], x[layout.order], offset[layout.order], layout, family)

    def value(beta, own, numbers):
        return slow.laplace(y, x, offset, terms, own, family, beta, numbers)

    result = model.at(BETA, _in_order(layout, terms, roots), phi)
    assert result.log_likelihood == pytest.approx(value(BETA, roots, phi), abs=1e-8)
    for j in range(3):
        expected = slow.slope(lambda b, j=j: value(_with(BETA, j, b), roots, phi), BETA[j], 1e-3)
        assert result.by_beta[j] == pytest.approx(expected, abs=2e-6)
    for j in range(len(phi)):
        expected = slow.slope(lambda b, j=j: value(BETA, roots, _with(phi, j, b)), phi[j], 1e-3)
        assert result.by_phi[j] == pytest.approx(expected, abs=2e-6)
    by_roots = dict(zip(map(id, layout.terms), result.by_roots, strict=True))
    for k, (term, root) in enumerate(zip(terms, roots, strict=True)):
        for place in zip(*np.nonzero(term.free), strict=True):
            expected = slow.slope(
                lambda r, k=k, place=place: value(BETA, _with_root(roots, k, place, r), phi),
                root[place],
                1e-3,
            )
            assert by_roots[id(term)][place] == pytest.approx(expected, abs=2e-6)


@pytest.mark.parametrize("name", FAMILIES)
def test_the_way_to_a_mode_leaves_no_trace_in_the_likelihood(name):
    rng = np.random.default_rng(7)
    x, terms, roots = _rows("crossed", rng)
    family, none, phi = of(name), np.zeros(len(x)), np.array(of(name).start)
    y = family.draw(x @ BETA + rng.normal(0, 0.4, len(x)), phi, rng)
    layout = Layout(terms, len(x))
    model = Laplace(y[layout.order], x[layout.order], none, layout, family)
    own = _in_order(layout, terms, roots)
    fresh = model.at(BETA, own, phi)
    for by in (1e-4, 0.3, -2.0):
        model.at(BETA + by, [root * (1 + by / 3) for root in own], phi)
        again = model.at(BETA, own, phi)
        assert again.log_likelihood == pytest.approx(fresh.log_likelihood, abs=1e-8)
        assert again.by_beta == pytest.approx(fresh.by_beta, abs=1e-6)
        assert again.by_phi == pytest.approx(fresh.by_phi, abs=1e-6)


def test_many_rows_are_worked_out_in_parts_with_the_same_result(monkeypatch):
    rng = np.random.default_rng(2)
    y, eta = rng.poisson(1.0, 50).astype(float), rng.normal(size=50)
    at_once = whole(of("negative-binomial"), y, eta, np.array([0.7]))
    monkeypatch.setattr(families, "ROWS", 7)
    in_parts = whole(of("negative-binomial"), y, eta, np.array([0.7]))
    for part, other in zip((*at_once[:4], *at_once.by[0]), (*in_parts[:4], *in_parts.by[0]), strict=True):
        assert np.array_equal(part, other)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_gaussian_likelihood_is_that_of_a_multivariate_normal(shape):
    rng = np.random.default_rng(4)
    x, terms, roots = _rows(shape, rng)
    y, sigma = x @ BETA + rng.normal(0, 0.8, len(x)), 0.7
    layout = Layout(terms, len(x))
    model = Gaussian(y[layout.order], x[layout.order], np.zeros(len(x)), layout)

    def value(beta, own, log_sigma):
        s = np.exp(log_sigma)
        return slow.gaussian(y, x, terms, [root * s for root in own], beta, s)

    result = model.at(BETA, _in_order(layout, terms, roots), np.log(sigma))
    assert result.log_likelihood == pytest.approx(value(BETA, roots, np.log(sigma)), abs=1e-8)
    assert result.by_log_sigma == pytest.approx(
        slow.slope(lambda s: value(BETA, roots, s), np.log(sigma), 1e-3), abs=1e-5
    )
    for j in range(3):
        expected = slow.slope(lambda b, j=j: value(_with(BETA, j, b), roots, np.log(sigma)), BETA[j], 1e-3)
        assert result.by_beta[j] == pytest.approx(expected, abs=1e-5)
    by_roots = dict(zip(map(id, layout.terms), result.by_roots, strict=True))
    for k, (term, root) in enumerate(zip(terms, roots, strict=True)):
        for place in zip(*np.nonzero(term.free), strict=True):
            expected = slow.slope(
                lambda r, k=k, place=place: value(BETA, _with_root(roots, k, place, r), np.log(sigma)),
                root[place],
                1e-3,
            )
            assert by_roots[id(term)][place] == pytest.approx(expected, abs=1e-5)


def _with(values, j, value):
    changed = values.copy()
    changed[j] = value
    return changed


def _with_root(roots, k, place, value):
    changed = [root.copy() for root in roots]
    changed[k][place] = value
    return changed
