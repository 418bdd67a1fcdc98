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
from accord.clinic.programme.outcomes.compute import small_cells
from accord.clinic.programme.outcomes.compute.source import Source, Treatment
from accord.science import retention
from accord.science.intervals import Interval
from accord.science.retention import GOES_ON, Curve

STEP = 28  # days
# Kinds of end that are shown together, and in which order.
KINDS = {
    "left": "left", "completed": "planned", "agreed": "planned", "transfer": "elsewhere",
    "hospital": "elsewhere", "discharged": "team", "died": "died",
}  # fmt: skip


def figures(source: Source) -> dict[str, Any]:
    """People, weeks followed, and the curves: `still` and each kind of end; the share who left by arm."""
    treatments = list(source.treatments.values())
    groups = _groups(treatments)
    if not groups:
        return {
            "few": True,
            "people": len(treatments) if small_cells.is_large_enough(len(treatments)) else None,
        }
    return {
        "people": len(treatments),
        "curves": _curves(treatments, groups),
        "half": _weeks_to_half(treatments, groups),
        "arms": _arms(source, treatments),
    }


def _groups(treatments: Sequence[Treatment]) -> dict[str, list[str]]:
    """Kind of end as it is shown -> the kinds in it; empty where too few have ended, or too few have not.

    Only ends within the time that the curves cover count: an end after it moves no curve.
    """
    last = (
        _grid(np.array([treatment.days for treatment in treatments], dtype=np.int64))[-1] if treatments else 0
    )
    ended = [treatment for treatment in treatments if treatment.end in KINDS and treatment.days <= last]
    if not ended or not small_cells.may_show_share(len(ended), len(treatments) - len(ended)):
        return {}
    by_end = small_cells.group_by_name((KINDS[treatment.end], treatment.client) for treatment in ended)
    merged = small_cells.merge_small_counts({kind: len(people) for kind, people in by_end.items()})
    apart = [kind for kind in merged if kind != small_cells.OTHERS]
    rest = [kind for kind in by_end if kind not in apart]
    return {str(kind): [str(kind)] for kind in apart} | ({small_cells.OTHERS: rest} if rest else {})


def _columns(treatments: Sequence[Treatment], groups: dict[str, list[str]]) -> tuple[Ints, Ints]:
    place = {kind: at for at, kinds in enumerate(groups.values(), 1) for kind in kinds}
    days = np.array([treatment.days for treatment in treatments], dtype=np.int64)
    code = np.array(
        [place.get(KINDS.get(treatment.end, ""), GOES_ON) for treatment in treatments], dtype=np.int64
    )
    return days, code


def _grid(days: Ints) -> Ints:
    """From the start in steps of four weeks, as far as ten people are known to have stayed."""
    tenth = np.sort(days)[::-1][:PEOPLE][-1]
    return np.arange(0, int(tenth) + 1, STEP)


def _curves(treatments: Sequence[Treatment], groups: dict[str, list[str]]) -> dict[str, list[list[float]]]:
    days, code = _columns(treatments, groups)
    grid = _grid(days)
    ends = retention.ends(days, code, grid, len(groups))
    curves = {"still": _curve_points(ends.still, grid, _points(days[code != GOES_ON], grid), 100)}
    for at, (kind, curve) in enumerate(zip(groups, ends.ended, strict=True), 1):
        curves[kind] = _curve_points(curve, grid, _points(days[code == at], grid), 0)
    return curves


def _points(ended: Ints, grid: Ints) -> list[int]:
    """Places in the grid: the start, wherever ten more have ended, and the last place with all since then."""
    by_then = np.searchsorted(np.sort(ended), grid, side="right")
    places, before = [0], 0
    for at in range(1, len(grid)):
        if by_then[at] - before >= PEOPLE:
            places.append(at)
            before = int(by_then[at])
    last = len(grid) - 1
    if places[-1] != last:
        if by_then[last] != before and len(places) > 1:
            places.pop()
        places.append(last)
    return places


def _curve_points(curve: Curve, grid: Ints, at: Sequence[int], first: float) -> list[list[float]]:
    """Week, share, low and high end, in whole percent. Who came once only is in the next point."""
    points: list[list[float]] = [[0, first, first, first]]
    for place in at[1:]:
        shares = [round(100 * float(line[place])) for line in (curve.value, curve.low, curve.high)]
        points.append([int(grid[place] // 7), *shares])
    return points


def _weeks_to_half(treatments: Sequence[Treatment], groups: dict[str, list[str]]) -> int | None:
    """Weeks by which half are no longer in treatment, on the grid."""
    days, code = _columns(treatments, groups)
    grid = _grid(days)
    whole = retention.ends(days, np.minimum(code, 1), grid, 1)
    half = retention.reached(whole.ended[0], grid)
    return None if half is None else int(half // 7)


def _arms(source: Source, treatments: Sequence[Treatment]) -> dict[str, dict[str, Any]]:
    """By arm the share who left within the time that every arm covers; empty unless all arms may be shown."""
    parts = small_cells.merge_small_groups(source.arms)
    if not parts:
        return {}
    of = {
        str(name): [treatment for treatment in treatments if treatment.client in people]
        for name, people in parts.items()
    }
    day = min(int(_grid(_columns(group, {})[0])[-1]) for group in of.values())
    if not all(_may_be_shown(group, day) for group in of.values()):
        return {}
    return {name: _left_by(group, day) for name, group in of.items()}


def _may_be_shown(treatments: Sequence[Treatment], day: int) -> bool:
    left = sum(treatment.end == "left" and treatment.days <= day for treatment in treatments)
    return small_cells.may_show_share(left, len(treatments) - left)


def _left_by(treatments: Sequence[Treatment], day: int) -> dict[str, Any]:
    days, code = _columns(treatments, {"left": ["left"], "rest": [*{*KINDS.values()} - {"left"}]})
    curve = retention.ends(days, code, np.array([day]), 2).ended[0]
    share = Interval(float(curve.value[0]), float(curve.low[0]), float(curve.high[0]))
    return {"people": len(treatments), "week": day // 7, "left": small_cells.rounded(share, 2)}
