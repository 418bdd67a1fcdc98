"""The obvious slow version of a multilevel model's likelihood: dense matrices, differences for slopes."""

from __future__ import annotations

import numpy as np
from scipy.stats import multivariate_normal

from accord.science.multilevel.layout import Term


def dense(terms: list[Term], roots: list[np.ndarray]) -> np.ndarray:
    """Z L (n, columns) of all terms, one column for each coefficient of each group."""
    found = []
    for term, root in zip(terms, roots, strict=True):
        z = np.zeros((len(term.design), term.groups * term.q))
        for row in range(len(z)):
            for member, weight in zip(term.member[row], term.weight[row], strict=True):
                z[row, member * term.q : (member + 1) * term.q] += weight * term.design[row]
        found.append(z @ np.kron(np.eye(term.groups), root))
    return np.hstack(found)


def laplace(y, x, offset, terms, roots, family, beta, phi) -> float:
    """The Laplace approximation by Newton's method on the whole dense system."""
    a, fixed = dense(terms, roots), x @ beta + offset
    b = np.zeros(a.shape[1])
    for _ in range(200):
        here = family.at(y, fixed + a @ b, phi)
        step = np.linalg.solve(a.T @ (here.weight[:, None] * a) + np.eye(len(b)), a.T @ here.score - b)
        b = b + step
        if np.abs(step).max() < 1e-12:
            break
    here = family.at(y, fixed + a @ b, phi)
    system = a.T @ (here.weight[:, None] * a) + np.eye(len(b))
    density = here.log_density.sum() + family.constant(y) - b @ b / 2
    return float(density - np.linalg.slogdet(system)[1] / 2)


def gaussian(y, x, terms, roots, beta, sigma) -> float:
    """The density of a multivariate normal with the whole covariance written out; roots not relative."""
    a = dense(terms, roots)
    return float(multivariate_normal.logpdf(y, x @ beta, a @ a.T + sigma**2 * np.eye(len(y))))


def slope(function, at: float, step: float) -> float:
    """A derivative by differences of fourth order."""
    far = function(at - 2 * step) - function(at + 2 * step)
    return (far + 8 * (function(at + step) - function(at - step))) / (12 * step)
