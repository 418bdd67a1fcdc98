"""How people changed from their first to their last form in treatment, and how many beyond error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np

from accord.clinic.facts import current as facts
from accord.clinic.facts import instruments
from accord.clinic.models import CheckIn
from accord.clinic.monitoring import assessment
from accord.clinic.programme.outcomes.compute import cells
from accord.clinic.programme.outcomes.compute.source import Source
from accord.records.ratings import Construct, Instrument, Rater
from accord.science import intervals
from accord.science.change import Change, reliable

APART = 28  # days at least between the first form and the last


@dataclass(frozen=True)
class Pair:
    client: UUID
    first: float
    last: float
    mode: str  # feedback mode on the day of the last form


def figures(source: Source) -> list[dict[str, Any]]:
    """One entry for each outcome instrument that ten people filled twice, the most used first."""
    known = instruments.known(source.organisation_id)
    found = []
    for name, scores in _scores(source, known).items():
        pairs = _pairs(source, scores)
        if cells.enough(len(pairs)):
            found.append(_of(instruments.pick(known, name), pairs, source))
    return sorted(found, key=lambda one: -one["people"])


def _scores(
    source: Source, known: Mapping[str, Instrument]
) -> dict[str, dict[UUID, list[tuple[date, float]]]]:
    """Instrument -> client -> days and scores while in treatment."""
    names = [one.id for one in known.values() if one.construct is Construct.OUTCOME]
    rows = facts.standing_checkins().filter(
        organisation=source.organisation_id,
        instrument__in=names,
        rater=Rater.CLIENT,
        contact__day__isnull=False,
    )
    found: dict[str, dict[UUID, list[tuple[date, float]]]] = {}
    for row in rows.select_related("contact__engagement"):
        if told := _dated(row, source):
            found.setdefault(row.instrument, {}).setdefault(row.contact.engagement.client_id, []).append(told)
    return found


def _dated(row: CheckIn, source: Source) -> tuple[date, float] | None:
    treatment = source.treatments.get(row.contact.engagement.client_id)
    score = assessment.score_of(row)
    day = row.contact.day
    return (day, score) if treatment and score is not None and treatment.holds(day) else None


def _pairs(source: Source, scores: Mapping[UUID, Sequence[tuple[date, float]]]) -> list[Pair]:
    found = []
    for client, told in scores.items():
        (begin, first), (end, last) = min(told, key=_day), max(told, key=_day)
        if (end - begin).days >= APART:
            found.append(Pair(client, first, last, source.mode_on(client, end)))
    return found


def _day(told: tuple[date, float]) -> date:
    return told[0]


def _of(instrument: Instrument, pairs: Sequence[Pair], source: Source) -> dict[str, Any]:
    first, last = _columns(pairs)
    change = reliable(instrument, first, last)
    return {
        "instrument": instrument.id,
        "people": len(pairs),
        "first": cells.told(intervals.mean(first), 2),
        "last": cells.told(intervals.mean(last), 2),
        "change": cells.told(intervals.mean(last - first), 2),
        "lower_is_better": instrument.lower_is_better,
        "assumed": change.assumed if change else None,
        "shares": _shares(change) if change else {},
        "arms": _groups(instrument, pairs, source.arms),
        "modes": _groups(instrument, pairs, cells.by_name((pair.mode, pair.client) for pair in pairs)),
    }


def _columns(pairs: Sequence[Pair]) -> tuple[Any, Any]:
    return np.array([pair.first for pair in pairs]), np.array([pair.last for pair in pairs])


def _shares(change: Change) -> dict[str, Any]:
    """Better, worse and neither; where one of them is too small, only what does not give it away."""
    of = len(change.better)
    better, worse = int(change.better.sum()), int(change.worse.sum())
    if all(n == 0 or cells.enough(n) for n in (better, worse, of - better - worse)):
        counted = {"better": better, "same": of - better - worse, "worse": worse}
    else:
        counted = {"better": better} if cells.splits(better, of - better) else {}
    return {name: cells.told(intervals.share(n, of), 2) for name, n in counted.items()}


def _groups(
    instrument: Instrument, pairs: Sequence[Pair], groups: Mapping[str, frozenset[UUID]]
) -> dict[str, Any]:
    """The mean change of each group, and the share who got worse where every group's may be told."""
    answered = frozenset(pair.client for pair in pairs)
    split = cells.parts({name: people & answered for name, people in groups.items() if people & answered})
    of = {str(name): [pair for pair in pairs if pair.client in people] for name, people in split.items()}
    told = {name: _group(instrument, some) for name, some in of.items()}
    if not all(one["worse_splits"] for one in told.values()):
        for one in told.values():
            one["worse"] = None
    return {name: {key: one[key] for key in ("people", "change", "worse")} for name, one in told.items()}


def _group(instrument: Instrument, pairs: Sequence[Pair]) -> dict[str, Any]:
    first, last = _columns(pairs)
    change = reliable(instrument, first, last)
    worse = int(change.worse.sum()) if change else 0
    return {
        "people": len(pairs),
        "change": cells.told(intervals.mean(last - first), 2),
        "worse": cells.told(intervals.share(worse, len(pairs)), 2),
        "worse_splits": change is not None and cells.splits(worse, len(pairs) - worse),
    }
