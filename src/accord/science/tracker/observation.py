"""The likelihood of one value under each regime, and how far it moves the level it scatters about.

A value is the level, less an offset that depends on the mode, plus normal scatter; the scatter may be a
mixture of normals of different spread. A value at an end of its scale only says "at least so much" (Tobin,
1958).
Shapes: m relationships, M modes, C parts of the scatter.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from scipy.special import log_ndtr

from accord.arrays import Floats, Ints

LOG_2PI = float(np.log(2 * np.pi))
LEAST = 1e-300  # keeps the logarithm of a mode finite that is out of the question
FARTHEST = 30.0  # standard deviations beyond which a tail's moments lose their digits


class Scale(NamedTuple):
    """Ends of a unit scale: values at or beyond an end lie in the tail that begins at its cut."""

    low: float
    low_cut: float
    high: float
    high_cut: float


def unit_scale(grain: float) -> Scale:
    """0..1 in steps of `grain`: the last step is everything from half a step before it."""
    return Scale(1e-9, grain / 2, 1 - 1e-9, 1 - grain / 2)


class Tail(NamedTuple):
    """Values at an end of the scale: where they are, and the moments of their distance from the level."""

    at: Ints  # (t,)
    side: float  # 1 at the upper end, -1 at the lower
    first: Floats  # (C, M, t)
    second: Floats  # (C, M, t)


class Pieces(NamedTuple):
    """Likelihood of one value in parts, and its distance from the level."""

    log_modes: Floats  # (M, m)
    parts: Floats  # (C, M, m): share of each part in its mode's likelihood
    gap: Floats  # (M, m)
    spread: Floats  # (C, m), variances
    tails: tuple[Tail, ...]


def weigh(
    value: Floats, level: Floats, offsets: Floats, spread: Floats, shares: Floats, scale: Scale
) -> Pieces:
    """Pieces of values (m,) about levels (m,), with offsets (M, m), variances (C, m) and shares (C,)."""
    gap = (value - level) + offsets
    top = np.log(shares)[:, None] - 0.5 * (np.log(spread) + LOG_2PI)
    log_parts = gap**2 * (-0.5 / spread)[:, None]
    log_parts += top[:, None]
    tails = []
    for at, cut, side in (
        (np.flatnonzero(value >= scale.high), scale.high_cut, 1.0),
        (np.flatnonzero(value <= scale.low), scale.low_cut, -1.0),
    ):
        if len(at):
            log_tail, *moments = _tail((cut - level[at] + offsets[:, at])[None], spread[:, None, at], side)
            log_parts[..., at] = log_tail + np.log(shares)[:, None, None]
            tails.append(Tail(at, side, *moments))
    return Pieces(*_by_mode(log_parts), gap, spread, tuple(tails))


def _by_mode(log_parts: Floats) -> tuple[Floats, Floats]:
    """Log likelihood of each mode, and each part's share in it."""
    if len(log_parts) == 1:
        return log_parts[0], np.ones_like(log_parts)
    top = log_parts.max(axis=(0, 1))
    log_parts -= top
    parts = np.exp(log_parts, out=log_parts)
    modes = parts.sum(axis=0) + LEAST
    parts /= modes
    return np.log(modes) + top, parts


def _tail(distance: Floats, spread: Floats, side: float) -> tuple[Floats, Floats, Floats]:
    """Log probability and moments of a normal beyond `distance` on one side (Johnson et al., 1994, 13.10)."""
    sd = np.sqrt(spread)
    z = np.clip(side * distance / sd, -FARTHEST, FARTHEST)
    log_tail = log_ndtr(-z)
    hazard = np.exp(-0.5 * (z * z + LOG_2PI) - log_tail)
    return log_tail, side * sd * hazard, spread * (1 + z * hazard)


def pull(pieces: Pieces, modes: Floats) -> tuple[Floats, Floats]:
    """Size and certainty of the move that values give to the level they scatter about: (m,), (m,).

    With h the covariance of the state with the value's level, the state moves by `h * far` and its covariance
    falls by `h h' * sure`: the moments of the mixture over modes (M, m) and parts are matched.
    """
    exact = (1 / pieces.spread)[:, None]
    once = pieces.parts * modes
    once *= exact
    twice = once * exact
    by_gap = once.sum(axis=0)
    known = by_gap.sum(axis=0)
    by_gap *= pieces.gap
    far = by_gap.sum(axis=0)
    second = (twice.sum(axis=0) * pieces.gap**2).sum(axis=0)
    for tail in pieces.tails:
        far[tail.at] = (once[..., tail.at] * tail.first).sum(axis=(0, 1))
        second[tail.at] = (twice[..., tail.at] * tail.second).sum(axis=(0, 1))
    return far, known - (second - far**2)
