"""Who is still in treatment, and how the others ended it.

A curve has a point only where ten people more have ended so since the point before, on a grid of four weeks,
and none beyond the time up to which ten people are known to have stayed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from accord.arrays import Ints
from accord.clinic.models.overview import PEOPLE
from accord.clinic.programme.outcomes.compute import cells
from accord.clinic.programme.outcomes.compute.source import Source, Treatment
from accord.science import retention
from accord.science.intervals import Interval
from accord.science.retention import GOES_ON, Curve

STEP = 28  # days
# What is told together, and in which order.
KINDS = {
    "left": "left", "completed": "planned", "agreed": "planned", "transfer": "elsewhere",
    "hospital": "elsewhere", "discharged": "team", "died": "died",
}  # fmt: skip


def figures(source: Source) -> dict[str, Any]:
    """People, weeks followed, and the curves: `still` and each kind of end; the share who left by arm."""
    treatments = list(source.treatments.values())
    groups = _groups(treatments)
    if not groups:
        return {"few": True, "people": len(treatments) if cells.enough(len(treatments)) else None}
    return {
        "people": len(treatments),
        "curves": _curves(treatments, groups),
        "half": _weeks_to_half(treatments, groups),
        "arms": _arms(source, treatments),
    }


def _groups(treatments: Sequence[Treatment]) -> dict[str, list[str]]:
    """Kind of end as it is told -> the kinds in it; empty where too few have ended, or too few have not.

    Only ends within the time that the curves cover count: an end after it moves no curve.
    """
    last = _grid(np.array([one.days for one in treatments], dtype=np.int64))[-1] if treatments else 0
    ended = [one for one in treatments if one.end in KINDS and one.days <= last]
    if not ended or not cells.splits(len(ended), len(treatments) - len(ended)):
        return {}
    found = cells.by_name((KINDS[one.end], one.client) for one in ended)
    merged = cells.counted({kind: len(people) for kind, people in found.items()})
    apart = [kind for kind in merged if kind != cells.OTHERS]
    rest = [kind for kind in found if kind not in apart]
    return {str(kind): [str(kind)] for kind in apart} | ({cells.OTHERS: rest} if rest else {})


def _columns(treatments: Sequence[Treatment], groups: dict[str, list[str]]) -> tuple[Ints, Ints]:
    place = {kind: at for at, kinds in enumerate(groups.values(), 1) for kind in kinds}
    days = np.array([one.days for one in treatments], dtype=np.int64)
    code = np.array([place.get(KINDS.get(one.end, ""), GOES_ON) for one in treatments], dtype=np.int64)
    return days, code


def _grid(days: Ints) -> Ints:
    """From the start in steps of four weeks, as far as ten people are known to have stayed."""
    tenth = np.sort(days)[::-1][:PEOPLE][-1]
    return np.arange(0, int(tenth) + 1, STEP)


def _curves(treatments: Sequence[Treatment], groups: dict[str, list[str]]) -> dict[str, list[list[float]]]:
    days, code = _columns(treatments, groups)
    grid = _grid(days)
    ends = retention.ends(days, code, grid, len(groups))
    found = {"still": _told(ends.still, grid, _points(days[code != GOES_ON], grid), 100)}
    for at, (kind, curve) in enumerate(zip(groups, ends.ended, strict=True), 1):
        found[kind] = _told(curve, grid, _points(days[code == at], grid), 0)
    return found


def _points(ended: Ints, grid: Ints) -> list[int]:
    """Places in the grid: the start, wherever ten more have ended, and the last place with all since then."""
    by_then = np.searchsorted(np.sort(ended), grid, side="right")
    kept, before = [0], 0
    for at in range(1, len(grid)):
        if by_then[at] - before >= PEOPLE:
            kept.append(at)
            before = int(by_then[at])
    last = len(grid) - 1
    if kept[-1] != last:
        if by_then[last] != before and len(kept) > 1:
            kept.pop()
        kept.append(last)
    return kept


def _told(curve: Curve, grid: Ints, at: Sequence[int], first: float) -> list[list[float]]:
    """Week, share, low and high end, in whole percent. Who came once only is told with the next point."""
    found: list[list[float]] = [[0, first, first, first]]
    for one in at[1:]:
        shares = [round(100 * float(line[one])) for line in (curve.value, curve.low, curve.high)]
        found.append([int(grid[one] // 7), *shares])
    return found


def _weeks_to_half(treatments: Sequence[Treatment], groups: dict[str, list[str]]) -> int | None:
    """Weeks by which half are no longer in treatment, on the grid."""
    days, code = _columns(treatments, groups)
    grid = _grid(days)
    whole = retention.ends(days, np.minimum(code, 1), grid, 1)
    found = retention.reached(whole.ended[0], grid)
    return None if found is None else int(found // 7)


def _arms(source: Source, treatments: Sequence[Treatment]) -> dict[str, dict[str, Any]]:
    """By arm the share who left within the time that every arm covers; empty unless all arms may be told."""
    parts = cells.parts(source.arms)
    if not parts:
        return {}
    of = {str(name): [one for one in treatments if one.client in people] for name, people in parts.items()}
    day = min(int(_grid(_columns(some, {})[0])[-1]) for some in of.values())
    if not all(_may_be_told(some, day) for some in of.values()):
        return {}
    return {name: _left_by(some, day) for name, some in of.items()}


def _may_be_told(treatments: Sequence[Treatment], day: int) -> bool:
    left = sum(one.end == "left" and one.days <= day for one in treatments)
    return cells.splits(left, len(treatments) - left)


def _left_by(treatments: Sequence[Treatment], day: int) -> dict[str, Any]:
    days, code = _columns(treatments, {"left": ["left"], "rest": [*{*KINDS.values()} - {"left"}]})
    curve = retention.ends(days, code, np.array([day]), 2).ended[0]
    share = Interval(float(curve.value[0]), float(curve.low[0]), float(curve.high[0]))
    return {"people": len(treatments), "week": day // 7, "left": cells.told(share, 2)}
