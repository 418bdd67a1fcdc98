"""The chance that a flag says is the share of such flags that are ruptures, in simulated programmes.

Pooled over programmes and judged in fifths of the chance; `make prove` takes twenty of them.
"""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest
from numpy.typing import NDArray

from accord.api import followed_series, learned
from accord.instruments.catalogue import catalogue
from accord.records.ratings import STATES, State
from accord.science.tracker import assess
from accord.simulator.generate import simulate
from tests.support.thorough import PROOF

SEEDS = range(20 if PROOF else 2)
FEW = 50  # flags in a fifth; the share of fewer is hardly known
FIFTHS = 5
MOST = 0.10

Floats = NDArray[np.float64]


def flags_of(seed: int) -> list[tuple[float, float]]:
    """Chance said, and whether it is true, for the session that opens each flag of one programme."""
    made = simulate("programme", instruments=catalogue(), clients=101, sessions=52, seed=seed)
    followed, rater = followed_series(made.ratings)
    values, converged = learned(made.ratings, followed, rater, None)
    assert converged
    result = assess.assess_all(made.ratings, followed, values, rater=rater)
    truth = made.truth
    where = zip(truth.client.tolist(), truth.clinician.tolist(), truth.session.tolist(), strict=True)
    true = dict(zip(where, truth.in_rupture.tolist(), strict=True))
    rows = zip(
        result.client.tolist(), result.clinician.tolist(), result.session.tolist(), result.state.tolist(),
        result.p_rupture.tolist(), strict=True,
    )  # fmt: skip
    flags: list[tuple[float, float]] = []
    for _, course in groupby(rows, key=lambda row: row[:2]):
        was_open = False
        for *where_one, state, chance in course:
            is_open = STATES[state] is State.RUPTURE
            if is_open and not was_open:
                flags.append((chance, true[tuple(where_one)]))
            was_open = is_open
    return flags


def gaps(said: Floats, true: Floats) -> dict[int, float]:
    """Fifth of the chance -> how far the chance said lies from the share of ruptures."""
    fifths = np.minimum((said * FIFTHS).astype(int), FIFTHS - 1)
    return {
        fifth: abs(float(said[fifths == fifth].mean() - true[fifths == fifth].mean()))
        for fifth in range(FIFTHS)
        if (fifths == fifth).sum() >= FEW
    }


@pytest.fixture(scope="module")
def flags() -> tuple[Floats, Floats]:
    said, true = zip(*(flag for seed in SEEDS for flag in flags_of(seed)), strict=True)
    return np.array(said), np.array(true, dtype=float)


def test_of_flags_that_say_a_chance_so_many_are_ruptures(flags):
    measured = gaps(*flags)
    assert len(measured) >= 4, "four fifths hold enough flags to be judged"
    assert max(measured.values()) <= MOST, measured


def test_chances_that_are_said_too_low_or_too_high_are_noticed(flags):
    """The planted faults: half the chance, and the odds turned round."""
    said, true = flags
    assert max(gaps(said / 2, true).values()) > MOST
    assert max(gaps(1 - said, true).values()) > MOST
