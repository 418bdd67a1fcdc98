"""One relationship's course, ready to be drawn: each session's place on the axis, stretches and episodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from math import inf

from accord.figures.scale import finite
from accord.records.ratings import Finding, Instrument, State
from accord.records.usual_range import usual_range

# A pause longer than both stops the line, because nobody knows what was between; who meets once a month
# pauses longer without missing anything.
BREAK_DAYS, BREAK_STEPS = 28, 2.0  # days; times the usual distance of two sessions
WEEK = 7
IN_EPISODE = (State.RUPTURE, State.WORSE)


@dataclass(frozen=True, slots=True)
class Timeline:
    """Content of one figure. Findings oldest first, in the instrument's own units."""

    title: str
    instrument: Instrument
    findings: tuple[Finding, ...]
    today: date


@dataclass(frozen=True, slots=True)
class Place:
    """A finding and its place on the axis: `at` is an ordinal day or a session number."""

    finding: Finding
    at: float
    band: tuple[float, float] | None = None  # where four of five of the ratings before it fall


@dataclass(frozen=True, slots=True)
class Episode:
    """Neighbouring findings in one rupture, or worse than the own course; `open` if it reaches the last."""

    places: tuple[Place, ...]
    open: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table beside the figure: words and numbers as shown, empty where not known."""

    session: int
    day: date | None
    words: str
    rating: str = ""
    level: str = ""
    band: str = ""
    p_rupture: str = ""
    state: str = ""
    mark: str = ""  # what other lanes say of the same session

    def with_marks(self, words: Sequence[str]) -> Row:
        """The same line with the words of other lanes about its session."""
        return replace(self, mark="; ".join(words))


def clean(finding: Finding) -> Finding:
    """The same finding with None for every number that is NaN or infinite."""
    return replace(
        finding,
        rating=finite(finding.rating), level=finite(finding.level), level_low=finite(finding.level_low),
        level_high=finite(finding.level_high), surprise=finite(finding.surprise),
        p_rupture=finite(finding.p_rupture), difference=finite(finding.difference),
    )  # fmt: skip


def by_day(findings: tuple[Finding, ...]) -> bool:
    """Dates are the axis unless they are missing, fall, or mostly share a day."""
    days = [finding.day for finding in findings if finding.day is not None]
    steps = sorted((later - earlier).days for earlier, later in pairwise(days))
    return bool(days) and (not steps or (steps[0] >= 0 and steps[len(steps) // 2] > 0))


def places(series: Timeline) -> list[Place]:
    """Each finding with its place; sessions without a date lie between their dated neighbours."""
    findings = tuple(clean(finding) for finding in series.findings)
    if not by_day(findings):
        at = [float(finding.session) for finding in findings]
    else:
        known = _known_days(findings)
        at = [_day_of(finding, known) for finding in findings]
    return list(map(Place, findings, at, usual_ranges(findings)))


def usual_ranges(findings: tuple[Finding, ...]) -> Iterator[tuple[float, float] | None]:
    """For each session the usual range by the ratings before it."""
    ratings: list[float] = []
    for finding in findings:
        yield usual_range(ratings) if finding.level is not None else None
        if finding.rating is not None:
            ratings.append(finding.rating)


def place_at(session: int, day: date | None, series: Timeline) -> float:
    """Place of a session and day on the same axis."""
    if not by_day(series.findings):
        return float(session)
    if day is not None:
        return float(day.toordinal())
    return _between(session, _known_days(series.findings))


def longest_step(series: Timeline) -> float:
    """How far two neighbours may be apart, in units of `Place.at`, and still be joined."""
    if not by_day(series.findings):
        return inf
    days = [finding.day for finding in series.findings if finding.day is not None]
    steps = sorted((later - earlier).days for earlier, later in pairwise(days))
    usual = steps[len(steps) // 2] if steps else 0
    return max(BREAK_DAYS, BREAK_STEPS * usual)


def runs(course: list[Place], wanted: Callable[[Place], bool], step: float) -> list[list[Place]]:
    """Neighbours that may be joined by a line. A session without the value leaves a number out, and like a
    long pause that ends a run: gaps are never bridged."""
    stretches: list[list[Place]] = []
    for place in filter(wanted, course):
        if not stretches or _apart(stretches[-1][-1], place, step):
            stretches.append([])
        stretches[-1].append(place)
    return stretches


def episodes(course: list[Place]) -> list[Episode]:
    """Stretches in which every finding says rupture (or worse than own course)."""
    stretches: list[list[Place]] = []
    inside = False
    for place in course:
        now = place.finding.state in IN_EPISODE
        if now and not inside:
            stretches.append([])
        if now:
            stretches[-1].append(place)
        inside = now
    return [Episode(tuple(stretch), bool(course) and stretch[-1] is course[-1]) for stretch in stretches]


def _known_days(findings: tuple[Finding, ...]) -> list[tuple[int, int]]:
    """Session numbers and ordinal days, where the day is known."""
    return [(finding.session, finding.day.toordinal()) for finding in findings if finding.day]


def _apart(before: Place, after: Place, step: float) -> bool:
    skipped = after.finding.session - before.finding.session > 1
    return skipped or after.at - before.at > step


def _day_of(finding: Finding, known: list[tuple[int, int]]) -> float:
    return float(finding.day.toordinal()) if finding.day else _between(finding.session, known)


def _between(session: int, known: list[tuple[int, int]]) -> float:
    """The day a session would have: between its neighbours, or a week a session beyond the ends."""
    earlier = max((pair for pair in known if pair[0] <= session), default=None)
    later = min((pair for pair in known if pair[0] > session), default=None)
    if earlier is None and later is None:
        return float(session)
    if earlier is None:
        first = min(known)
        return float(first[1] - WEEK * (first[0] - session))
    if later is None:
        return float(earlier[1] + WEEK * (session - earlier[0]))
    share = (session - earlier[0]) / (later[0] - earlier[0])
    return earlier[1] + share * (later[1] - earlier[1])
