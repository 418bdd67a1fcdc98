"""A timeline is a list of lanes, one below the other over one axis; each gives its rows of the table too.

A new lane is a class with the members of `Lane`. The figure, its height, its table and the client's view
follow from the list that a caller passes; on the site, features declare the lanes of their rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from accord.figures.scale import Scale
from accord.figures.series import Place, Row, Timeline, by_day, places
from accord.words.context import Translate

LEFT, RIGHT = 44.0, 168.0  # room for the scale's numbers, and for the words at the end of the level
LANE = 18.0  # one line of labels
READOUT = 2 * LANE + 2  # below all lanes: the words of the mark that is pointed at
NARROW, WIDE, SESSION = 720.0, 6000.0, 14.0  # bounds of the plot; pixels a session needs to stay apart
RECENT_DAYS = 42  # the axis reaches today if the last report is not longer ago than this


@dataclass(frozen=True, slots=True)
class Axis:
    """What all lanes share: the course, the scale of its days (or session numbers), the figure's width."""

    series: Timeline
    course: list[Place]
    x: Scale
    width: float  # in pixels
    translate: Translate


@dataclass(frozen=True, slots=True)
class Strip:
    """Where one lane is drawn: edges in pixels, y downwards. `height` is that of the whole figure."""

    top: float
    bottom: float
    height: float


class Lane(Protocol):
    """One strip of a timeline. All lengths are in pixels."""

    @property
    def for_client(self) -> bool:
        """Whether the client's own view may show this lane."""

    def reach(self, series: Timeline) -> list[float]:
        """Where on the axis something lies (as in `series.place_at`); the axis reaches that far."""

    def height(self, axis: Axis) -> float:
        """Room the lane needs; 0 where it has nothing to show."""

    def draw(self, axis: Axis, strip: Strip) -> list[str]:
        """SVG elements of everything in the lane, each with its words for a screen reader."""

    def table_rows(self, series: Timeline, translate: Translate) -> list[Row]:
        """Everything that is drawn, in words, for the table beside the figure."""


def shared_axis(series: Timeline, lanes: Sequence[Lane], translate: Translate) -> Axis:
    """An axis that reaches all that lies in any lane; longer with the course, so that nothing shrinks."""
    course = places(series)
    first, last = _reach(series, [at for lane in lanes for at in lane.reach(series)])
    sessions = course[-1].finding.session - course[0].finding.session + 1 if course else 1
    plot = min(WIDE, max(NARROW, SESSION * sessions))
    return Axis(series, course, Scale(first, last, LEFT + 10, LEFT + plot), LEFT + plot + RIGHT, translate)


def draw_lanes(lanes: Sequence[Lane], axis: Axis) -> tuple[list[str], float]:
    """All lanes from top to bottom, and the height of the whole figure."""
    heights = [lane.height(axis) for lane in lanes]
    height = sum(heights) + READOUT
    drawn: list[str] = []
    top = 0.0
    for lane, room in zip(lanes, heights, strict=True):
        drawn += lane.draw(axis, Strip(top, top + room, height)) if room else []
        top += room
    return drawn, height


def merged_rows(rated: Sequence[Row], others: Sequence[Row]) -> tuple[Row, ...]:
    """One table of all lanes: words about a session are in its row, all others in a row of their own.

    Oldest first as in `rated`; a row of its own follows the last session whose number is not higher.
    """
    sessions = {row.session for row in rated}
    table = [
        row.with_marks([other.words for other in others if other.session == row.session]) for row in rated
    ]
    for row in others:
        if row.session not in sessions:
            before = [at for at, earlier in enumerate(table, 1) if earlier.session <= row.session]
            table.insert(max(before, default=0), row)
    return tuple(table)


def _reach(series: Timeline, at: list[float]) -> tuple[float, float]:
    """The axis: from the first entry to the last, and on to today where that is near."""
    if not at:
        return 0.0, 1.0
    first, last = min(at), max(at)
    today = float(series.today.toordinal())
    if by_day(series.findings) and last < today <= last + RECENT_DAYS:
        last = today
    return first, max(last, first + 1)
