"""From the name of a scenario and a seed to a programme's ratings, and the truth beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from accord.errors import InputError
from accord.records.care import END_REASONS, EndReason, EpisodeTable, EventTable
from accord.records.ratings import NO_DAY, Instrument, Ratings
from accord.simulator import alliance, answers, columns, dropout, outcome
from accord.simulator.forms import Programme, needed_instruments, written_forms
from accord.simulator.layout import Staff, lay_out
from accord.simulator.ruptures import ruptures
from accord.simulator.scenarios import SCENARIOS, Channel, Scenario
from accord.simulator.schedule import plan
from accord.simulator.streams import Purpose, stream
from accord.simulator.truth import Truth

START = date(2025, 1, 6)
ONGOING, COMPLETED, LEFT = map(END_REASONS.index, (EndReason.ONGOING, EndReason.COMPLETED, EndReason.LEFT))


@dataclass(frozen=True, slots=True, eq=False)
class Engagements:
    """One row per relationship, ordered by client and clinician; codes as in the ratings."""

    client: NDArray[np.int32]
    clinician: NDArray[np.int32]
    first_day: NDArray[np.int32]  # days since 1970-01-01
    last_day: NDArray[np.int32]  # of the last contact in the record
    end: NDArray[np.int8]  # position in END_REASONS


@dataclass(frozen=True, slots=True, eq=False)
class Simulated:
    """A simulated programme. `staff` has the role and team of each clinician, in the order of their codes."""

    scenario: Scenario
    ratings: Ratings
    truth: Truth
    staff: tuple[Staff, ...]
    engagements: Engagements
    episodes: EpisodeTable
    events: EventTable | None


def simulate(
    scenario: str | Scenario,
    *,
    instruments: Mapping[str, Instrument],
    clients: int | None = None,
    sessions: int | None = None,
    seed: int = 0,
    start: date = START,
) -> Simulated:
    """Simulate a programme from the first Monday at or after `start`.

    `scenario` is an id of SCENARIOS or a scenario of one's own; `clients` and `sessions` are its own numbers
    if not given. `sessions` is the most that a relationship can have, and for programme the weeks of the
    record. `instruments` are found by id in lower case. The same arguments give the same columns.
    Raises InputError for an unknown scenario, a count below 1, a seed below 0 or an instrument not given.
    """
    chosen = scenario if isinstance(scenario, Scenario) else _known(scenario)
    clients = chosen.clients if clients is None else clients
    sessions = chosen.sessions if sessions is None else sessions
    _check(clients, sessions, seed)
    forms = needed_instruments(chosen, instruments)
    programme = _live(chosen, clients, sessions, seed, start)
    series = written_forms(programme, forms, seed)
    engagements = _engagements(programme)
    return Simulated(
        scenario=chosen,
        ratings=columns.ratings(programme.layout, programme.grid, series),
        truth=_truth(programme, forms[chosen.instrument], np.isnan(series[0].score)),
        staff=programme.layout.staff,
        engagements=engagements,
        episodes=_episodes(engagements, programme),
        events=_events(programme, seed),
    )


def _known(scenario_id: str) -> Scenario:
    if scenario_id not in SCENARIOS:
        raise InputError(f"one of {', '.join(SCENARIOS)}", column="scenario", found=scenario_id)
    return SCENARIOS[scenario_id]


def _check(clients: int, sessions: int, seed: int) -> None:
    for name, value, least in (("clients", clients, 1), ("sessions", sessions, 1), ("seed", seed, 0)):
        if value < least:
            raise InputError(f"a whole number of {least} or more", column=name, found=str(value))


def _live(scenario: Scenario, clients: int, sessions: int, seed: int, start: date) -> Programme:
    """Simulate what happens, before anybody writes anything down."""
    numbers = scenario.parameters
    layout = lay_out(numbers.schedule, clients, stream(seed, Purpose.PEOPLE))
    grid = plan(numbers.schedule, layout, sessions, start, stream(seed, Purpose.SCHEDULE))
    levels = alliance.levels(numbers.alliance, layout, stream(seed, Purpose.LEVEL))
    course = alliance.own_course(levels, grid)
    state = numbers.alliance.part_sd(numbers.alliance.state_share) * alliance.wandering(
        numbers.alliance.ar1, grid, stream(seed, Purpose.STATE)
    )
    episodes = ruptures(numbers.ruptures, (len(grid.day), len(layout)), stream(seed, Purpose.RUPTURE))
    trend = course - course[0]
    course -= episodes.scar * numbers.alliance.within_sd
    truth = answers.Truth(course, state, levels.standardised_level, episodes)
    felt = answers.felt_by_client(numbers.alliance, truth)
    ends = dropout.leave(numbers, layout, grid, felt, stream(seed, Purpose.LEAVING))
    return Programme(scenario, layout, ends.grid, truth, trend, felt, ends)


def _truth(programme: Programme, instrument: Instrument, missing: NDArray[np.bool_]) -> Truth:
    layout, grid, truth = programme.layout, programme.grid, programme.truth
    episodes = truth.episodes
    place = columns.rows_of(grid.present)
    session, relationship = place
    return Truth(
        clients=layout.clients,
        clinicians=tuple(staff.id for staff in layout.staff),
        client=layout.client[relationship],
        clinician=layout.clinician[relationship],
        session=(session + 1).astype(np.int32),
        day=grid.day[place],
        in_rupture=episodes.in_rupture[place].astype(np.int8),
        onset=episodes.onset[place].astype(np.int8),
        depth=episodes.depth[place],
        level=answers.in_units(truth.course[place], instrument),
        state=truth.state[place] * answers.unit(instrument),
        kind=episodes.kind[place],
        repaired=episodes.repaired[place].astype(np.int8),
        noticed=episodes.noticed[place].astype(np.int8),
        form_missing=missing[place].astype(np.int8),
        left=programme.ends.left[place].astype(np.int8),
        chances=programme.ends.chances,
    )


def _engagements(programme: Programme) -> Engagements:
    """Relationships that have at least one contact in the record."""
    layout, grid = programme.layout, programme.grid
    met = grid.present.any(axis=0)
    last = np.where(grid.present, grid.day, np.iinfo(np.int32).min).max(axis=0)
    schedule = programme.scenario.parameters.schedule
    planned = COMPLETED if schedule.stay_days or schedule.count else ONGOING
    end = np.where(programme.ends.gone[layout.client], LEFT, planned).astype(np.int8)
    return Engagements(layout.client[met], layout.clinician[met], grid.day[0, met], last[met], end[met])


def _episodes(engagements: Engagements, programme: Programme) -> EpisodeTable:
    """One for each client, from the first contact to the last; the one arm is named by the scenario."""
    clients, client = np.unique(engagements.client, return_inverse=True)
    start, end = np.full(len(clients), np.iinfo(np.int32).max), np.full(len(clients), NO_DAY)
    np.minimum.at(start, client, engagements.first_day)
    np.maximum.at(end, client, engagements.last_day)
    reason = np.zeros(len(clients), np.int8)
    reason[client] = engagements.end  # the same in all relationships of a client
    return EpisodeTable(
        clients=programme.layout.clients,
        arms=(programme.scenario.id,),
        client=clients.astype(np.int32),
        start=start.astype(np.int32),
        end=np.where(reason == ONGOING, NO_DAY, end).astype(np.int32),
        end_reason=reason,
        arm=np.zeros(len(clients), np.int16),
        line=np.arange(columns.FIRST_LINE, columns.FIRST_LINE + len(clients), dtype=np.int64),
    )


def _events(programme: Programme, seed: int) -> EventTable | None:
    if Channel.EVENTS not in programme.scenario.channels:
        return None
    numbers = programme.scenario.parameters.events
    return outcome.events(numbers, programme.layout, programme.grid, programme.within, seed)
