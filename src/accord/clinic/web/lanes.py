"""Lanes of the timeline on the page about a client. Each feature declares those of its own rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from accord.clinic.facts.shown_relationships import ShownRelationships
from accord.figures.lanes import Lane
from accord.figures.mark_lane import in_shared_strips


@dataclass(frozen=True)
class TimelineLane:
    """A lane of the timeline. `read` returns it for each relationship that has something to show in it, with
    one statement for all. Lanes with a lower `rank` are drawn above the others; each rank is given once.
    """

    rank: int
    read: Callable[[ShownRelationships], Mapping[UUID, Lane]]


_declared: list[TimelineLane] = []


def declare(lanes: Iterable[TimelineLane]) -> None:
    """Take these for the lanes of the site. Raises `ValueError` for two of one rank."""
    ordered = sorted(lanes, key=lambda lane: lane.rank)
    if len({lane.rank for lane in ordered}) < len(ordered):
        raise ValueError(f"found the ranks {[lane.rank for lane in ordered]}, expected each of them once")
    _declared[:] = ordered


def lanes_of(shown: ShownRelationships) -> Mapping[UUID, tuple[Lane, ...]]:
    """Relationship -> its lanes from top to bottom; nothing for one about which no lane says anything."""
    result: dict[UUID, tuple[Lane, ...]] = {}
    for declared in _declared:
        for relationship, lane in declared.read(shown).items():
            result[relationship] = (*result.get(relationship, ()), lane)
    return {relationship: in_shared_strips(lanes) for relationship, lanes in result.items()}
