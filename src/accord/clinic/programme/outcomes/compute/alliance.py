"""Courses of the alliance over the weeks of treatment: median and quartiles of people, raters apart.

Higher is better in every course: a scale that runs the other way is turned round.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import numpy as np

from accord.clinic.facts import current as facts
from accord.clinic.facts import instruments
from accord.clinic.models import CheckIn
from accord.clinic.models.overview import CLINICIANS
from accord.clinic.monitoring import assessment
from accord.clinic.programme.outcomes.compute import small_cells
from accord.clinic.programme.outcomes.compute.source import Source
from accord.records.ratings import Construct, Instrument, Rater

WEEKS = 4  # shown together


def figures(source: Source) -> list[dict[str, Any]]:
    """For client and clinician the alliance form they filled most, with its course."""
    known = instruments.known(source.organisation_id)
    names = [instrument.id for instrument in known.values() if instrument.construct is Construct.ALLIANCE]
    rows = facts.current_checkins().filter(
        organisation=source.organisation_id, instrument__in=names, contact__day__isnull=False
    )
    result = []
    for rater in (Rater.CLIENT, Rater.CLINICIAN):
        of_rater = list(rows.filter(rater=rater).select_related("contact__engagement"))
        if of_rater:
            name = Counter(row.instrument for row in of_rater).most_common(1)[0][0]
            of_instrument = [row for row in of_rater if row.instrument == name]
            result.append(_rater_figures(instruments.pick(known, name), rater, of_instrument, source))
    return [entry for entry in result if entry["points"]]


def _rater_figures(
    instrument: Instrument, rater: Rater, rows: Sequence[CheckIn], source: Source
) -> dict[str, Any]:
    points, before = [], None
    for at, (values, clinicians) in sorted(_by_time(instrument, rows, source).items()):
        if before is not None and at != before + 1:
            break  # what comes after a stretch that may not be shown would be out of its place
        if not (len(values) >= small_cells.FOR_A_MEDIAN and len(clinicians) >= CLINICIANS):
            break
        points.append(_point(at, np.array(list(values.values()))))
        before = at
    return {
        "instrument": instrument.id,
        "rater": rater.value,
        "low": instrument.low,
        "high": instrument.high,
        "turned": instrument.lower_is_better,
        "points": points,
    }


def _by_time(
    instrument: Instrument, rows: Sequence[CheckIn], source: Source
) -> Mapping[int, tuple[dict[UUID, float], set[UUID]]]:
    """Four weeks of treatment -> each client's mean over them, and the clinicians they were with."""
    scores: dict[int, dict[UUID, list[float]]] = {}
    clinicians: dict[int, set[UUID]] = {}
    for row in rows:
        engagement = row.contact.engagement
        treatment = source.treatments.get(engagement.client_id)
        if treatment is None or engagement.client_id not in source.noticing:
            continue
        day, score = row.contact.day, assessment.score_of(row)
        if score is not None and treatment.holds(day):
            at = (day - treatment.start).days // (7 * WEEKS)
            scores.setdefault(at, {}).setdefault(engagement.client_id, []).append(_upright(instrument, score))
            clinicians.setdefault(at, set()).add(engagement.clinician_id)
    return {
        at: ({client: float(np.mean(values)) for client, values in of.items()}, clinicians[at])
        for at, of in scores.items()
    }


def _upright(instrument: Instrument, score: float) -> float:
    """The score, or as far from the other end of its scale; higher is better."""
    return instrument.low + instrument.high - score if instrument.lower_is_better else score


def _point(at: int, values: Any) -> list[float | int | None]:
    """First week, people, median, and quartiles where ten people lie beyond each."""
    low, median, high = (round(float(quantile), 1) for quantile in np.quantile(values, (0.25, 0.5, 0.75)))
    if len(values) < small_cells.FOR_QUARTILES:
        return [at * WEEKS, len(values), median, None, None]
    return [at * WEEKS, len(values), median, low, high]
