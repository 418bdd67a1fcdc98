"""What one value says under each regime, and how far it moves the level it scatters about.

A value is the level, less an offset that depends on the mode, plus normal scatter; the scatter may be a
mixture of normals of different spread. A value at an end of its scale only says "at least so much" (Tobin,
1958).
Shapes: m relationships, M modes, C parts of the scatter.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr

Array = NDArray[np.float64]

LOG_2PI = float(np.log(2 * np.pi))
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


class Pieces(NamedTuple):
    """Likelihood of one value in parts, and the first two moments of its distance from the level."""

    log_modes: Array  # (M, m)
    log_parts: Array  # (C, M, m)
    first: Array  # (C, M, m)
    second: Array  # (C, M, m)
    spread: Array  # (C, m), variances


def weigh(value: Array, level: Array, offsets: Array, spread: Array, shares: Array, scale: Scale) -> Pieces:
    """Pieces of values (m,) about levels (m,), with offsets (M, m), variances (C, m) and shares (C,)."""
    gap = (value - level) + offsets
    log_parts = -0.5 * (gap**2 / spread[:, None] + np.log(spread)[:, None] + LOG_2PI)
    first = np.broadcast_to(gap, log_parts.shape).copy()
    second = first**2
    for at, cut, side in (
        (np.flatnonzero(value >= scale.high), scale.high_cut, 1.0),
        (np.flatnonzero(value <= scale.low), scale.low_cut, -1.0),
    ):
        if len(at):
            tail = _tail((cut - level[at] + offsets[:, at])[None], spread[:, None, at], side)
            log_parts[..., at], first[..., at], second[..., at] = tail
    log_parts += np.log(shares)[:, None, None]
    log_modes = log_parts[0] if len(shares) == 1 else np.logaddexp.reduce(log_parts, axis=0)
    return Pieces(log_modes, log_parts, first, second, spread)


def _tail(distance: Array, spread: Array, side: float) -> tuple[Array, Array, Array]:
    """Log probability and moments of a normal beyond `distance` on one side (Johnson et al., 1994, 13.10)."""
    sd = np.sqrt(spread)
    z = np.clip(side * distance / sd, -FARTHEST, FARTHEST)
    log_tail = log_ndtr(-z)
    hazard = np.exp(-0.5 * (z * z + LOG_2PI) - log_tail)
    return log_tail, side * sd * hazard, spread * (1 + z * hazard)


def pull(pieces: Pieces, modes: Array) -> tuple[Array, Array]:
    """How far, and how surely, values move what they scatter about: (m,), (m,).

    With h the covariance of the state with the value's level, the state moves by `h * far` and its covariance
    falls by `h h' * sure`: the moments of the mixture over modes (M, m) and parts are matched.
    """
    weights = modes * np.exp(pieces.log_parts - pieces.log_modes)
    exact = 1 / pieces.spread
    far = np.sum(np.sum(weights * pieces.first, axis=1) * exact, axis=0)
    second = np.sum(np.sum(weights * pieces.second, axis=1) * exact**2, axis=0)
    sure = np.sum(np.sum(weights, axis=1) * exact, axis=0) - (second - far**2)
    return far, sure
