"""Measurement error of one score, and the smallest change beyond it.

Jacobson NS, Truax P (1991). Clinical significance: a statistical approach to defining meaningful change in
psychotherapy research. Journal of Consulting and Clinical Psychology 59, 12-19.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from accord.records.ratings import Instrument

TWO_SIDED_95 = 1.96  # standard normal deviate


@dataclass(frozen=True, slots=True)
class Noise:
    """The standard deviation of one score around the true one, in the instrument's own units."""

    sd: float
    by: Literal["retest", "alpha"]  # the reliability it comes from
    assumed: bool  # True: the primary source was not read, so say "assumed" and print no value


def standard_error(sd: float, r: float) -> float:
    """Standard error of measurement, sd * sqrt(1 - r), in the units of `sd`.

    `sd` is the spread between people, `r` the reliability. ValueError for sd < 0 or r outside 0..1.
    """
    if not (math.isfinite(sd) and sd >= 0):
        raise ValueError(f"sd must be 0 or more, not {sd}")
    if not 0 <= r <= 1:
        raise ValueError(f"r must lie between 0 and 1, not {r}")
    return sd * math.sqrt(1 - r)


def reliable_change_index(sd: float, r: float) -> float:
    """The smallest difference between two scores that lies beyond error with 95 % confidence.

    1.96 * sd * sqrt(2 * (1 - r)), in the units of `sd` (Jacobson and Truax 1991). A reliability by retest
    counts real change between the two occasions as error; one by alpha leaves the occasion out of it.
    """
    return change_beyond(Noise(standard_error(sd, r), "retest", assumed=False))


def change_beyond(error: Noise) -> float:
    """The reliable change index of an instrument whose error is known."""
    return TWO_SIDED_95 * math.sqrt(2) * error.sd


def noise(instrument: Instrument) -> Noise | None:
    """The known error of one score, by retest if there is one, else by alpha; None if neither is known."""
    known = instrument.reliability
    if known.sd is None:
        return None
    if known.retest is not None:
        return Noise(standard_error(known.sd, known.retest), "retest", not known.checked)
    if known.alpha is not None:
        return Noise(standard_error(known.sd, known.alpha), "alpha", not known.checked)
    return None


def noise_sd(instrument: Instrument) -> float | None:
    """The standard error of measurement of the instrument, or None where it has to be learned."""
    error = noise(instrument)
    return None if error is None else error.sd
