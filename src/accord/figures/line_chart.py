"""Lines of groups with their intervals: small enough for a phone, and with a table that says the same.

Names are at the ends of the lines. Each line has a mark and a stroke of its own besides its colour.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accord.figures import svg
from accord.figures.scale import Scale, value_ticks

WIDTH, LEFT, RIGHT = 360.0, 42.0, 96.0  # of the picture; room for numbers, and for names
TOP, PLOT, BELOW = 34.0, 176.0, 44.0
HEIGHT = TOP + PLOT + BELOW
APART = 15.0  # between two names
STROKES = ("", "6 4", "2 3", "9 3 2 3")
KINDS = ("one", "two", "three", "four")
COLOURS = (svg.ACT, svg.BACK, svg.SECOND, svg.INK)


@dataclass(frozen=True, slots=True)
class Point:
    """`low` and `high` None: no interval, or none that may be shown."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """`banded`: the interval is a band along the line, else a stroke at each point."""

    name: str
    points: tuple[Point, ...]
    banded: bool = True
    joined: bool = True


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart. `title` says in a sentence what it shows; `ticks`: places on the x axis with their words."""

    title: str
    up: str
    across: str
    lines: tuple[Line, ...]
    ticks: tuple[tuple[float, str], ...]
    low: float
    high: float
    unit: str = ""  # after each number at the left


def chart(figure: Chart) -> str:
    """The figure as one `<svg>`, whose words are its title; the numbers are in the table beside it."""
    places = [point.x for line in figure.lines for point in line.points] + [
        place for place, _ in figure.ticks
    ]
    x = Scale(min(places, default=0.0), max(places, default=1.0), LEFT + 10, WIDTH - RIGHT)
    y = Scale(figure.low, figure.high, TOP + PLOT, TOP)
    parts = [svg.label(figure.up, 0.0, 14.0, class_="caption"), *_grid(figure, y), *_below(figure, x)]
    for at, line in enumerate(figure.lines[: len(KINDS)]):
        parts += _line(line, at, x, y)
    return svg.element(
        "svg", *parts, *_names(figure, y), class_="lines", role="img", aria_label=figure.title,
        viewBox=f"0 0 {svg.number(WIDTH)} {svg.number(HEIGHT)}", width=WIDTH, height=HEIGHT,
    )  # fmt: skip


def _grid(figure: Chart, y: Scale) -> list[str]:
    drawn = []
    for value in value_ticks(figure.low, figure.high):
        drawn.append(_stroke([(LEFT, y(value)), (WIDTH - RIGHT + 6, y(value))], "grid", svg.LINE))
        words = f"{value:g}{figure.unit}"
        drawn.append(svg.label(words, LEFT - 6, y(value) + 4, text_anchor="end", class_="tick"))
    return drawn


def _below(figure: Chart, x: Scale) -> list[str]:
    base = TOP + PLOT
    drawn = [_stroke([(LEFT, base), (WIDTH - RIGHT + 6, base)], "axis", svg.SECOND)]
    for place, words in figure.ticks:
        drawn.append(_stroke([(x(place), base), (x(place), base + 4)], "axis", svg.SECOND))
        drawn.append(svg.label(words, x(place), base + 18, text_anchor="middle", class_="tick"))
    middle = (x.start + x.end) / 2
    return [*drawn, svg.label(figure.across, middle, base + 36, text_anchor="middle", class_="tick")]


def _line(line: Line, at: int, x: Scale, y: Scale) -> list[str]:
    kind, colour = KINDS[at], COLOURS[at]
    places = [(x(point.x), y(point.y)) for point in line.points]
    drawn = _interval(line, kind, colour, x, y)
    if line.joined and len(places) > 1:
        dashes = STROKES[at] or None
        drawn.append(_stroke(places, f"line {kind}", colour, 1.75, stroke_dasharray=dashes))
    return drawn + [_mark(at, kind, colour, *place) for place in places]


def _interval(line: Line, kind: str, colour: str, x: Scale, y: Scale) -> list[str]:
    edges = [(x(point.x), y(point.low), y(point.high)) for point in line.points
            if point.low is not None and point.high is not None]  # fmt: skip
    if not line.banded:
        return [_stroke([(at, low), (at, high)], f"whisker {kind}", colour, 1.25) for at, low, high in edges]
    if len(edges) < 2:
        return []
    edge = [(at, high) for at, _, high in edges] + [(at, low) for at, low, _ in edges[::-1]]
    return [svg.element("path", class_=f"band {kind}", d=svg.path(edge, closed=True), fill=colour,
                        fill_opacity=0.12)]  # fmt: skip


def _mark(at: int, kind: str, colour: str, x: float, y: float) -> str:
    """Disc, diamond, square or ring."""
    if at == 0:
        return svg.element("circle", class_=f"dot {kind}", cx=x, cy=y, r=3.5, fill=colour)
    if at == 1:
        corners = [(x, y - 5), (x + 5, y), (x, y + 5), (x - 5, y)]
        return svg.element("path", class_=f"dot {kind}", d=svg.path(corners, closed=True), fill=colour)
    if at == 2:
        return svg.element("rect", class_=f"dot {kind}", x=x - 3.5, y=y - 3.5, width=7.0, height=7.0,
                           fill=colour)  # fmt: skip
    return svg.element("circle", class_=f"dot hollow {kind}", cx=x, cy=y, r=3.5, fill=svg.PAPER,
                       stroke=colour, stroke_width=1.5)  # fmt: skip


def _names(figure: Chart, y: Scale) -> list[str]:
    """At the end of each line, moved apart where two would meet; a name too long goes on below."""
    wanted = sorted(
        (y(line.points[-1].y), at) for at, line in enumerate(figure.lines[: len(KINDS)]) if line.points
    )
    drawn, free = [], 0.0
    for place, at in wanted:
        rows = _broken(figure.lines[at].name)
        top = max(place + 4 - APART * (len(rows) - 1) / 2, free)
        for row, words in enumerate(rows):
            drawn.append(svg.label(words, WIDTH - RIGHT + 12, top + APART * row, class_=f"name {KINDS[at]}",
                                   fill=COLOURS[at]))  # fmt: skip
        free = top + APART * len(rows) + 2
    return drawn


def _broken(name: str) -> Sequence[str]:
    """A name on at most two lines that fit beside the plot."""
    if svg.width_of(name) <= RIGHT - 14 or " " not in name:
        return [name]
    words, first = name.split(" "), ""
    while words and svg.width_of(f"{first} {words[0]}".strip()) <= RIGHT - 14:
        first = f"{first} {words.pop(0)}".strip()
    return [part for part in (first, " ".join(words)) if part]


def _stroke(
    points: list[tuple[float, float]], kind: str, colour: str, width: float = 1.0, **more: str | None
) -> str:
    attributes: dict[str, str | float | None] = {
        "stroke": colour,
        "stroke_width": width,
        "fill": "none",
        **more,
    }
    return svg.element("path", class_=kind, d=svg.path(points), **attributes)
