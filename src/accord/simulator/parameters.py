"""Every number of the simulator: named, with its unit and where it comes from.

Alliance is simulated on the 1-5 mean scale and only then written in an instrument's own units, so that one
set of numbers serves every instrument. "SD" without more is the SD of a single session's rating over clients.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

T = TypeVar("T")

SCALE_LOW, SCALE_HIGH = 1.0, 5.0  # the scale on which alliance is simulated


class Origin(StrEnum):
    """Where a number comes from."""

    PUBLISHED = "published"
    SIMULATED = "simulated for this project"
    JUDGEMENT = "design judgement"


def number(default: T, unit: str, about: str, origin: Origin = Origin.JUDGEMENT) -> T:
    """A dataclass field that carries its own documentation."""
    return field(default=default, metadata={"unit": unit, "about": about, "origin": origin})


@dataclass(frozen=True, slots=True)
class Alliance:
    """The client's alliance without ruptures: level, trend, session-to-session state, noise of the form."""

    mean: float = number(3.7, "1-5 mean", "mean alliance at the first session")
    client_sd: float = number(0.6, "1-5 mean", "SD between clients; fixes the size of every share below")
    client_share: float = number(0.60, "share of variance", "what differs between clients")
    clinician_share: float = number(
        0.06, "share of variance", "what differs between clinicians (.03-.09 assumed)"
    )
    state_share: float = number(0.15, "share of variance", "true change from session to session")
    noise_share: float = number(0.19, "share of variance", "error of the form (.15-.20)")
    relationship_share: float = number(
        0.5,
        "share of the client's variance",
        "the part of its own in each of a client's several relationships",
    )
    ar1: float = number(0.3, "correlation over 7 days", "how much of the state is left a week later (.2-.5)")
    trend: float = number(0.125, "SD per log(week)", "mean slope; the first session is week 1 (.10-.15)")
    falling_share: float = number(0.275, "share of clients", "whose slope is flat or falling (.25-.30)")
    noise_df: float = number(math.inf, "degrees of freedom", "of the noise, a scaled t; infinite is normal")
    top_share: float = number(0.0, "share of clients", "who rate near the top from the start")
    top_shift: float = number(2.0, "client SD", "how much higher those clients rate")

    @property
    def sd(self) -> float:
        """SD of a single session's rating over clients, on the 1-5 mean."""
        return self.client_sd / math.sqrt(self.client_share)

    @property
    def within_sd(self) -> float:
        """SD of ratings around the own course, on the 1-5 mean: the unit of a rupture's depth."""
        return self.sd * math.sqrt(self.state_share + self.noise_share)

    def part_sd(self, share: float) -> float:
        """SD on the 1-5 mean of a part that makes up `share` of the variance."""
        return self.sd * math.sqrt(share)


@dataclass(frozen=True, slots=True)
class Ruptures:
    """Episodes in which alliance sits below the own course."""

    onset: tuple[float, float] = number(
        (0.04, 0.10), "chance per session", "of a new rupture; each relationship has its own"
    )
    first_session: int = number(2, "session", "the first in which a rupture can begin")
    shortest: int = number(1, "sessions", "least length")
    mean_length: float = number(2.5, "sessions", "mean length; beyond the least length it is geometric (1-4)")
    depth: tuple[float, float] = number(
        (1.0, 2.0), "within-SD", "how far below the own course; each rupture has its own"
    )
    build: float = number(1.0, "sessions", "until the full depth is reached")
    recovery: float = number(1.0, "sessions", "until the ratings are back once the rupture has ended")
    withdrawal: float = number(
        2 / 3, "share of ruptures", "in which the client withdraws; the others confront"
    )
    repaired: float = number(0.6, "share of ruptures", "that are repaired")
    scar: float = number(
        0.0, "share of the depth", "that stays in the own level after a rupture left unrepaired"
    )
    noticed: float = number(0.45, "share of ruptures", "that the clinician notices")

    @property
    def exit(self) -> float:
        """Chance per session that a rupture of at least the least length ends."""
        return 1.0 / (self.mean_length - self.shortest + 1.0)


