"""Which findings a person must look at: pure, from findings and check-ins to flags that ought to stand.

An episode is a run of sessions in one state. The episode a relationship is in now is flagged. An earlier one
is flagged only when it began in a form filled here after the last assessment: an imported year of ratings
does not bring a year of flags; what lies behind is in the course picture.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from accord.clinic.models import CheckIn, Flag
from accord.clinic.queries.findings import to_json
from accord.clinic.queries.words_said import VERSION, said
from accord.records import Finding, State

KIND_OF = {
    State.RUPTURE: Flag.Kind.RUPTURE,
    State.WORSE: Flag.Kind.WORSE,
    State.STRAIN: Flag.Kind.STRAIN,
    State.DIP: Flag.Kind.DIP,
}


@dataclass(frozen=True)
class Episode:
    """A run of sessions in one state; `sessions` rises and its first is where the flag stands."""

    kind: str
    sessions: tuple[int, ...]
    finding: dict[str, Any]
    method_version: str
    is_open: bool


def episodes(findings: Sequence[Finding], instrument: str, method_version: str) -> list[Episode]:
    """Every run of a flagged state. Sessions without a rating neither end a run nor begin one."""
    runs: list[tuple[str, list[Finding]]] = []
    for kind, of_kind in ((kind, state) for state, kind in KIND_OF.items()):
        runs += [(kind, run) for run in _runs(findings, lambda f, state=of_kind: f.state is state)]
    runs += [(Flag.Kind.LOW_START, run) for run in _runs(findings, lambda f: f.low_start)]
    rated = [finding.session for finding in findings if finding.state is not State.NO_RATING]
    latest = rated[-1] if rated else None
    return [
        Episode(
            kind=kind,
            sessions=tuple(finding.session for finding in run),
            finding={**to_json(run[0]), "instrument": instrument},
            method_version=method_version,
            is_open=run[-1].session == latest,
        )
        for kind, run in runs
    ]


def _runs(findings: Sequence[Finding], holds: Any) -> list[list[Finding]]:
    runs: list[list[Finding]] = []
    inside = False
    for finding in findings:
        if finding.state is State.NO_RATING:
            continue
        if holds(finding):
            runs.append([finding]) if not inside else runs[-1].append(finding)
        inside = holds(finding)
    return runs


def words(checkins: Sequence[CheckIn]) -> list[Episode]:
    """What clients said in their own word, one for each session; open where it is the latest they filled.

    Superseded check-ins count too: changing an answer does not unsay it.
    """
    told: dict[int, list[str]] = {}
    for checkin in sorted(checkins, key=lambda one: one.contact.session):
        told.setdefault(checkin.contact.session, []).extend(said(checkin))
    latest = max(told, default=None)
    return [
        Episode(Flag.Kind.SAID, (session,), {"said": list(dict.fromkeys(keys))}, VERSION, session == latest)
        for session, keys in told.items()
        if keys
    ]


def to_raise(
    found: Sequence[Episode], filled_here: Collection[int], covered: Collection[int]
) -> list[Episode]:
    """Those open now, and those that began in a form filled here since the last assessment."""
    return [
        one
        for one in found
        if one.is_open or (one.sessions[0] in filled_here and one.sessions[0] not in covered)
    ]
