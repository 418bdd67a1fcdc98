"""How people changed from their first to their last form in treatment, and how many beyond error."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np

from accord.arrays import Floats
from accord.clinic.facts import current as facts
from accord.clinic.facts import instruments
from accord.clinic.models import CheckIn
from accord.clinic.monitoring import assessment
from accord.clinic.programme.outcomes.compute import small_cells
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
    result = []
    for name, scores in _scores(source, known).items():
        pairs = _pairs(source, scores)
        if small_cells.is_large_enough(len(pairs)):
            result.append(_instrument_figures(instruments.pick(known, name), pairs, source))
    return sorted(result, key=lambda entry: -entry["people"])


def _scores(
    source: Source, known: Mapping[str, Instrument]
) -> dict[str, dict[UUID, list[tuple[date, float]]]]:
    """Instrument -> client -> days and scores while in treatment."""
    names = [instrument.id for instrument in known.values() if instrument.construct is Construct.OUTCOME]
    rows = facts.current_checkins().filter(
        organisation=source.organisation_id,
        instrument__in=names,
        rater=Rater.CLIENT,
        contact__day__isnull=False,
    )
    scores: dict[str, dict[UUID, list[tuple[date, float]]]] = {}
    for row in rows.select_related("contact__engagement"):
        if dated := _dated(row, source):
            scores.setdefault(row.instrument, {}).setdefault(row.contact.engagement.client_id, []).append(
                dated
            )
    return scores


def _dated(row: CheckIn, source: Source) -> tuple[date, float] | None:
    treatment = source.treatments.get(row.contact.engagement.client_id)
    score = assessment.score_of(row)
    day = row.contact.day
    return (day, score) if treatment and score is not None and treatment.holds(day) else None


def _pairs(source: Source, scores: Mapping[UUID, Sequence[tuple[date, float]]]) -> list[Pair]:
    pairs = []
    for client, dated in scores.items():
        (begin, first), (end, last) = min(dated, key=_day), max(dated, key=_day)
        if (end - begin).days >= APART:
            pairs.append(Pair(client, first, last, source.mode_on(client, end)))
    return pairs


def _day(dated: tuple[date, float]) -> date:
    return dated[0]


def _instrument_figures(instrument: Instrument, pairs: Sequence[Pair], source: Source) -> dict[str, Any]:
    first, last = _columns(pairs)
    change = reliable(instrument, first, last)
    return {
        "instrument": instrument.id,
        "people": len(pairs),
        "first": small_cells.rounded(intervals.mean(first), 2),
        "last": small_cells.rounded(intervals.mean(last), 2),
        "change": small_cells.rounded(intervals.mean(_gain(instrument, first, last)), 2),
        "assumed": change.assumed if change else None,
        "shares": _shares(change) if change else {},
        "arms": _groups(instrument, pairs, source.arms),
        "modes": _groups(
            instrument, pairs, small_cells.group_by_name((pair.mode, pair.client) for pair in pairs)
        ),
    }


def _columns(pairs: Sequence[Pair]) -> tuple[Floats, Floats]:
    return np.array([pair.first for pair in pairs]), np.array([pair.last for pair in pairs])


def _gain(instrument: Instrument, first: Floats, last: Floats) -> Floats:
    """Points by which each person got better; below 0: worse. Whichever way the scale runs."""
    return first - last if instrument.lower_is_better else last - first


def _shares(change: Change) -> dict[str, Any]:
    """Better, worse and neither; where one of them is too small, only what does not give it away."""
    of = len(change.better)
    better, worse = int(change.better.sum()), int(change.worse.sum())
    if all(n == 0 or small_cells.is_large_enough(n) for n in (better, worse, of - better - worse)):
        counted = {"better": better, "same": of - better - worse, "worse": worse}
    else:
        counted = {"better": better} if small_cells.may_show_share(better, of - better) else {}
    return {name: small_cells.rounded(intervals.share(n, of), 2) for name, n in counted.items()}


def _groups(
    instrument: Instrument, pairs: Sequence[Pair], groups: Mapping[str, frozenset[UUID]]
) -> dict[str, Any]:
    """The mean change of each group, and the share who got worse where every group's may be shown."""
    answered = frozenset(pair.client for pair in pairs)
    split = small_cells.merge_small_groups(
        {name: people & answered for name, people in groups.items() if people & answered}
    )
    of = {str(name): [pair for pair in pairs if pair.client in people] for name, people in split.items()}
    result = {name: _group(instrument, group) for name, group in of.items()}
    if not all(entry["worse_splits"] for entry in result.values()):
        for entry in result.values():
            entry["worse"] = None
    return {
        name: {key: entry[key] for key in ("people", "first", "change", "worse")}
        for name, entry in result.items()
    }


def _group(instrument: Instrument, pairs: Sequence[Pair]) -> dict[str, Any]:
    first, last = _columns(pairs)
    change = reliable(instrument, first, last)
    worse = int(change.worse.sum()) if change else 0
    return {
        "people": len(pairs),
        "first": small_cells.rounded(intervals.mean(first), 2),
        "change": small_cells.rounded(intervals.mean(_gain(instrument, first, last)), 2),
        "worse": small_cells.rounded(intervals.share(worse, len(pairs)), 2),
        "worse_splits": change is not None and small_cells.may_show_share(worse, len(pairs) - worse),
    }
