"""What may be told of groups: no cell of fewer than ten people, and none that others would give away.

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


def enough(people: int, clinicians: int | None = None) -> bool:
    return people >= PEOPLE and (clinicians is None or clinicians >= CLINICIANS)


def splits(yes: int, no: int) -> bool:
    """Whether a share may be told: nobody, or ten people and more, of whom it holds, and ten of whom not."""
    return no >= PEOPLE and (yes == 0 or yes >= PEOPLE)


def parts(groups: Mapping[Name, frozenset[Any]]) -> dict[Name | str, frozenset[Any]]:
    """Groups with none too small: small ones together as `OTHERS`; empty where fewer than two are left."""
    large = {name: people for name, people in groups.items() if enough(len(people))}
    small: frozenset[Any] = frozenset().union(*(one for one in groups.values() if not enough(len(one))))
    while small and not enough(len(small)) and large:
        least = min(large, key=lambda name: (len(large[name]), str(name)))
        small |= large.pop(least)
    found: dict[Name | str, frozenset[Any]] = dict(large.items())
    if small:
        found[OTHERS] = small
    return found if len(found) > 1 and all(enough(len(one)) for one in found.values()) else {}


def counted(groups: Mapping[Name, int]) -> dict[Name | str, int]:
    """The same for how often each of several things happened to different people."""
    as_people = {name: frozenset((name, at) for at in range(n)) for name, n in groups.items() if n}
    merged = parts(as_people)
    if merged:
        return {name: len(people) for name, people in merged.items()}
    total = sum(groups.values())
    if not enough(total):
        return {}
    return {next(name for name in groups if groups[name]) if len(as_people) == 1 else OTHERS: total}


def told(interval: Interval, digits: int) -> list[float] | None:
    """Value, low and high end as they are stored; None where the data cannot tell. Ends may be None."""
    value, low, high = (None if one != one else round(float(one), digits) for one in interval)
    return None if value is None else [value, low, high]  # type: ignore[list-item]


def by_name(rows: Iterable[tuple[Name, Any]]) -> dict[Name, frozenset[Any]]:
    """Name -> everybody of that name."""
    found: dict[Name, set[Any]] = {}
    for name, person in rows:
        found.setdefault(name, set()).add(person)
    return {name: frozenset(people) for name, people in found.items()}
