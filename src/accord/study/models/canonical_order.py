"""People and clinicians in an order that does not depend on their ids.

A released frame has random ids, drawn anew each time, and random draws in the analyses depend on the order of
people. People are sorted by their data, so that the same programme gives the same numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from accord.arrays import Column
from accord.study.models.study_panel import CLINICIANS, FrameLike, PlanLike

NAMES = ("client", *(name for name, _ in CLINICIANS))


@dataclass(frozen=True, slots=True, eq=False)
class Ordered:
    """A frame with people in the order of their data, all named by their first appearance."""

    columns: Mapping[str, Column]
    facets: tuple[str, ...]
    raters: tuple[str, ...]
    kinds: tuple[str, ...]
    outcome: str | None
    plan: PlanLike


def ordered(frame: FrameLike) -> Ordered:
    """The same rows, in order of person and period."""
    columns = dict(frame.columns)
    order = np.array(sorted(range(len(columns["client"])), key=_keys(columns).__getitem__), dtype=np.int64)
    kept = {name: value[order] for name, value in columns.items()}
    kept["client"] = _renamed(kept["client"], {})
    clinicians: dict[object, str] = {None: "", "": ""}
    for name, _ in CLINICIANS:
        if name in kept:
            kept[name] = _renamed(kept[name], clinicians)
    return Ordered(kept, frame.facets, frame.raters, frame.kinds, frame.outcome, frame.plan)


def _keys(columns: Mapping[str, Column]) -> list[tuple[object, ...]]:
    """Sort keys of each row: its person's data, the person (where data are equal), and the period."""
    column_names = [name for name in columns if name not in NAMES]
    numbers = [name for name in column_names if columns[name].dtype != object]
    texts = [name for name in column_names if columns[name].dtype == object]
    matrix = np.column_stack([np.asarray(columns[name], dtype=np.float64) for name in numbers])
    client, period = columns["client"].tolist(), columns["period"].tolist()
    rows: dict[object, list[int]] = {}
    for row in np.argsort(columns["period"], kind="stable").tolist():
        rows.setdefault(client[row], []).append(row)
    data = {
        item: (tuple(str(columns[name][k]) for name in texts for k in mine), matrix[mine].tobytes())
        for item, mine in rows.items()
    }
    return [(data[item], item, when) for item, when in zip(client, period, strict=True)]


def _renamed(names: Column, known: dict[object, str]) -> Column:
    for name in names.tolist():
        known.setdefault(name, f"{len(known):06d}")
    return np.array([known[name] for name in names.tolist()], dtype=object)
