"""The frame as it leaves the programme: no codes, no dates, no arm or period of fewer than k people.

Such rows are still one person's each. People who know somebody well can recognise them, so the frame is
de-identified, not anonymous, and its dictionary says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.arrays import Bools
from accord.errors import InputError
from accord.study.frame.study_frame import CLINICIANS, WEIGHTS, Frame

FEWEST_CLINICIANS = 5  # below it the staff can recognise each other
OTHER_ARMS = "other arms"

Columns = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Released:
    """The frame that may be published, and what was done to it. `cut`: last period kept, by arm."""

    frame: Frame
    together: bool  # small arms were put together
    dropped: bool  # small arms were left out
    cut: Mapping[str, int]  # of arms that lost some
    clinicians: bool  # clinicians are in it


def release(frame: Frame, rng: np.random.Generator) -> Released:
    """The frame with random ids and without small groups; `rng` decides the ids and the order of people.

    InputError where there are fewer than the plan's fewest people in all.
    """
    k = frame.plan.minimum_cell
    columns, together, dropped = _arms(dict(frame.columns), k)
    columns, cut = _periods(columns, k)
    clinicians = _clinicians(columns)
    columns["client"] = _renamed(columns["client"], "P", rng)
    for name, value in zip(CLINICIANS, _together(columns, rng), strict=True):
        columns[name] = value if clinicians else np.full(len(value), "", dtype=object)
    for name in WEIGHTS:
        columns[name] = columns[name] if clinicians else np.zeros(len(columns[name]))
    order = np.lexsort((columns["period"], columns["client"].astype(str)))
    kept = {name: value[order] for name, value in columns.items()}
    return Released(replace(frame, columns=kept), together, dropped, cut, clinicians)


def people_in(columns: Columns, rows: Bools | None = None) -> int:
    """Number of different people in these rows."""
    names = columns["client"] if rows is None else columns["client"][rows]
    return len(set(names.tolist()))


def _only(columns: Columns, rows: Bools) -> dict[str, NDArray[Any]]:
    return {name: value[rows] for name, value in columns.items()}


def _arms(columns: Columns, k: int) -> tuple[dict[str, NDArray[Any]], bool, bool]:
    """Join arms of fewer than k people, or leave them out where they are too few even together."""
    arm = columns["arm"]
    few = [name for name in sorted(set(arm.tolist())) if people_in(columns, arm == name) < k]
    small: Bools = np.isin(arm, few)
    if not small.any():
        return dict(columns), False, False
    if len(few) > 1 and people_in(columns, small) >= k:
        name = OTHER_ARMS if OTHER_ARMS not in arm else f"{OTHER_ARMS} together"
        return {**columns, "arm": np.where(small, name, arm).astype(object)}, True, False
    if small.all():
        raise InputError(f"at least {k} people in an arm: of fewer nothing may be shown", found="fewer")
    return _only(columns, ~small), False, True


def _periods(columns: Columns, k: int) -> tuple[dict[str, NDArray[Any]], dict[str, int]]:
    """Leave out periods that fewer than k people of an arm reached; all people have the earlier ones."""
    kept, cut = np.ones(len(columns["client"]), dtype=bool), {}
    for name in sorted(set(columns["arm"].tolist())):
        mine = columns["arm"] == name
        reached = np.bincount(columns["period"][mine].astype(np.int64))
        last = int(np.flatnonzero(reached >= k).max())
        kept &= ~mine | (columns["period"] <= last)
        if last < len(reached) - 1:
            cut[name] = last
    return _only(columns, kept), cut


def _clinicians(columns: Columns) -> bool:
    names = {name for column in CLINICIANS for name in columns[column].tolist()} - {""}
    return len(names) >= FEWEST_CLINICIANS


def _renamed(names: NDArray[Any], letter: str, rng: np.random.Generator) -> NDArray[Any]:
    """Random ids of equal length in place of names; the empty name stays."""
    known = sorted(set(names.tolist()) - {""})
    width = len(str(len(known)))
    number = rng.permutation(len(known)) + 1
    new = {name: f"{letter}{code:0{width}d}" for name, code in zip(known, number.tolist(), strict=True)}
    return np.array([new.get(name, "") for name in names.tolist()], dtype=object)


def _together(columns: Columns, rng: np.random.Generator) -> list[NDArray[Any]]:
    """The three columns of clinicians; each clinician has one id in all of them."""
    whole = np.concatenate([columns[name] for name in CLINICIANS])
    return np.split(_renamed(whole, "T", rng), len(CLINICIANS))
