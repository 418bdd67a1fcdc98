"""Calm and rupture as a Markov chain over sessions. Each rupture has one of three depths, which it keeps.

Mode 0 is calm. From calm a rupture of any depth begins with chance `onset`; it ends with chance `exit`.
"""

from __future__ import annotations

import numpy as np

from accord.arrays import Floats, Ints
from accord.science.tracker.population import Population

# Shares of the programme's mean depth: ruptures of 1 to 2 within-SD about a mean of 1.5.
DEPTHS = np.array([0.0, 2 / 3, 1.0, 4 / 3])
MODES = len(DEPTHS)


def after_sessions(modes: Floats, sessions: Floats, population: Population) -> Floats:
    """Probabilities (modes, n) of the modes `sessions` (n,) sessions on, in closed form."""
    onset, exit_ = population.onset, population.exit
    share = onset / (onset + exit_)
    now = 1 - modes[0]
    later = share + (now - share) * (1 - onset - exit_) ** sessions
    stayed = (1 - exit_) ** sessions
    begun = (later - now * stayed) / (MODES - 1)
    return np.concatenate([(1 - later)[None], modes[1:] * stayed + begun])


def drawn_after(mode: Ints, sessions: Floats, population: Population, rng: np.random.Generator) -> Ints:
    """Modes (n,) drawn `sessions` (n,) sessions on, with the chances of `after_sessions`."""
    onset, exit_ = population.onset, population.exit
    share = onset / (onset + exit_)
    now = (mode > 0).astype(np.float64)
    later = share + (now - share) * (1 - onset - exit_) ** sessions
    stayed = now * (1 - exit_) ** sessions
    draw = rng.random(len(mode))
    fresh = rng.integers(1, MODES, len(mode))
    return np.where(draw < stayed, mode, np.where(draw < later, fresh, 0))


def offsets(population: Population, n: int) -> Floats:
    """Distances of ratings below the level in each mode: (modes, n), unit scale."""
    return np.repeat((DEPTHS * population.depth * population.sd_within)[:, None], n, axis=1)
