"""One stream of random numbers per purpose, so that a new channel leaves all the others as they were."""

from __future__ import annotations

from enum import IntEnum

import numpy as np


class Purpose(IntEnum):
    """Positions among the streams spawned from a seed. Append only: a position names its stream for good."""

    PEOPLE = 0
    SCHEDULE = 1
    LEVEL = 2
    STATE = 3
    RUPTURE = 4
    LEAVING = 5
    MISSING = 6
    ATTENDANCE = 7
    NOISE = 8
    CLINICIAN = 9
    PROBE = 10
    URGE = 11
    OUTCOME = 12
    SELF_INJURY = 13
    ATTEMPTS = 14
    DIARY = 15
    CLINICIAN_PROBE = 16
    CLINICIAN_MISSING = 17
    SKILLS = 18


def stream(seed: int, purpose: Purpose) -> np.random.Generator:
    """The generator that `SeedSequence(seed).spawn(n)[purpose]` would seed."""
    return np.random.Generator(np.random.PCG64DXSM(np.random.SeedSequence(seed, spawn_key=(int(purpose),))))
