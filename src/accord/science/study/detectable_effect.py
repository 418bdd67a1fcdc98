"""The smallest association that a study of this size would detect most of the time."""

from __future__ import annotations

from scipy.special import ndtri


def detectable(error: float, *, power: float = 0.8, alpha: float = 0.05) -> float:
    """The smallest true coefficient found with this power at this standard error (Bloom, 1995)."""
    return float(ndtri(1 - alpha / 2) + ndtri(power)) * error
