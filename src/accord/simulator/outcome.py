"""Symptoms, self-injury, attempts, skills and the diary. Arrays are sessions x relationships."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from accord.arrays import Floats, Ints
from accord.records.care import EventTable
from accord.records.ratings import Instrument
from accord.simulator.columns import FIRST_LINE
from accord.simulator.layout import Layout
from accord.simulator.parameters import Events, Outcome
from accord.simulator.schedule import Grid
from accord.simulator.streams import Purpose, stream

SELF_INJURY, ATTEMPT, DIARY, DIARY_LATE, SKILL = range(5)
EVENT_KINDS = (
    "self-injury",
    "attempt",
    "diary",
    "diary-late",
    "skill",
)  # codes in columns are positions in this tuple
MONTH_DAYS = 28
YEAR_DAYS = 365
SUM_HIGH = 92.0  # of the BSL-23's 23 items of 0-4
SUM_ITEMS = 23.0


def symptoms(
    numbers: Outcome,
    instrument: Instrument,
    standardised_level: Floats,
    within: Floats,
    weeks: Floats,
    rng: np.random.Generator,
) -> Floats:
    """BSL-23 at every session, as the instrument's mean. `standardised_level`: own level of alliance in SD;
    `within`: true alliance around the own course, in within-SD."""
    progress = np.minimum(weeks / numbers.weeks, 1.0)
    apart = rng.standard_normal((2, len(standardised_level)))
    own = numbers.between * standardised_level + np.sqrt(1.0 - numbers.between**2) * apart[0]
    change_sd = np.sqrt(numbers.later_sd**2 - numbers.start_sd**2)
    before = np.vstack((np.zeros_like(within[:1]), within[:-1]))
    value = (
        numbers.start
        + (numbers.later - numbers.start + change_sd * apart[1]) * progress
        + numbers.start_sd * np.sqrt(1.0 - numbers.noise_share) * own
        + numbers.start_sd * numbers.within * before
        + numbers.start_sd * np.sqrt(numbers.noise_share) * rng.standard_normal(within.shape)
    )
    mean: Floats = np.clip(np.round(value), 0.0, SUM_HIGH) / SUM_ITEMS
    return np.clip(mean, instrument.low, instrument.high)


def events(numbers: Events, layout: Layout, grid: Grid, within: Floats, seed: int) -> EventTable:
    """Events from each client's first contact with the first role's clinician to the last one.

    They are ordered by client, day and kind.
    """
    primary = layout.primary
    day, present = grid.day[:, primary], grid.present[:, primary]
    gap = np.diff(day, axis=0, append=day[-1:]) * np.vstack((present[1:], np.zeros_like(present[:1])))
    felt = within[:, primary]
    injury = _self_injury(numbers, day, gap, felt, stream(seed, Purpose.SELF_INJURY))
    attempt = _attempts(numbers, day, gap, felt, stream(seed, Purpose.ATTEMPTS))
    skills = _skills(numbers, day, gap, felt, stream(seed, Purpose.SKILLS))
    last = np.where(present, day, day[0]).max(axis=0)
    written = _diary(numbers, day[0], last, stream(seed, Purpose.DIARY))
    client, when, kind, count = (
        np.concatenate(column) for column in zip(*injury, *attempt, *skills, *written, strict=True)
    )
    order = np.lexsort((kind, when, client))
    return EventTable(
        layout.clients,
        EVENT_KINDS,
        client[order].astype(np.int32),
        when[order].astype(np.int32),
        kind[order].astype(np.int16),
        count[order].astype(np.int32),
        np.arange(FIRST_LINE, FIRST_LINE + len(order), dtype=np.int64),
    )


Rows = list[tuple[Ints, Ints, Ints, Ints]]


def _self_injury(
    numbers: Events, day: NDArray[np.int32], gap: NDArray[np.int32], felt: Floats, rng: np.random.Generator
) -> Rows:
    """Poisson counts between contacts, mixed by a gamma factor per client and 28 days: so the counts over 28
    days are negative binomial."""
    clients = day.shape[1]
    size = rng.uniform(*numbers.size, clients)
    rate = rng.uniform(*numbers.monthly, clients) * (rng.random(clients) < numbers.active)
    since = day - day[0]
    months = int(since.max()) // MONTH_DAYS + 1
    mixed = rng.gamma(size, 1.0 / size, (months, clients))[since // MONTH_DAYS, np.arange(clients)]
    falling = 0.5 ** (since / 7.0 / numbers.halving_weeks)
    mean = rate * gap / MONTH_DAYS * mixed * falling * numbers.act_ratio**felt
    count = rng.poisson(mean)
    row, client = np.nonzero(count)
    when = day[row, client] + rng.integers(0, gap[row, client])
    return [(client, when, np.full(len(client), SELF_INJURY), count[row, client])]


def _attempts(
    numbers: Events, day: NDArray[np.int32], gap: NDArray[np.int32], felt: Floats, rng: np.random.Generator
) -> Rows:
    hazard = -np.log1p(-numbers.attempts) * gap / YEAR_DAYS * numbers.attempt_ratio**felt
    row, client = np.nonzero(rng.random(day.shape) < -np.expm1(-hazard))
    when = day[row, client] + rng.integers(0, gap[row, client])
    return [(client, when, np.full(len(client), ATTEMPT), np.ones(len(client), np.int64))]


def _skills(
    numbers: Events, day: NDArray[np.int32], gap: NDArray[np.int32], felt: Floats, rng: np.random.Generator
) -> Rows:
    """Uses of skills, reported at a contact for the days until the next contact."""
    rate = rng.uniform(*numbers.skills, day.shape[1])
    count = rng.poisson(rate * gap / 7.0 * numbers.skill_ratio**felt)
    row, client = np.nonzero(count)
    return [(client, day[row, client].astype(np.int64), np.full(len(client), SKILL), count[row, client])]


def _diary(
    numbers: Events, first: NDArray[np.int32], last: NDArray[np.int32], rng: np.random.Generator
) -> Rows:
    days = int((last - first).max()) + 1
    written = rng.random((len(first), days)) < numbers.diary
    written &= np.arange(days) <= (last - first)[:, None]
    client, since = np.nonzero(written)
    kind = np.where(rng.random(len(client)) < numbers.back_filled, DIARY_LATE, DIARY)
    return [(client, first[client] + since, kind, np.ones(len(client), np.int64))]
