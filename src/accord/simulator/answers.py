"""What people write down, in the instruments' own units. Arrays are sessions x relationships."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from accord.arrays import Bools, Floats
from accord.records.ratings import Instrument
from accord.simulator.alliance import noise, wandering
from accord.simulator.layout import Layout
from accord.simulator.parameters import (
    SCALE_HIGH,
    SCALE_LOW,
    Alliance,
    CheckInForm,
    ClinicianRating,
    Probe,
    Urge,
)
from accord.simulator.ruptures import Episodes
from accord.simulator.schedule import Grid

URGE_HIGH = 5.0
TENSION, SETTLED, URGE_ITEM = 5, 6, 7  # columns of the check-in's items 6, 7 and 8
CHECKIN_ITEMS = 8


class Truth(NamedTuple):
    """What the client's own forms are drawn from: course and state on the 1-5 mean, and the ruptures."""

    course: Floats
    state: Floats
    standardised_level: Floats  # (relationships,)
    episodes: Episodes


def in_units(value: Floats, instrument: Instrument) -> Floats:
    """From the 1-5 mean to the instrument's own units; values may lie beyond the ends of its scale."""
    return instrument.low + (value - SCALE_LOW) * unit(instrument)


def unit(instrument: Instrument) -> float:
    """How many of the instrument's units one point of the 1-5 mean is."""
    return (instrument.high - instrument.low) / (SCALE_HIGH - SCALE_LOW)


def written(value: Floats, instrument: Instrument, decimals: int) -> Floats:
    """As a person can write it: in units, rounded, at most the top and at least the bottom of the scale."""
    return np.clip(np.round(in_units(value, instrument), decimals), instrument.low, instrument.high)


def felt_by_client(alliance: Alliance, truth: Truth) -> Floats:
    return truth.course + truth.state - truth.episodes.depth * alliance.within_sd


def shared_part(alliance: Alliance, clinician: ClinicianRating) -> float:
    """Correlation of the clinician's view with the client's, in level and in state alike.

    It is larger than the stated correlation of two ratings, which have their noise and the rest besides.
    """
    reach = np.sqrt(alliance.client_share * clinician.relationship_share)
    reach += np.sqrt(alliance.state_share * clinician.state_share)
    return float(clinician.correlation / reach)


def felt_by_clinician(
    alliance: Alliance,
    numbers: ClinicianRating,
    layout: Layout,
    grid: Grid,
    truth: Truth,
    trend: Floats,
    rng: np.random.Generator,
) -> Floats:
    """The clinician's view before the form's noise. `trend`: the client's course less its first value."""
    shared = shared_part(alliance, numbers)
    apart = np.sqrt(1.0 - shared**2)
    style = rng.standard_normal(len(layout.staff))[layout.clinician]
    standardised_level = shared * truth.standardised_level + apart * rng.standard_normal(len(layout))
    state = shared * truth.state / alliance.part_sd(alliance.state_share) + apart * wandering(
        alliance.ar1, grid, rng
    )
    fall = numbers.strength * truth.episodes.noticed * truth.episodes.depth
    felt: Floats = (
        alliance.mean
        + numbers.shift * alliance.sd
        + alliance.part_sd(numbers.clinician_share) * style
        + alliance.part_sd(numbers.relationship_share) * standardised_level
        + alliance.part_sd(numbers.state_share) * state
        - alliance.part_sd(numbers.state_share + numbers.noise_share) * fall
        + trend
    )
    return felt


def single_score(
    felt: Floats, noise_sd: float, df: float, instrument: Instrument, decimals: int, rng: np.random.Generator
) -> Floats:
    return written(felt + noise_sd * noise(df, felt.shape, rng), instrument, decimals)


def checkin_answers(
    felt: Floats,
    noise_sd: float,
    form: CheckInForm,
    instrument: Instrument,
    rng: np.random.Generator,
) -> Floats:
    """(sessions, relationships, 8): answers to items 1-5; the others are still empty.

    Each item has its own noise, so large that their mean has the form's.
    """
    scored = len(form.offsets)
    answers = np.full((*felt.shape, CHECKIN_ITEMS), np.nan)
    own = in_units(felt, instrument) / scored
    spread = noise_sd * unit(instrument) / scored * np.sqrt(scored)
    values = own[..., None] + np.array(form.offsets) + spread * rng.standard_normal((*felt.shape, scored))
    answers[..., :scored] = np.clip(np.round(values), instrument.low / scored, instrument.high / scored)
    return answers


def probe_answers(numbers: Probe, reported: Bools, rng: np.random.Generator) -> Floats:
    """1 where the probe is answered yes, else 0. `reported`: sessions with a rupture that can be reported."""
    drawn: Floats = rng.random(reported.shape)
    yes: Bools = drawn < _chance(numbers.calm, numbers.rupture, numbers.strength, reported)
    return yes.astype(np.float64)


def tension_answers(numbers: Probe, reported: Bools, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Item 6, tension: 0 no, 1 a little, 2 a lot. Item 7, settled: 0 no, 1 partly, 2 yes, else NaN."""
    lot = _chance(numbers.calm, numbers.rupture, numbers.strength, reported)
    little = _chance(numbers.little_calm, numbers.little_rupture, numbers.strength, reported)
    drawn, settled = rng.random((2, *reported.shape))
    tension = np.where(drawn < lot, 2.0, np.where(drawn < lot + little, 1.0, 0.0))
    at_least_partly = numbers.settled + numbers.partly
    words = np.where(settled < numbers.settled, 2.0, np.where(settled < at_least_partly, 1.0, 0.0))
    return tension, np.where(tension > 0, words, np.nan)


def _chance(calm: float, rupture: float, strength: float, reported: Bools) -> Floats:
    return np.where(reported, calm + strength * (rupture - calm), calm)


def urge_answers(
    numbers: Urge, layout: Layout, depth: Floats, near: Bools, rng: np.random.Generator
) -> Floats:
    """Urge to quit, 0-5. `depth` in within-SD; `near`: the last sessions before leaving."""
    own = numbers.mean + numbers.client_sd * rng.standard_normal(len(layout.clients))[layout.client]
    more = numbers.strength * (numbers.per_depth * depth + numbers.leaving * near)
    return np.clip(np.round(own + more + numbers.noise_sd * rng.standard_normal(depth.shape)), 0.0, URGE_HIGH)
