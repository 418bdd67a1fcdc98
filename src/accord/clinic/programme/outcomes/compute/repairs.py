"""Ruptures that were opened, and what became of them: talked about, settled, and how many days that took.

Counted from the day the flag was raised; a rupture that nobody has answered yet counts for as long as it has
waited and not as one that never will be (Kaplan and Meier's way, one person's ruptures taken together).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import numpy as np
from django.utils import timezone

from accord.clinic.models import Flag, Response
from accord.clinic.models.overview import PEOPLE
from accord.clinic.programme.outcomes.compute import small_cells
from accord.clinic.programme.outcomes.compute.source import Source
from accord.science import retention
from accord.science.intervals import Interval

WITHIN = (7, 14, 28)  # days
TALKED, SETTLED = (Response.Done.TALKED_ABOUT,), (Response.Done.SETTLED,)
# Whatever was done with the client; that the context explains it is an answer to the flag and no repair.
STEPS: Mapping[str, Sequence[str]] = {
    "acted": tuple(set(Response.Done) - {Response.Done.REOPENED}),
    "talked": TALKED,
    "settled": SETTLED,
}


def figures(source: Source) -> dict[str, Any]:
    """How many were opened, and each step; by what opened them and by arm where all parts may be shown."""
    flags = source.flags
    if not _enough(flags):
        return {"few": True}
    return {
        "opened": len(flags),
        "people": len({flag.engagement.client_id for flag in flags}),
        "left_out": left_out(source),
        "steps": steps(flags, source.as_of),
        "by_kind": split(flags, lambda flag: flag.kind, source.as_of),
        "by_arm": split(flags, lambda flag: _arm(flag, source), source.as_of),
    }


def left_out(source: Source) -> dict[str, Any]:
    """Flags on record that no figure counts, and of how many people; `few` below ten, empty for none."""
    flags = source.flags_left_out
    people = len({flag.engagement.client_id for flag in flags})
    if not flags:
        return {}
    return {"flags": len(flags), "people": people} if small_cells.is_large_enough(people) else {"few": True}


def steps(flags: Sequence[Flag], as_of: date) -> dict[str, Any]:
    """Each step's share within some days, and the days by which half had it; None where a cell is small."""
    return {name: _step(flags, done, as_of) for name, done in STEPS.items()}


def split(flags: Sequence[Flag], by: Callable[[Flag], str], as_of: date) -> dict[str, Any]:
    """The steps of each part; empty where a part has too few people or clinicians."""
    parts: dict[str, list[Flag]] = {}
    for flag in flags:
        parts.setdefault(by(flag), []).append(flag)
    if len(parts) < 2 or not all(_enough(part) for part in parts.values()):
        return {}
    result: dict[str, dict[str, Any]] = {
        name: {"opened": len(part), "steps": steps(part, as_of)} for name, part in sorted(parts.items())
    }
    for step in STEPS:
        if not all(entry["steps"][step] for entry in result.values()):
            for entry in result.values():
                entry["steps"][step] = None
    return result


def _enough(flags: Iterable[Flag]) -> bool:
    clients, clinicians = set(), set()
    for flag in flags:
        clients.add(flag.engagement.client_id)
        clinicians.add(flag.engagement.clinician_id)
    return small_cells.is_large_enough(len(clients), len(clinicians))


def _arm(flag: Flag, source: Source) -> str:
    treatment = source.treatments.get(flag.engagement.client_id)
    return treatment.arm if treatment else ""


def _step(flags: Sequence[Flag], done: Sequence[str], as_of: date) -> dict[str, Any] | None:
    rows = [_waited(flag, done, as_of) for flag in flags]
    had = {client for client, _, reached in rows if reached}
    not_had = {client for client, _, reached in rows if not reached}
    if not small_cells.may_show_share(len(had), len(not_had)):
        return None
    people = sorted({client for client, _, _ in rows}, key=str)
    place = {client: at for at, client in enumerate(people)}
    days = np.array([waited for _, waited, _ in rows], dtype=np.int64)
    code = np.array([int(reached) for _, _, reached in rows], dtype=np.int64)
    whose = np.array([place[client] for client, _, _ in rows], dtype=np.int64)
    every = np.arange(int(days.max()) + 1)
    curve = retention.ends(days, code, every, 1, whose).ended[0]
    within = {
        day: small_cells.rounded(
            Interval(*(float(line[day]) for line in (curve.value, curve.low, curve.high))), 2
        )
        for day in WITHIN
        if day < len(every) and int((days >= day).sum()) >= PEOPLE
    }
    return {"within": within, "half": retention.reached(curve, every)}


def _waited(flag: Flag, done: Sequence[str], as_of: date) -> tuple[UUID, int, bool]:
    """The client, days until the step or until now, and whether it came."""
    raised = timezone.localdate(flag.raised_at)
    days = [
        response.day for response in flag.responses.all() if response.done in done and response.day <= as_of
    ]
    if days:
        return flag.engagement.client_id, max(0, (min(days) - raised).days), True
    return flag.engagement.client_id, max(0, (as_of - raised).days), False
