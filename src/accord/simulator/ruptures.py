"""Ruptures: when they begin and end, how deep they are, whether they are noticed and repaired."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from accord.arrays import Bools, Floats, Ints
from accord.simulator.parameters import Ruptures

WITHDRAWAL, CONFRONTATION = 1, 2  # kinds; 0 outside ruptures


@dataclass(frozen=True, slots=True, eq=False)
class Episodes:
    """Arrays are sessions x relationships."""

    in_rupture: Bools
    onset: Bools
    depth: Floats  # in within-SD, now: while building less than the full depth, above 0 until recovered
    scar: Floats  # in within-SD: what ruptures left unrepaired took from the own level so far
    kind: NDArray[np.int8]
    repaired: Bools  # this rupture will be repaired
    noticed: Bools  # the clinician notices this rupture


@dataclass(slots=True, eq=False)
class _Now:
    """The rupture each relationship had last, whether it goes on, and what is left of it."""

    going: Bools
    age: Ints
    full: Floats
    depth: Floats
    scar: Floats
    kind: NDArray[np.int8]
    repaired: Bools
    noticed: Bools


def ruptures(numbers: Ruptures, shape: tuple[int, int], rng: np.random.Generator) -> Episodes:
    """Simulate session after session, all relationships at once. `shape`: sessions x relationships."""
    sessions, n = shape
    rate = rng.uniform(*numbers.onset, n)
    now = _nothing_yet(n)
    out = Episodes(
        in_rupture=np.zeros(shape, np.bool_),
        onset=np.zeros(shape, np.bool_),
        depth=np.zeros(shape),
        scar=np.zeros(shape),
        kind=np.zeros(shape, np.int8),
        repaired=np.zeros(shape, np.bool_),
        noticed=np.zeros(shape, np.bool_),
    )
    for t in range(numbers.first_session - 1, sessions):
        chance = rng.random(n)
        ends = now.going & (now.age >= numbers.shortest) & (chance < numbers.exit)
        begins = ~now.going & (chance < rate)
        _end(now, ends, numbers)
        _begin(now, begins, numbers, rng)
        _move(now, numbers)
        _note(out, t, begins, now)
    return out


def _nothing_yet(n: int) -> _Now:
    return _Now(
        going=np.zeros(n, np.bool_),
        age=np.zeros(n, np.int64),
        full=np.zeros(n),
        depth=np.zeros(n),
        scar=np.zeros(n),
        kind=np.zeros(n, np.int8),
        repaired=np.zeros(n, np.bool_),
        noticed=np.zeros(n, np.bool_),
    )


def _end(now: _Now, ends: Bools, numbers: Ruptures) -> None:
    now.going &= ~ends
    now.scar += numbers.scar * now.full * (ends & ~now.repaired)


def _begin(now: _Now, begins: Bools, numbers: Ruptures, rng: np.random.Generator) -> None:
    # one draw per relationship, whether or not a rupture begins, so that numbers changed in one
    # part of a rupture leave the draws of the others as they are
    full, kind, repaired, noticed = rng.random((4, len(begins)))
    low, high = numbers.depth
    now.going |= begins
    now.age = np.where(begins, 0, now.age)
    now.full = np.where(begins, low + (high - low) * full, now.full)
    now.kind = np.where(
        begins, np.where(kind < numbers.withdrawal, WITHDRAWAL, CONFRONTATION), now.kind
    ).astype(np.int8)
    now.repaired = np.where(begins, repaired < numbers.repaired, now.repaired)
    now.noticed = np.where(begins, noticed < numbers.noticed, now.noticed)


def _move(now: _Now, numbers: Ruptures) -> None:
    """One session further: towards the full depth while the rupture goes on, else back to the own course."""
    step = np.where(now.going, now.full / numbers.build, -now.full / numbers.recovery)
    # a new rupture may begin before an older, deeper one has recovered: depth then waits, it does not jump up
    ceiling = np.where(now.going, np.maximum(now.full, now.depth), now.depth)
    now.depth = np.clip(now.depth + step, 0.0, ceiling)
    now.age += now.going


def _note(out: Episodes, t: int, begins: Bools, now: _Now) -> None:
    out.in_rupture[t], out.onset[t] = now.going, begins
    out.depth[t], out.scar[t] = now.depth, now.scar
    out.kind[t] = now.kind * now.going
    out.repaired[t], out.noticed[t] = now.repaired & now.going, now.noticed & now.going
