"""Pure rules from findings and check-ins to the flags that should exist.

An episode is a run of sessions in one state. The episode a relationship is in now is flagged. An earlier one
is flagged only when it began in a form filled here after the last assessment: an imported year of ratings
does not bring a year of flags; what lies behind is in the course picture.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from accord.clinic.facts.statements import VERSION, statement_keys
from accord.clinic.models import CheckIn, Flag
from accord.clinic.monitoring.findings import to_json
from accord.records.ratings import Finding, State

KIND_OF = {
    State.RUPTURE: Flag.Kind.RUPTURE,
    State.WORSE: Flag.Kind.WORSE,
    State.STRAIN: Flag.Kind.STRAIN,
    State.DIP: Flag.Kind.DIP,
}


@dataclass(frozen=True)
class Episode:
    """A run of sessions in one state; `sessions` is ascending, and the flag belongs to its first."""

    kind: str
    sessions: tuple[int, ...]
    finding: dict[str, Any] | None  # that it began with; None where that was assessed before
    method_version: str
    is_open: bool


def episodes(
    findings: Sequence[Finding],
    instrument: str,
    method_version: str,
    carried: Mapping[str, int] | None = None,
) -> list[Episode]:
    """Every run of a flagged state. Sessions without a rating neither end a run nor begin one.

    `carried`: kind -> first session of a run that was open before these findings.
    """
    rated = [finding for finding in findings if finding.state is not State.NO_RATING]
    runs = []
    for kind, flagged in _kinds().items():
        first = (carried or {}).get(kind)
        for run in _runs(rated, flagged, first):
            sessions = tuple(part if isinstance(part, int) else part.session for part in run)
            begin = run[0]
            begun_with = None if isinstance(begin, int) else {**to_json(begin), "instrument": instrument}
            is_open = run[-1] is rated[-1] if rated else True
            runs.append(Episode(kind, sessions, begun_with, method_version, is_open))
    return runs


def _kinds() -> dict[str, Callable[[Finding], bool]]:
    of_state: dict[str, Callable[[Finding], bool]] = {
        kind: lambda finding, state=state: finding.state is state  # type: ignore[misc]
        for state, kind in KIND_OF.items()
    }
    return {**of_state, Flag.Kind.LOW_START: lambda finding: finding.low_start}


def _runs(
    rated: Sequence[Finding], flagged: Callable[[Finding], bool], carried: int | None
) -> list[list[Finding | int]]:
    runs: list[list[Finding | int]] = [] if carried is None else [[carried]]
    inside = carried is not None
    for finding in rated:
        if flagged(finding):
            runs.append([finding]) if not inside else runs[-1].append(finding)
        inside = flagged(finding)
    return runs


def open_runs(runs: Sequence[Episode]) -> dict[str, int]:
    """Kind -> first session of the run that is open at the end."""
    return {str(episode.kind): episode.sessions[0] for episode in runs if episode.is_open}


def statement_episodes(checkins: Sequence[CheckIn]) -> list[Episode]:
    """Episodes of clients' own statements, one per session; open if it is the latest session they filled in.

    Superseded check-ins count too: changing an answer does not unsay it.
    """
    keys_by_session: dict[int, list[str]] = {}
    for checkin in sorted(checkins, key=lambda checkin: checkin.contact.session):
        keys_by_session.setdefault(checkin.contact.session, []).extend(statement_keys(checkin))
    latest = max(keys_by_session, default=None)
    return [
        Episode(Flag.Kind.SAID, (session,), {"said": list(dict.fromkeys(keys))}, VERSION, session == latest)
        for session, keys in keys_by_session.items()
        if keys
    ]


def to_raise(
    candidates: Sequence[Episode], filled_here: Collection[int], covered: Collection[int]
) -> list[Episode]:
    """Episodes open now, and those that began in a form filled in here since the last assessment."""
    return [
        episode
        for episode in candidates
        if episode.is_open or (episode.sessions[0] in filled_here and episode.sessions[0] not in covered)
    ]
