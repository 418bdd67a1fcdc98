"""Simulated clients and clinicians who feel the same alliance, with the true values beside them.

One shared AR(1) alliance (variance 1) for each relationship. The client's rating is it plus noise, the
clinician's is (1 - late) of it plus `late` of the session before, plus noise; both noises have variance 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accord.science.dyad import Pairs

WARM_UP = 20


@dataclass(frozen=True)
class Truth:
    tracking: float
    client_first: float
    clinician_first: float
    difference: NDArray[np.float64]  # of levels, (relationships,)

    @property
    def lead(self) -> float:
        return self.client_first - self.clinician_first


def simulate(
    relationships: int, sessions: int, seed: int, *, late: float = 0.0, ar: float = 0.3, missing: float = 0.1
) -> tuple[Pairs, Truth]:
    rng = np.random.default_rng(seed)
    shape = (relationships, sessions + WARM_UP)
    felt = np.zeros(shape)
    for t in range(1, shape[1]):
        felt[:, t] = ar * felt[:, t - 1] + math.sqrt(1 - ar**2) * rng.standard_normal(relationships)
    client = felt + rng.standard_normal(shape)
    clinician = (1 - late) * felt + late * np.roll(felt, 1, axis=1) + rng.standard_normal(shape)
    level = 1.5 * rng.standard_normal(relationships)
    other = 0.5 * level + 1.3 * rng.standard_normal(relationships)
    both = rng.random((relationships, sessions)) >= missing
    who, when = np.nonzero(both)
    code = who.astype(np.int32)
    pairs = Pairs(
        np.unique(who, return_inverse=True)[1],
        when + 1,
        (client[:, WARM_UP:] + level[:, None])[both],
        (clinician[:, WARM_UP:] + other[:, None])[both],
        code,
        np.zeros(len(who), np.int32),
    )
    return pairs, _truth(late, ar, level - other)


def _truth(late: float, ar: float, difference: NDArray[np.float64]) -> Truth:
    clinician_variance = (1 - late) ** 2 + late**2 + 2 * late * (1 - late) * ar + 1
    root = math.sqrt(2 * clinician_variance)

    def after(sessions: int) -> float:
        """Correlation of the client's rating with the clinician's so many sessions later."""
        return float((1 - late) * ar ** abs(sessions) + late * ar ** abs(sessions - 1)) / root

    return Truth(after(0), after(1), after(-1), difference)
