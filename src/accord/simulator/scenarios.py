"""The simulated programmes, by name: which numbers each of them changes, and what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from types import MappingProxyType

from accord.simulator.parameters import (
    Alliance,
    Events,
    Forms,
    Leaving,
    Origin,
    Outcome,
    Parameters,
    Role,
    Ruptures,
    Schedule,
)


class Channel(StrEnum):
    """What is recorded beside the client's alliance rating."""

    PROBE = "probe"
    URGE = "urge"
    ATTENDANCE = "attendance"
    CLINICIAN = "clinician"
    OUTCOME = "outcome"
    EVENTS = "events"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One simulated programme. `decimals`: of the followed score; `clients`, `sessions`: unless asked for."""

    id: str
    shows: str
    parameters: Parameters
    instrument: str = "WAI-SR"
    decimals: int = 0
    channels: tuple[Channel, ...] = ()
    clients: int = 100
    sessions: int = 40
    because: str = ""  # why its numbers are as they are, where that is not plain


STEADY_ONSET = Ruptures(onset=(0.05, 0.05))
YEAR = Leaving(by_quarter=(0.12, 0.07, 0.06, 0.05))
NO_EFFECT = Leaving(by_quarter=YEAR.by_quarter, hazard_ratio=1.0)
MISSING = Forms(missing=(0.15, 0.30))
HOLIDAYS = ((8, 1, 3), (12, 20, 2))  # August and the turn of the year

OUTPATIENT_ROLES = (
    Role("individual", clients_each=12.5),
    Role("group", share=0.8, clients_each=40, begins_weeks=2, attendance=0.78, rated_by_clinician=False),
    Role("psychiatry", share=0.35, clients_each=20, every_weeks=4, begins_weeks=1, attendance=0.88),
)
RESIDENTIAL_ROLES = (
    Role("individual", clients_each=5, daily_weight=0.25),
    Role("key worker", clients_each=5, daily_weight=0.35),
    Role("group", clients_each=10, daily_weight=0.25),
    Role("group", clients_each=20, daily_weight=0.15),
)

CLEAR_OF_THE_ENDS = Alliance(mean=3.0, client_sd=0.45)
TEXTBOOK = Parameters(alliance=CLEAR_OF_THE_ENDS, ruptures=STEADY_ONSET)

_ALL = (
    Scenario(
        "textbook",
        "One rating a week, never missing, far from the ends of the scale: what any method can do at best.",
        TEXTBOOK,
        because="Clients are in the middle of the scale and closer together than real ones (design "
        "judgement), so that next to no rating meets its ends.",
    ),
    Scenario(
        "ceiling",
        "Between 20 and 30 % of ratings are perfect, so that much of what happens stays hidden.",
        replace(TEXTBOOK, alliance=Alliance(mean=4.20)),
        instrument="SRS",
        decimals=1,
        because=f"The mean was {Origin.SIMULATED}: 20-30 % are perfect over 10 to 60 sessions.",
    ),
    Scenario(
        "gradual",
        "Ruptures build up over several sessions and repair slowly.",
        replace(
            TEXTBOOK,
            ruptures=replace(
                STEADY_ONSET, onset=(0.03, 0.03), shortest=4, mean_length=6, build=4, recovery=4
            ),
        ),
    ),
    Scenario(
        "heavy-tails",
        "Now and then a calm rating is far off, so that a single low rating means less.",
        replace(TEXTBOOK, alliance=replace(CLEAR_OF_THE_ENDS, noise_df=3.0)),
    ),
    Scenario(
        "irregular",
        "Contacts are unevenly spaced, with weeks left out and holidays.",
        replace(TEXTBOOK, schedule=Schedule(skip=0.25, moved=0.2, holidays=HOLIDAYS)),
    ),
    Scenario(
        "few-sessions",
        "Four to ten sessions per client: the own level is hardly known.",
        replace(TEXTBOOK, schedule=Schedule(count=(4, 10))),
        sessions=10,
    ),
    Scenario(
        "missing",
        "Forms are missing in 15-30 % of sessions, twice as often after a rupture and before leaving.",
        replace(TEXTBOOK, forms=MISSING, leaving=YEAR),
    ),
    Scenario(
        "channels",
        "Beside the rating: a rupture probe, the urge to quit, attendance and the clinician's rating.",
        replace(TEXTBOOK, leaving=YEAR),
        channels=(Channel.PROBE, Channel.URGE, Channel.ATTENDANCE, Channel.CLINICIAN),
    ),
    Scenario(
        "null",
        "No ruptures, and alliance has no effect on leaving, symptoms or acts: whatever is found is false.",
        Parameters(
            alliance=CLEAR_OF_THE_ENDS,
            ruptures=Ruptures(onset=(0.0, 0.0)),
            leaving=NO_EFFECT,
            outcome=Outcome(between=0.0, within=0.0),
            events=Events(act_ratio=1.0, attempt_ratio=1.0, skill_ratio=1.0),
        ),
        channels=(Channel.OUTCOME, Channel.EVENTS),
    ),
    Scenario(
        "residential",
        "Stays of 30-90 days with two to four contacts a day, spread over two people and two groups.",
        Parameters(
            ruptures=Ruptures(onset=(0.02, 0.06)),
            schedule=Schedule(
                RESIDENTIAL_ROLES,
                clients_per_team=20,
                intake_weeks=26,
                stay_days=(30, 90),
                daily_contacts=(2, 4),
            ),
            forms=MISSING,
            leaving=Leaving(by_quarter=(0.34,), quarter_days=60),
        ),
        instrument="session-checkin",
        channels=(Channel.EVENTS,),
        clients=60,
        sessions=60,
    ),
    Scenario(
        "programme",
        "An outpatient programme's year: therapists, skills groups, psychiatrists, as untidy as real ones.",
        Parameters(
            alliance=Alliance(top_share=0.15),
            ruptures=Ruptures(scar=0.2),
            schedule=Schedule(
                OUTPATIENT_ROLES,
                teams=2,
                clients_per_team=50,
                skip=0.05,
                moved=0.05,
                holidays=HOLIDAYS,
                intake_weeks=26,
                ends_with_record=True,
            ),
            forms=Forms(missing=(0.03, 0.12)),
            leaving=YEAR,
        ),
        instrument="session-checkin",
        channels=(Channel.ATTENDANCE, Channel.CLINICIAN, Channel.OUTCOME, Channel.EVENTS),
        clients=101,
        sessions=52,
        because="Forms about missed contacts come on top of those just not filled: together 15-30 %.",
    ),
)

SCENARIOS: Mapping[str, Scenario] = MappingProxyType({scenario.id: scenario for scenario in _ALL})


def with_channel_strength(scenario: Scenario, strength: float) -> Scenario:
    """The same scenario with what a rupture does to every channel beside the client's rating scaled: 1 as
    is, 0 nothing. The draws stay the same, so that results can be compared one by one."""
    parts = scenario.parameters
    scaled = replace(
        parts,
        forms=replace(parts.forms, strength=strength),
        clinician=replace(parts.clinician, strength=strength),
        probe=replace(parts.probe, strength=strength),
        urge=replace(parts.urge, strength=strength),
        attendance=replace(parts.attendance, strength=strength),
    )
    return replace(scenario, parameters=scaled)
