"""Quality of alarms, with the tracker run again without the channel taken as truth; and their load."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
from django.utils import timezone

from accord.arrays import Bools, Floats, Ints
from accord.clinic.facts import instruments
from accord.clinic.models import Assessment, Flag
from accord.clinic.monitoring import assessment
from accord.clinic.monitoring.assessment_checkpoint import Checkpoint
from accord.clinic.programme.outcomes.compute import repairs, small_cells
from accord.clinic.programme.outcomes.compute.source import MONTH, Source
from accord.records.ratings import NO_DAY, Construct, Instrument, Rater, Ratings
from accord.science import alarm_evaluation, intervals, measures
from accord.science.alarm_evaluation import PerClient, Truth
from accord.science.drop_channels import take_rows
from accord.science.tracker.assess import ALARM_RATE
from accord.science.tracker.channels import ATTENDANCE, URGE
from accord.science.tracker.panel import lay_out
from accord.science.tracker.population import Population

HORIZON = 28  # days before somebody left
SEED = 20260301  # of the people drawn again
EPOCH = date(1970, 1, 1)
LEAVING = {"all": (), "without": (ATTENDANCE, URGE)}  # what leaves with a client is left out


@dataclass(frozen=True, eq=False)
class Followed:
    """Relationships that follow one series. `client` and `line`: of each of `ratings.clients`."""

    ratings: Ratings
    instrument: Instrument
    rater: Rater
    population: Population
    client: Ints
    line: Floats


def figures(source: Source) -> dict[str, Any]:
    """Judged by each truth that is known, lead time before leaving, the load, and what was done by mode."""
    people = sorted({engagement.client_id for engagement in source.engagements.values()}, key=str)
    place = {client: at for at, client in enumerate(people)}
    series = list(_series(source, place))
    whose = np.array(
        [place[engagement.client_id] for engagement in source.engagements.values()], dtype=np.int64
    )
    clinicians = len({engagement.clinician_id for engagement in source.engagements.values()})
    if not small_cells.is_large_enough(len(np.unique(whose)), clinicians) or not series:
        return {"few": True}
    return {
        "truths": {truth.value: _judged(series, truth) for truth in Truth},
        "leaving": {name: _lead(series, source, place, out) for name, out in LEAVING.items()},
        "load": _load(source),
        "by_mode": repairs.split(source.flags, lambda flag: _mode(flag, source), source.as_of),
    }


def _series(source: Source, place: Mapping[UUID, int]) -> Iterator[Followed]:
    """The alliances that are followed here, each with the values and lines in use."""
    newest = _newest(source)
    groups: dict[tuple[str, str, str], list[UUID]] = {}
    for engagement, basis in newest.items():
        groups.setdefault(basis[:3], []).append(engagement)
    known = instruments.known(source.organisation_id)
    whole = assessment.ratings_of(source.organisation_id)
    for (name, version, rater), engagements in sorted(groups.items()):
        instrument = instruments.pick(known, name, version)
        if instrument.construct is Construct.ALLIANCE:
            yield _followed(source, place, whole, instrument, Rater(rater), engagements, newest)


Newest = Mapping[UUID, tuple[str, str, str, float]]


def _newest(source: Source) -> Newest:
    """Relationship -> instrument, version, rater and the alarm rate of its newest assessment."""
    rows = Assessment.objects.filter(engagement__in=list(source.engagements)).exclude(instrument="")
    result: dict[UUID, tuple[str, str, str, float]] = {}
    for row in rows.defer("findings", "state").order_by("revision", "made_at"):
        if source.engagements[row.engagement_id].client_id in source.noticing:
            rates = Checkpoint.from_json(row.basis).rates
            rate = rates[-1][1] if rates else ALARM_RATE
            result[row.engagement_id] = row.instrument, row.instrument_version, row.rater, rate
    return result


def _followed(
    source: Source,
    place: Mapping[UUID, int],
    whole: Ratings,
    instrument: Instrument,
    rater: Rater,
    engagements: Sequence[UUID],
    newest: Newest,
) -> Followed:
    by_code = {engagement.hex: engagement for engagement in engagements}
    mine = np.array([code in by_code for code in whole.clients], dtype=bool)
    ratings = take_rows(whole, mine[whole.client])
    population = assessment.values_of(source.organisation_id, instrument, rater)
    # Of a relationship that follows something else no row is left, so that its values do not matter.
    client, line = np.full(len(whole.clients), -1, dtype=np.int64), np.full(len(whole.clients), np.inf)
    for at, code in enumerate(whole.clients):
        if engagement := by_code.get(code):
            client[at] = place[source.engagements[engagement].client_id]
            line[at] = population.alarm_line(newest[engagement][3])
    return Followed(ratings, instrument, rater, population, client, line)


def _judged(series: Sequence[Followed], truth: Truth) -> dict[str, Any]:
    """Found, confirmed, and found by chance; without any of them where nobody was asked."""
    outcomes = [
        alarm_evaluation.judge(
            followed.ratings,
            followed.instrument,
            followed.population,
            truth,
            followed.client,
            followed.line,
            rater=followed.rater,
        )
        for followed in series
    ]
    if not any(outcome.asked.any() for outcome in outcomes):
        return {}
    return {
        "found": _share([alarm_evaluation.recall(outcome) for outcome in outcomes]),
        "by_chance": _share([alarm_evaluation.chance_level(outcome) for outcome in outcomes]),
        "confirmed": _share([alarm_evaluation.precision(outcome) for outcome in outcomes]),
    }


def _share(parts: Sequence[PerClient]) -> dict[str, Any]:
    """A share over all series with its interval; `few` where a cell is small. `of`: how many it rests on."""
    counted = _together(parts)
    yes, no = int((counted.yes > 0).sum()), int((counted.of > counted.yes).sum())
    if not small_cells.may_show_share(yes, no):
        return {"few": True}
    return {
        "people": len(counted.client),
        "of": int(counted.of.sum()),
        "share": small_cells.rounded(intervals.ratio(counted.yes, counted.of, SEED), 2),
    }


def _together(parts: Sequence[PerClient]) -> PerClient:
    client, place = np.unique(np.concatenate([part.client for part in parts]), return_inverse=True)
    columns = (np.concatenate([part.yes for part in parts]), np.concatenate([part.of for part in parts]))
    yes, of = (np.bincount(place, column, len(client)).astype(np.float64) for column in columns)
    return PerClient(client, yes, of)


def _lead(
    series: Sequence[Followed], source: Source, place: Mapping[UUID, int], left_out: Sequence[str]
) -> dict[str, Any]:
    """Of those who left, how many had an alarm in the four weeks before, and how early."""
    left = {place[treatment.client]: (treatment.last - EPOCH).days for treatment in source.treatments.values()
            if treatment.end == "left" and treatment.client in place}  # fmt: skip
    rows = _sessions(series, left_out)
    client, day, alarm = (np.concatenate([row[at] for row in rows]) for at in range(3))
    ends = np.full(len(place) + 1, -1, dtype=np.int64)
    for code, last_day in left.items():
        ends[code] = last_day
    last = (ends[client] >= 0) & (day <= ends[client])
    days = measures.days_before_leaving(alarm, client, day, last, HORIZON)
    warned = days[~np.isnan(days)]
    if not small_cells.may_show_share(len(warned), len(days) - len(warned)):
        return {"few": True}
    chance = measures.lead_to_leaving(alarm, client, day, last, HORIZON).by_chance
    return {
        "people": len(days),
        "warned": small_cells.rounded(intervals.share(len(warned), len(days)), 2),
        "by_chance": round(chance, 2),
        "days": small_cells.rounded(intervals.median(warned), 0)
        if len(warned) >= small_cells.FOR_A_MEDIAN
        else None,
    }


def _sessions(series: Sequence[Followed], left_out: Sequence[str]) -> list[tuple[Ints, Ints, Bools]]:
    """Client, day and alarm of every dated session, with the tracker run without some channels."""
    sessions = []
    for followed in series:
        panel = lay_out(followed.ratings, followed.instrument, followed.rater)
        alarm = alarm_evaluation.alarms(
            followed.ratings,
            panel,
            followed.instrument,
            followed.population,
            followed.line,
            left_out,
            followed.rater,
        )
        dated = panel.day != NO_DAY
        sessions.append((followed.client[panel.client][dated], panel.day[dated], alarm[dated]))
    return sessions


def _load(source: Source) -> dict[str, Any]:
    """Flags of any kind as people here got them, per client and month in treatment."""
    counted = Counter(flag.engagement.client_id for flag in source.every_flag)
    treatments = list(source.treatments.values())
    yes = np.array([counted[treatment.client] for treatment in treatments], dtype=np.float64)
    months = np.array([(treatment.days + 1) / MONTH for treatment in treatments])
    if not small_cells.is_large_enough(len(yes)):
        return {"few": True}
    return {
        "people": len(yes),
        "flags": int(yes.sum()),
        "ruptures": len(source.flags),
        "left_out": repairs.left_out(source),
        "rate": small_cells.rounded(intervals.rate(yes, months), 2),
    }


def _mode(flag: Flag, source: Source) -> str:
    return source.mode_on(flag.engagement.client_id, timezone.localdate(flag.raised_at))
