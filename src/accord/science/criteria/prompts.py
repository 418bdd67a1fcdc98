"""Rules that ask for a conversation: a low rating, or one that fell since last time. Not alarms.

They are counted in points of the instrument. A difference of a point or two lies inside the error of most
forms, so a prompt is a good reason to ask and no reason to conclude.
"""

from __future__ import annotations

from accord.arrays import Bools, Floats
from accord.records.ratings import Instrument
from accord.science.criteria.history import before
from accord.science.tracker.panel import Panel

NEARLY = 1e-9  # scores computed as means may miss a whole number by rounding


def points_past_cut_off(panel: Panel, instrument: Instrument, cut_off: float) -> Floats:
    """Points by which the rating lies at the cut-off (0) or on its worse side, shape (sessions,)."""
    return _worse(instrument) * (panel.rating - cut_off)


def points_lost(panel: Panel, instrument: Instrument) -> Floats:
    """Points by which the rating is worse than the one before; NaN for a first rating. Shape (sessions,)."""
    return _worse(instrument) * (panel.rating - before(panel, panel.rating).previous)


def low(panel: Panel, instrument: Instrument, cut_off: float) -> Bools:
    """Whether the rating lies at the cut-off or on its worse side."""
    return points_past_cut_off(panel, instrument, cut_off) >= -NEARLY


def fell(panel: Panel, instrument: Instrument, points: float = 1.0) -> Bools:
    """Whether the rating is at least so many points worse than the one before."""
    return points_lost(panel, instrument) >= points - NEARLY


def _worse(instrument: Instrument) -> float:
    return 1.0 if instrument.lower_is_better else -1.0
