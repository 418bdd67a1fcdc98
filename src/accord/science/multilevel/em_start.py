"""Starting values for the variance parameters: one EM step (Laird and Ware, 1982)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from accord.arrays import Bools, Floats
from accord.science.multilevel.laplace import Coefficients
from accord.science.multilevel.layout import Layout

LEAST = 1e-10  # of a variance, relative to what it was, that a step leaves


def em_step(
    layout: Layout, roots: Sequence[Floats], b: Coefficients, inverse: tuple[Floats, Floats, Floats]
) -> list[Floats]:
    """Roots of the expected covariances given the outcomes (Laird and Ware, 1982).

    `b` holds the modes of the standardised coefficients, and `inverse` that of their system as
    `System.inverse_parts` returns it.
    """
    inner, _, border = inverse
    expected = [(b.inner @ b.inner.T + inner.sum(axis=-1)) / max(layout.G, 1)]
    for band in layout.bands:
        own = b.outer[band.columns].reshape(band.groups, band.q)
        shape = (band.groups, band.q, band.groups, band.q)
        blocks = border[band.columns, band.columns].reshape(shape)
        expected.append((own.T @ own + np.einsum("gagb->ab", blocks)) / band.groups)
    return [
        _moved(root, covariance, term.free)
        for root, covariance, term in zip(roots, expected, layout.terms, strict=True)
    ]


def _moved(root: Floats, expected: Floats, free: Bools) -> Floats:
    """The lower root of L E L', of which only elements that are free may differ from 0."""
    covariance = root @ expected @ root.T * (free | free.T)
    covariance += LEAST * np.diag(np.diag(root) ** 2)
    return np.asarray(np.linalg.cholesky(covariance), dtype=np.float64)
