"""Associations with their intervals, one beneath the other, their numbers beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accord.figures import svg
from accord.figures.chart_frame import Axis, axis, below, diamond, dot, picture, stroke

WIDTH = 720.0
LEFT, RIGHT = 226.0, 560.0  # edges of the plot; words before it, numbers after it
TOP, ROW, HEADING, BELOW = 34.0, 21.0, 26.0, 46.0


@dataclass(frozen=True, slots=True)
class Line:
    """One association. `filled`: a dot, else a diamond; without a value the words take its place."""

    label: str
    numbers: str
    value: tuple[float, float, float] | None = None  # estimate, low, high
    filled: bool = True


@dataclass(frozen=True, slots=True)
class Group:
    heading: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Words:
    """Title and words of the figure; what the dot and the diamond are; what the axis and the numbers show."""

    title: str
    description: str
    filled: str
    open: str
    axis: str
    numbers: str


def forest(id: str, groups: Sequence[Group], said: Words, *, ratio: bool) -> str:
    """The figure; `ratio` for a logarithmic axis about 1, else a straight one about 0."""
    values = [value for group in groups for line in group.lines for value in line.value or ()]
    scale = axis(values, LEFT, RIGHT, ratio=ratio)
    parts, y = [], TOP
    for group in groups:
        y += HEADING
        parts.append(svg.label(group.heading, 0.0, y - 7, fill=svg.INK, font_weight="600"))
        for line in group.lines:
            parts += _line(line, scale, y + ROW / 2)
            y += ROW
    frame = [*_key(said), *below(scale, TOP, y + 4, said.axis)]
    return picture(id, said.title, said.description, WIDTH, y + 4 + BELOW, [*frame, *parts])


def _key(said: Words) -> list[str]:
    second = LEFT + 30 + svg.width_of(said.filled)
    return [
        dot(LEFT + 4, 10), svg.label(said.filled, LEFT + 14, 14.0),
        diamond(second, 10), svg.label(said.open, second + 11, 14.0),
        svg.label(said.numbers, RIGHT + 16, 14.0),
    ]  # fmt: skip


def _line(line: Line, scale: Axis, y: float) -> list[str]:
    name = svg.label(line.label, 14.0, y + 4)
    if line.value is None:
        return [name, svg.label(line.numbers, LEFT + 6, y + 4)]
    middle, low, high = line.value
    colour = svg.ACT if line.filled else svg.BACK
    parts = [name, stroke([(scale(low), y), (scale(high), y)], colour, 1.5)]
    parts += [
        _arrow(scale(edge), y, way, colour) for edge, way in ((low, -1), (high, 1)) if not scale.holds(edge)
    ]
    mark = dot(scale(middle), y) if line.filled else diamond(scale(middle), y)
    return [*parts, mark, svg.label(line.numbers, RIGHT + 16, y + 4, fill=svg.INK)]


def _arrow(x: float, y: float, way: int, colour: str) -> str:
    """An arrow head where the interval continues beyond the axis."""
    return svg.element(
        "path", d=svg.path([(x + way * 5, y), (x, y - 4), (x, y + 4)], closed=True), fill=colour
    )