@dataclass(frozen=True, slots=True)
class Role:
    """One kind of relationship in a programme."""

    name: str = number(
        "individual", "", "what the clinician is to the client: individual, group, psychiatry, key worker"
    )
    share: float = number(1.0, "share of clients", "who have such a relationship")
    clients_each: float = number(10.0, "clients", "per clinician (or group with its leader)")
    every_weeks: int = number(1, "weeks", "between contacts")
    begins_weeks: int = number(0, "weeks", "after the client's first contact")
    attendance: float = number(0.85, "share of contacts", "attended while calm (individual .80-.85 over all)")
    daily_weight: float = number(1.0, "weight", "share of a residential day's contacts")
    rated_by_clinician: bool = number(True, "", "the clinician rates the relationship too")


@dataclass(frozen=True, slots=True)
class Schedule:
    """When contacts take place, and with whom. Weeks are whole, so holidays keep everybody's weekday."""

    roles: tuple[Role, ...] = number((Role(),), "", "kinds of relationship; the first one every client has")
    teams: int = number(1, "teams", "at least")
    clients_per_team: float = number(100.0, "clients", "beyond which there is one more team")
    skip: float = number(0.0, "chance per week", "that no contact takes place, for no reason in the record")
    moved: float = number(0.0, "chance per contact", "that it falls on another weekday")
    holidays: tuple[tuple[int, int, int], ...] = number((), "month, day, weeks", "closed from that date on")
    count: tuple[int, int] | None = number(
        None, "sessions", "fewest and most per client; none: as many as asked for"
    )
    intake_weeks: int = number(0, "weeks", "over which clients begin, at most half of the record")
    ends_with_record: bool = number(
        False, "", "the record closes as many weeks after its start as sessions asked for"
    )
    stay_days: tuple[int, int] | None = number(None, "days", "shortest and longest residential stay")
    daily_contacts: tuple[int, int] = number((2, 4), "contacts per day", "fewest and most in residence")


@dataclass(frozen=True, slots=True)
class Forms:
    """Forms that are not filled."""

    missing: tuple[float, float] = number(
        (0.0, 0.0), "chance per session", "that the client's form is missing; each client has an own"
    )
    factor: float = number(
        2.0, "times", "as often after a session in rupture and in the last sessions before leaving"
    )
    before_leaving: int = number(3, "sessions", "before leaving in which forms are missing more often")
    clinician_missing: float = number(0.10, "chance per session", "that the clinician's form is missing")
    strength: float = number(
        1.0, "factor", "scales what rupture and leaving do to missing forms; 0 is nothing"
    )


@dataclass(frozen=True, slots=True)
class Leaving:
    """Leaving treatment before its planned end."""

    by_quarter: tuple[float, ...] = number(
        (),
        "chance per quarter, given still in",
        "the last holds on; none: nobody leaves (12/7/6/5 % in a year)",
    )
    quarter_days: int = number(91, "days", "length of a quarter")
    hazard_ratio: float = number(
        1.6, "times per -1 SD", "the hazard when true alliance is lower; 1 is no effect"
    )


@dataclass(frozen=True, slots=True)
class ClinicianRating:
    """The clinician's rating of the same relationship."""

    correlation: float = number(
        0.36, "correlation", "with the client's rating of a session", Origin.PUBLISHED
    )
    shift: float = number(-0.46, "SD", "mean difference from the client's rating", Origin.PUBLISHED)
    clinician_share: float = number(0.30, "share of variance", "the clinician's own way of rating (assumed)")
    relationship_share: float = number(
        0.40, "share of variance", "what differs between that clinician's clients"
    )
    state_share: float = number(0.12, "share of variance", "true change from session to session")
    noise_share: float = number(0.18, "share of variance", "error of the form")
    strength: float = number(
        1.0, "factor", "scales the fall of the rating in a rupture the clinician notices"
    )


@dataclass(frozen=True, slots=True)
class Probe:
    """The client's answer to the rupture probe."""

    rupture: float = number(0.25, "chance per session", "of a yes (in the check-in: a lot) in a rupture")
    calm: float = number(0.03, "chance per session", "of a yes while calm")
    little_rupture: float = number(0.30, "chance per session", "of the check-in's a little in a rupture")
    little_calm: float = number(0.08, "chance per session", "of the check-in's a little while calm")
    settled: float = number(0.6, "chance", "that reported tension is settled by the end of that session")
    partly: float = number(0.25, "chance", "that it is partly settled by then")
    strength: float = number(1.0, "factor", "scales the difference between rupture and calm")


