"""Which forms a scenario has, and what is written on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from accord.arrays import Bools, Floats
from accord.errors import InputError
from accord.records.ratings import Instrument, Rater
from accord.simulator import answers, dropout, outcome
from accord.simulator.columns import Series
from accord.simulator.dropout import Ends
from accord.simulator.layout import Layout
from accord.simulator.scenarios import Channel, Scenario
from accord.simulator.schedule import Grid
from accord.simulator.streams import Purpose, stream

CHECKIN, CHECKIN_CLINICIAN = "session-checkin", "session-checkin-clinician"
PROBE, URGE, ATTENDANCE, SYMPTOMS = "rupture-probe", "urge-to-quit", "attendance", "BSL-23"


class Programme(NamedTuple):
    """A simulated programme before anybody wrote anything down. Arrays are sessions x relationships."""

    scenario: Scenario
    layout: Layout
    grid: Grid
    truth: answers.Truth
    trend: Floats  # the own course less its first value, without what ruptures left behind
    felt: Floats  # the client's true alliance on the 1-5 mean
    ends: Ends

    @property
    def within(self) -> Floats:
        """True alliance around the own course, in within-SD."""
        return (self.felt - self.truth.course) / self.scenario.parameters.alliance.within_sd


class Absences(NamedTuple):
    missed: Bools  # contacts
    client: Bools  # the client's forms, those about missed contacts included
    clinician: Bools


def needed_instruments(scenario: Scenario, instruments: Mapping[str, Instrument]) -> dict[str, Instrument]:
    """The scenario's instruments by id as written here. InputError where one was not given."""
    ids = [scenario.instrument]
    extra = {
        Channel.PROBE: PROBE,
        Channel.URGE: URGE,
        Channel.ATTENDANCE: ATTENDANCE,
        Channel.OUTCOME: SYMPTOMS,
        Channel.CLINICIAN: CHECKIN_CLINICIAN if scenario.instrument == CHECKIN else scenario.instrument,
    }
    ids += [extra[channel] for channel in scenario.channels if channel in extra]
    missing = [name for name in ids if name.casefold() not in instruments]
    if missing:
        raise InputError(f"the instruments {', '.join(missing)}", column="instruments")
    return {name: instruments[name.casefold()] for name in ids}


def written_forms(programme: Programme, forms: Mapping[str, Instrument], seed: int) -> list[Series]:
    """Every series of the scenario; the first is the followed one, the client's alliance rating."""
    absences = _absences(programme, seed)
    followed = forms[programme.scenario.instrument]
    writers = {
        Channel.PROBE: lambda: _probe(programme, forms[PROBE], absences, seed),
        Channel.URGE: lambda: _urge(programme, forms[URGE], absences, seed),
        Channel.ATTENDANCE: lambda: _attendance(programme, forms[ATTENDANCE], absences),
        Channel.CLINICIAN: lambda: _clinician(programme, forms, absences, seed),
        Channel.OUTCOME: lambda: _symptoms(programme, forms[SYMPTOMS], absences, seed),
    }
    first = _client(programme, followed, absences, seed)
    return [first, *(writers[channel]() for channel in programme.scenario.channels if channel in writers)]


def _absences(programme: Programme, seed: int) -> Absences:
    numbers, layout, ends = programme.scenario.parameters, programme.layout, programme.ends
    episodes = programme.truth.episodes
    missed = np.zeros(programme.felt.shape, np.bool_)
    if Channel.ATTENDANCE in programme.scenario.channels:
        rng = stream(seed, Purpose.ATTENDANCE)
        missed = dropout.missed_contacts(
            numbers.attendance, numbers.schedule.roles, layout, episodes, ends, rng
        )
    client = missed
    if numbers.forms.missing[1] > 0:
        client = missed | dropout.missing_forms(
            numbers.forms, layout, episodes, ends, stream(seed, Purpose.MISSING)
        )
    clinician = missed
    if Channel.CLINICIAN in programme.scenario.channels:
        drawn = stream(seed, Purpose.CLINICIAN_MISSING).random(missed.shape)
        clinician = missed | (drawn < numbers.forms.clinician_missing)
    return Absences(missed, client, clinician)


