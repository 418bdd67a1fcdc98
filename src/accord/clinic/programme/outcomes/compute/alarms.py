"""Were our alarms worth it? The tracker run again without the channel that tells the truth; and the load."""

from __future__ import annotations

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
from accord.clinic.monitoring.basis import Basis
from accord.clinic.programme.outcomes.compute import cells, repairs
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
    people = sorted({one.client_id for one in source.engagements.values()}, key=str)
    place = {client: at for at, client in enumerate(people)}
    series = list(_series(source, place))
    whose = np.array([place[one.client_id] for one in source.engagements.values()], dtype=np.int64)
    clinicians = len({one.clinician_id for one in source.engagements.values()})
    if not cells.enough(len(np.unique(whose)), clinicians) or not series:
        return {"few": True}
    return {
        "truths": {truth.value: _judged(series, truth) for truth in Truth},
        "leaving": {name: _lead(series, source, place, out) for name, out in LEAVING.items()},
        "load": _load(source, place),
        "by_mode": repairs.split(source.flags, lambda flag: _mode(flag, source), source.as_of),
    }


def _series(source: Source, place: Mapping[UUID, int]) -> Iterator[Followed]:
    """The alliances that are followed here, each with the values and lines in use."""
    newest = _newest(source)
    groups: dict[tuple[str, str, str], list[UUID]] = {}
    for engagement, one in newest.items():
        groups.setdefault(one[:3], []).append(engagement)
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
    found: dict[UUID, tuple[str, str, str, float]] = {}
    for row in rows.defer("findings", "state").order_by("revision", "made_at"):
        if source.engagements[row.engagement_id].client_id in source.noticing:
            rates = Basis.read(row.basis).rates
            rate = rates[-1][1] if rates else ALARM_RATE
            found[row.engagement_id] = row.instrument, row.instrument_version, row.rater, rate
    return found


def _followed(
    source: Source,
    place: Mapping[UUID, int],
    whole: Ratings,
    instrument: Instrument,
    rater: Rater,
    engagements: Sequence[UUID],
    newest: Newest,
) -> Followed:
    by_code = {one.hex: one for one in engagements}
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
    told = [
        alarm_evaluation.judge(
            one.ratings, one.instrument, one.population, truth, one.client, one.line, rater=one.rater
        )
        for one in series
    ]
    if not any(one.asked.any() for one in told):
        return {}
    return {
        "found": _share([alarm_evaluation.recall(one) for one in told]),
        "by_chance": _share([alarm_evaluation.chance_level(one) for one in told]),
        "confirmed": _share([alarm_evaluation.precision(one) for one in told]),
    }


def _share(parts: Sequence[PerClient]) -> dict[str, Any]:
    """A share over all series with its interval; `few` where a cell is small. `of`: how many it rests on."""
    counted = _together(parts)
    yes, no = int((counted.yes > 0).sum()), int((counted.of > counted.yes).sum())
    if not cells.splits(yes, no):
        return {"few": True}
    return {
        "people": len(counted.client),
        "of": int(counted.of.sum()),
        "share": cells.told(intervals.ratio(counted.yes, counted.of, SEED), 2),
    }


def _together(parts: Sequence[PerClient]) -> PerClient:
    client, place = np.unique(np.concatenate([one.client for one in parts]), return_inverse=True)
    columns = (np.concatenate([one.yes for one in parts]), np.concatenate([one.of for one in parts]))
    yes, of = (np.bincount(place, one, len(client)).astype(np.float64) for one in columns)
    return PerClient(client, yes, of)


def _lead(
    series: Sequence[Followed], source: Source, place: Mapping[UUID, int], left_out: Sequence[str]
) -> dict[str, Any]:
    """Of those who left, how many had an alarm in the four weeks before, and how early."""
    left = {place[one.client]: (one.last - EPOCH).days for one in source.treatments.values()
            if one.end == "left" and one.client in place}  # fmt: skip
    rows = _sessions(series, left_out)
    client, day, alarm = (np.concatenate([one[at] for one in rows]) for at in range(3))
    ends = np.full(len(place) + 1, -1, dtype=np.int64)
    for who, when in left.items():
        ends[who] = when
    last = (ends[client] >= 0) & (day <= ends[client])
    days = measures.days_before_leaving(alarm, client, day, last, HORIZON)
    warned = days[~np.isnan(days)]
    if not cells.splits(len(warned), len(days) - len(warned)):
        return {"few": True}
    chance = measures.lead_to_leaving(alarm, client, day, last, HORIZON).by_chance
    return {
        "people": len(days),
        "warned": cells.told(intervals.share(len(warned), len(days)), 2),
        "by_chance": round(chance, 2),
        "days": cells.told(intervals.median(warned), 0) if len(warned) >= cells.FOR_A_MEDIAN else None,
    }


def _sessions(series: Sequence[Followed], left_out: Sequence[str]) -> list[tuple[Ints, Ints, Bools]]:
    """Client, day and alarm of every dated session, with the tracker run without some channels."""
    found = []
    for one in series:
        panel = lay_out(one.ratings, one.instrument, one.rater)
        alarm = alarm_evaluation.alarms(
            one.ratings, panel, one.instrument, one.population, one.line, left_out, one.rater
        )
        dated = panel.day != NO_DAY
        found.append((one.client[panel.client][dated], panel.day[dated], alarm[dated]))
    return found


def _load(source: Source, place: Mapping[UUID, int]) -> dict[str, Any]:
    """Flags of any kind as people here got them, per client and month in treatment."""
    flags = Flag.objects.filter(engagement__in=list(source.engagements), withdrawn_at__isnull=True)
    counted = np.zeros(len(place))
    for raised, client in flags.values_list("raised_at", "engagement__client"):
        treatment = source.treatments.get(client)
        if treatment and treatment.holds(timezone.localdate(raised)):
            counted[place[client]] += 1
    followed = [one for one in source.treatments.values() if one.client in place]
    yes = counted[[place[one.client] for one in followed]]
    months = np.array([(one.days + 1) / MONTH for one in followed])
    if not cells.enough(len(yes)):
        return {"few": True}
    return {"people": len(yes), "flags": int(yes.sum()), "rate": cells.told(intervals.rate(yes, months), 2)}


def _mode(flag: Flag, source: Source) -> str:
    return source.mode_on(flag.engagement.client_id, timezone.localdate(flag.raised_at))