@dataclass(frozen=True, slots=True)
class Urge:
    """The client's urge to quit therapy, 0-5."""

    mean: float = number(0.4, "points", "mean while calm, before rounding and the ends of the scale")
    client_sd: float = number(0.7, "points", "between clients")
    noise_sd: float = number(0.8, "points", "from session to session")
    per_depth: float = number(0.9, "points per within-SD", "higher in a rupture")
    leaving: float = number(0.8, "points", "higher in the last sessions before leaving")
    strength: float = number(1.0, "factor", "scales what rupture and leaving add")


@dataclass(frozen=True, slots=True)
class Attendance:
    """Missed contacts; how often contacts are attended while calm is a number of each role."""

    factor: float = number(
        2.0, "times", "as often missed in a rupture and in the last sessions before leaving"
    )
    strength: float = number(1.0, "factor", "scales what rupture and leaving add")


@dataclass(frozen=True, slots=True)
class Outcome:
    """BSL-23: parameters are sums (0-92), written forms are means (0-4)."""

    every: int = number(4, "sessions", "between two forms")
    start: float = number(56.0, "sum", "mean at the start", Origin.PUBLISHED)
    start_sd: float = number(16.5, "sum", "SD at the start", Origin.PUBLISHED)
    later: float = number(34.0, "sum", "mean at `weeks` and after", Origin.PUBLISHED)
    later_sd: float = number(18.7, "sum", "SD at `weeks` and after", Origin.PUBLISHED)
    weeks: float = number(20.0, "weeks", "from the first mean to the second", Origin.PUBLISHED)
    noise_share: float = number(0.10, "share of variance", "error of the form at the start")
    between: float = number(-0.25, "correlation", "with the client's own level of alliance")
    within: float = number(-0.10, "SD per within-SD", "change with the alliance of the session before")


@dataclass(frozen=True, slots=True)
class Events:
    """Self-injury, attempts, skills and the diary, dated; acts over 28 days are negative binomial."""

    active: float = number(0.60, "share of clients", "with self-injury at intake")
    monthly: tuple[float, float] = number(
        (4.0, 8.0), "acts per 28 days", "at intake in those; each client has an own rate"
    )
    size: tuple[float, float] = number(
        (0.15, 0.40), "negative binomial k", "of the counts over 28 days; each client has an own k"
    )
    halving_weeks: float = number(16.0, "weeks", "in which the rate of acts halves")
    act_ratio: float = number(
        0.9, "times per +1 within-SD", "the rate when alliance is higher; 1 is no effect"
    )
    attempts: float = number(
        0.055, "chance per year", "of an attempt, clients not selected for attempts (.03-.08)"
    )
    attempt_ratio: float = number(
        0.8, "times per +1 within-SD", "the hazard when alliance is higher; 1 is no effect"
    )
    skills: tuple[float, float] = number(
        (2.0, 8.0), "uses of skills per 7 days", "reported uses; each client has a rate of their own"
    )
    skill_ratio: float = number(
        1.1, "times per +1 within-SD", "the rate when alliance is higher; acts do not depend on skills"
    )
    diary: float = number(0.60, "share of days", "with a diary entry")
    back_filled: float = number(0.20, "share of entries", "written later than their day")


@dataclass(frozen=True, slots=True)
class CheckInForm:
    """The items of the project's own session check-in."""

    offsets: tuple[float, ...] = number(
        (0.2, 0.1, 0.1, -0.1, -0.3),
        "points of 1-7",
        "how items 1-5 differ from their mean: goal, task, bond, trust, room",
    )


@dataclass(frozen=True, slots=True)
class Parameters:
    """All parts of a simulated programme."""

    alliance: Alliance = Alliance()
    ruptures: Ruptures = Ruptures()
    schedule: Schedule = Schedule()
    forms: Forms = Forms()
    leaving: Leaving = Leaving()
    clinician: ClinicianRating = ClinicianRating()
    probe: Probe = Probe()
    urge: Urge = Urge()
    attendance: Attendance = Attendance()
    outcome: Outcome = Outcome()
    events: Events = Events()
    checkin: CheckInForm = CheckInForm()
