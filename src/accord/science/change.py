"""Whether a person changed by more than the error of the instrument (Jacobson and Truax 1991)."""

from __future__ import annotations

from typing import NamedTuple

from accord.arrays import Bools, Floats
from accord.records.ratings import Instrument
from accord.science.reliability import change_beyond, noise


class Change(NamedTuple):
    """For each person: shape (people,). `assumed`: the error of the instrument is not from its source."""

    better: Bools
    worse: Bools
    assumed: bool


def reliable(instrument: Instrument, first: Floats, last: Floats) -> Change | None:
    """Show who got better and who got worse by more than the error; None where the error is not known."""
    error = noise(instrument)
    if error is None:
        return None
    gain = (first - last) if instrument.lower_is_better else (last - first)
    # Scores are sums of decimals, so a change of exactly the index counts as within error despite rounding.
    beyond = change_beyond(error) + 1e-9
    return Change(gain > beyond, gain < -beyond, error.assumed)