def _client(programme: Programme, instrument: Instrument, absences: Absences, seed: int) -> Series:
    numbers, rng = programme.scenario.parameters, stream(seed, Purpose.NOISE)
    noise_sd = numbers.alliance.part_sd(numbers.alliance.noise_share)
    if programme.scenario.instrument != CHECKIN:
        score = answers.single_score(
            programme.felt, noise_sd, numbers.alliance.noise_df, instrument, programme.scenario.decimals, rng
        )
        return _series(programme, instrument, Rater.CLIENT, absences.client, score)
    items = answers.checkin_answers(programme.felt, noise_sd, numbers.checkin, instrument, rng)
    episodes, near = programme.truth.episodes, programme.ends.near
    items[..., answers.TENSION], items[..., answers.SETTLED] = answers.tension_answers(
        numbers.probe, episodes.in_rupture, stream(seed, Purpose.PROBE)
    )
    items[..., answers.URGE_ITEM] = answers.urge_answers(
        numbers.urge, programme.layout, episodes.depth, near, stream(seed, Purpose.URGE)
    )
    return _checkin(programme, instrument, Rater.CLIENT, absences.client, items)


def _clinician(
    programme: Programme, forms: Mapping[str, Instrument], absences: Absences, seed: int
) -> Series:
    """The clinician's form; item 8 guesses the client's urge and sees noticed ruptures only."""
    numbers, rng = programme.scenario.parameters, stream(seed, Purpose.CLINICIAN)
    episodes = programme.truth.episodes
    felt = answers.felt_by_clinician(
        numbers.alliance,
        numbers.clinician,
        programme.layout,
        programme.grid,
        programme.truth,
        programme.trend,
        rng,
    )
    noise_sd = numbers.alliance.part_sd(numbers.clinician.noise_share)
    if programme.scenario.instrument != CHECKIN:
        instrument = forms[programme.scenario.instrument]
        score = answers.single_score(felt, noise_sd, np.inf, instrument, programme.scenario.decimals, rng)
        return _series(programme, instrument, Rater.CLINICIAN, absences.clinician, score)
    items = answers.checkin_answers(felt, noise_sd, numbers.checkin, forms[CHECKIN_CLINICIAN], rng)
    draws = stream(seed, Purpose.CLINICIAN_PROBE)
    items[..., answers.TENSION], items[..., answers.SETTLED] = answers.tension_answers(
        numbers.probe, episodes.noticed, draws
    )
    seen, unseen = episodes.depth * episodes.noticed, np.zeros_like(programme.ends.near)
    items[..., answers.URGE_ITEM] = answers.urge_answers(numbers.urge, programme.layout, seen, unseen, draws)
    rated = np.array([role.rated_by_clinician for role in numbers.schedule.roles])[programme.layout.role]
    return _checkin(programme, forms[CHECKIN_CLINICIAN], Rater.CLINICIAN, absences.clinician, items, rated)


def _probe(programme: Programme, instrument: Instrument, absences: Absences, seed: int) -> Series:
    in_rupture = programme.truth.episodes.in_rupture
    draws = stream(seed, Purpose.PROBE)
    score = answers.probe_answers(programme.scenario.parameters.probe, in_rupture, draws)
    return _series(programme, instrument, Rater.CLIENT, absences.client, score)


def _urge(programme: Programme, instrument: Instrument, absences: Absences, seed: int) -> Series:
    score = answers.urge_answers(
        programme.scenario.parameters.urge,
        programme.layout,
        programme.truth.episodes.depth,
        programme.ends.near,
        stream(seed, Purpose.URGE),
    )
    return _series(programme, instrument, Rater.CLIENT, absences.client, score)


def _attendance(programme: Programme, instrument: Instrument, absences: Absences) -> Series:
    came = (~absences.missed).astype(float)
    return Series(instrument, Rater.SYSTEM, programme.grid.present, came)


def _symptoms(programme: Programme, instrument: Instrument, absences: Absences, seed: int) -> Series:
    """Forms about symptoms, which the clinician whom every client has asks for."""
    numbers = programme.scenario.parameters.outcome
    score = outcome.symptoms(
        numbers,
        instrument,
        programme.truth.standardised_level,
        programme.within,
        programme.grid.weeks,
        stream(seed, Purpose.OUTCOME),
    )
    due = (np.arange(len(score)) % numbers.every == 0)[:, None] & (programme.layout.role == 0)
    series = _series(programme, instrument, Rater.CLIENT, absences.client, score)
    return Series(instrument, Rater.CLIENT, series.asked & due, series.score)


def _series(
    programme: Programme, instrument: Instrument, rater: Rater, absent: Bools, score: Floats
) -> Series:
    score[absent] = np.nan
    return Series(instrument, rater, programme.grid.present, score)


def _checkin(
    programme: Programme,
    instrument: Instrument,
    rater: Rater,
    absent: Bools,
    items: Floats,
    rated: Bools | None = None,
) -> Series:
    """`rated`: (relationships,), where anybody is asked at all."""
    items[absent] = np.nan
    scored = len(programme.scenario.parameters.checkin.offsets)
    asked = programme.grid.present if rated is None else programme.grid.present & rated
    return Series(instrument, rater, asked, items[..., :scored].sum(axis=-1), items)
