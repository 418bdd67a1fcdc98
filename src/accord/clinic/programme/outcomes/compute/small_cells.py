"""Protect small groups: no cell of fewer than ten people, and none that follows from other cells.

A split into parts is shown whole or not at all: parts that are too small go together with the next smallest
until every part is large enough, so that nothing is left to be worked out from a total. Statements that say
something of how clinicians work need at least five clinicians too.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from typing import Any, TypeVar

from accord.clinic.models.overview import CLINICIANS, PEOPLE
from accord.science.intervals import Interval

FOR_A_MEDIAN, FOR_QUARTILES = 2 * PEOPLE, 4 * PEOPLE  # so that ten people lie on the smaller side
OTHERS = "others"

Name = TypeVar("Name", bound=Hashable)


def is_large_enough(people: int, clinicians: int | None = None) -> bool:
    return people >= PEOPLE and (clinicians is None or clinicians >= CLINICIANS)


def may_show_share(yes: int, no: int) -> bool:
    """Whether a share may be shown: at least ten people without, and none or at least ten people with."""
    return no >= PEOPLE and (yes == 0 or yes >= PEOPLE)


def merge_small_groups(groups: Mapping[Name, frozenset[Any]]) -> dict[Name | str, frozenset[Any]]:
    """Merge small groups as `OTHERS` until none is small; empty if fewer than two groups are left."""
    large = {name: people for name, people in groups.items() if is_large_enough(len(people))}
    small: frozenset[Any] = frozenset().union(
        *(group for group in groups.values() if not is_large_enough(len(group)))
    )
    while small and not is_large_enough(len(small)) and large:
        least = min(large, key=lambda name: (len(large[name]), str(name)))
        small |= large.pop(least)
    merged: dict[Name | str, frozenset[Any]] = dict(large.items())
    if small:
        merged[OTHERS] = small
    return (
        merged if len(merged) > 1 and all(is_large_enough(len(people)) for people in merged.values()) else {}
    )


def merge_small_counts(groups: Mapping[Name, int]) -> dict[Name | str, int]:
    """Merge small counts in the same way; each count is of different people."""
    as_people = {name: frozenset((name, at) for at in range(n)) for name, n in groups.items() if n}
    merged = merge_small_groups(as_people)
    if merged:
        return {name: len(people) for name, people in merged.items()}
    total = sum(groups.values())
    if not is_large_enough(total):
        return {}
    return {next(name for name in groups if groups[name]) if len(as_people) == 1 else OTHERS: total}


def rounded(interval: Interval, digits: int) -> list[float] | None:
    """Rounded value, low and high end; None if the value is not a number. Ends may be None."""
    value, low, high = (None if number != number else round(float(number), digits) for number in interval)
    return None if value is None else [value, low, high]  # type: ignore[list-item]


def group_by_name(rows: Iterable[tuple[Name, Any]]) -> dict[Name, frozenset[Any]]:
    """Group people by name."""
    groups: dict[Name, set[Any]] = {}
    for name, person in rows:
        groups.setdefault(name, set()).add(person)
    return {name: frozenset(people) for name, people in groups.items()}
