"""Self-injury and attempts per person-month in treatment, by how long people have been in it, and by arm.

Counted over the days that the record of events spans: before its first and after its last entry nothing is
known. A person without an entry in between counts as one without events, which the page says.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import numpy as np

from accord.clinic.facts import events
from accord.clinic.programme.outcomes.compute import small_cells
from accord.clinic.programme.outcomes.compute.source import MONTH, Source, Treatment
from accord.science import intervals

QUARTERS = (0, 3, 6, 9, 12, math.inf)  # months in treatment
INTAKE = 3  # months at the start of treatment to which arms are compared
Happened = Mapping[UUID, Sequence[tuple[date, int]]]  # client -> days and counts


def figures(source: Source) -> dict[str, Any]:
    """The span of the record, and for each kind its rates. Empty where no events are on record."""
    rows = events.current_events().filter(organisation=source.organisation_id, day__lte=source.as_of)
    days = list(rows.order_by("day").values_list("day", flat=True))
    if not days:
        return {}
    span = days[0], days[-1]
    by_kind: dict[str, dict[UUID, list[tuple[date, int]]]] = {kind: {} for kind in events.ACTS}
    for client, day, kind, count in rows.filter(kind__in=events.ACTS).values_list(
        "client", "day", "kind", "count"
    ):
        by_kind[kind].setdefault(client, []).append((day, count))
    rates = {kind: _kind_figures(source, happened, span) for kind, happened in by_kind.items()}
    return {"from": span[0].isoformat(), "to": span[1].isoformat(), "kinds": rates}


def _kind_figures(source: Source, happened: Happened, span: tuple[date, date]) -> dict[str, Any]:
    treatments = list(source.treatments.values())
    periods = _periods(treatments, happened, span)
    return {"periods": periods, "arms": _by_arm(source, treatments, happened, span)}


def _by_arm(
    source: Source, treatments: Sequence[Treatment], happened: Happened, span: tuple[date, date]
) -> dict[str, Any]:
    """Each arm's rate beside that of its first months; empty unless all arms' may be shown.

    Arms that differed at intake differ later too, so none is shown without its rate at intake. Of that only
    the rate is kept: how many people had a first event later could be worked out from two counts of people.
    """
    by_arm = {}
    for name, people in small_cells.merge_small_groups(source.arms).items():
        group = _of_these(treatments, people)
        whole = _cell(group, happened, span, (0, math.inf))
        intake = _cell(group, happened, span, (0, INTAKE))
        if whole is None or intake is None:
            return {}
        by_arm[str(name)] = {**whole, "intake": intake["rate"]}
    return by_arm


def _of_these(treatments: Sequence[Treatment], people: Collection[UUID]) -> list[Treatment]:
    return [treatment for treatment in treatments if treatment.client in people]


def _periods(
    treatments: Sequence[Treatment], happened: Happened, span: tuple[date, date]
) -> list[dict[str, Any]]:
    """Quarters of treatment, joined with the next wherever a cell would be small; all of them or none."""
    cells: list[dict[str, Any]] = []
    begin = 0.0
    for end in QUARTERS[1:]:
        if cell := _cell(treatments, happened, span, (begin, end)):
            cells.append(cell)
            begin = end
    if begin == math.inf:
        return cells
    while cells:  # what is left over goes to the last cell that is left
        last = cells.pop()
        if cell := _cell(treatments, happened, span, (last["from"], math.inf)):
            return [*cells, cell]
    cell = _cell(treatments, happened, span, (0, math.inf))
    return [cell] if cell else []


def _cell(
    treatments: Sequence[Treatment], happened: Happened, span: tuple[date, date], months: tuple[float, float]
) -> dict[str, Any] | None:
    """People, person-months and the rate; None where too few people had such an event, or had none."""
    exposed = [(treatment, *_inside(treatment, span, months)) for treatment in treatments]
    people = [(treatment, first, last) for treatment, first, last in exposed if last > first]
    count = np.array(
        [_number(happened.get(treatment.client, ()), first, last) for treatment, first, last in people]
    )
    time = np.array([(last - first).days / MONTH for _, first, last in people])
    if not small_cells.may_show_share(int((count > 0).sum()), int((count == 0).sum())):
        return None
    return {
        "from": months[0],
        "to": None if months[1] == math.inf else months[1],
        "people": len(people),
        "with": int((count > 0).sum()),
        "months": round(float(time.sum())),
        "rate": small_cells.rounded(intervals.rate(count, time), 3),
    }


def _inside(treatment: Treatment, span: tuple[date, date], months: tuple[float, float]) -> tuple[date, date]:
    """The part of a treatment in these months of it, on days that the record spans: first day, day after."""
    day = timedelta(days=1)
    begin = treatment.start + timedelta(days=round(months[0] * MONTH))
    end = (
        treatment.last + day
        if months[1] == math.inf
        else treatment.start + timedelta(days=round(months[1] * MONTH))
    )
    return max(begin, span[0]), min(end, treatment.last + day, span[1] + day)


def _number(happened: Sequence[tuple[date, int]], first: date, after: date) -> float:
    return float(sum(n for day, n in happened if first <= day < after))
