"""The lane of marks: events beside the ratings, such as missed contacts and answers to a flag."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from accord.figures import svg
from accord.figures.lanes import LANE, Axis, Lane, Strip
from accord.figures.plot import day_word
from accord.figures.series import Row, Timeline, place_at
from accord.figures.shapes import cross
from accord.figures.stroke_helpers import halo, readout
from accord.words.context import Translate


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened beside the ratings: a missed contact, what was done about a flag."""

    session: int
    words: str
    day: date | None = None


@dataclass(frozen=True, slots=True)
class MarkLane:
    """One cross for each mark, with its words where it is pointed at or focused."""

    marks: Sequence[Mark]
    for_client: bool = False  # staff say themselves how they answered a flag

    def reach(self, series: Timeline) -> list[float]:
        return [place_at(mark.session, mark.day, series) for mark in self.marks]

    def height(self, axis: Axis) -> float:
        return LANE if self.marks else 0.0

    def draw(self, axis: Axis, strip: Strip) -> list[str]:
        return [_cross(mark, axis, strip) for mark in self.marks]

    def table_rows(self, series: Timeline, translate: Translate) -> list[Row]:
        return [Row(mark.session, mark.day, mark.words) for mark in self.marks]


def in_shared_strips(lanes: Sequence[Lane]) -> tuple[Lane, ...]:
    """The same lanes. Those of marks for the same readers share a strip, in the place of the first."""
    strips: dict[object, Lane] = {}
    for lane in lanes:
        if not isinstance(lane, MarkLane):
            strips[id(lane)] = lane
            continue
        key = MarkLane, lane.for_client
        above = strips.get(key)
        marks = above.marks if isinstance(above, MarkLane) else ()
        strips[key] = replace(lane, marks=(*marks, *lane.marks))
    return tuple(strips.values())


def _cross(mark: Mark, axis: Axis, strip: Strip) -> str:
    x, y = axis.x(place_at(mark.session, mark.day, axis.series)), (strip.top + strip.bottom) / 2
    when = day_word(mark.day, axis.series.today, axis.translate) if mark.day else ""
    words = ": ".join(part for part in (when, mark.words) if part)
    return svg.element("g", halo(x, y), cross(x, y), readout([words], x, axis.width, strip.height),
                       class_="mark", tabindex=0.0, role="img", aria_label=words)  # fmt: skip
