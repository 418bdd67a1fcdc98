"""Courses of a whole programme: means of groups over time with their intervals, and how many they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accord.figures import svg
from accord.figures.chart_frame import diamond, dot, picture, stroke
from accord.figures.scale import Scale, value_ticks

WIDTH, LEFT, RIGHT = 720.0, 64.0, 566.0
TOP, PLOT, BELOW = 30.0, 180.0, 44.0
COLOURS = (svg.ACT, svg.BACK, svg.STRAIN, svg.RUPTURE)


@dataclass(frozen=True, slots=True)
class Course:
    """A group's means: (period, mean, low, high), in order; periods without one are left out."""

    name: str
    points: tuple[tuple[int, float, float, float], ...]


def means_plot(id: str, title: str, summary: str, courses: Sequence[Course], across: str, up: str) -> str:
    """The figure; names are at the ends of the lines."""
    points = [point for course in courses for point in course.points]
    base = TOP + PLOT
    last = max((point[0] for point in points), default=1)
    x = Scale(0.0, float(max(last, 1)), LEFT + 8, RIGHT)
    low = min((point[2] for point in points), default=0.0)
    high = max((point[3] for point in points), default=1.0)
    edge = (high - low or 1.0) * 0.08
    y = Scale(low - edge, high + edge, base, TOP)
    parts = [svg.label(up, 0.0, 14.0)]
    for at in value_ticks(y.low, y.high):
        parts.append(stroke([(LEFT, y(at)), (RIGHT, y(at))], svg.LINE))
        parts.append(svg.label(f"{at:g}", LEFT - 8, y(at) + 4, text_anchor="end"))
    parts += _periods(x, last, base, across)
    for k, course in enumerate(courses):
        parts += _course(course, x, y, k)
    parts += _names(courses, y)
    return picture(id, title, summary, WIDTH, base + BELOW, parts)


def _periods(x: Scale, last: int, base: float, across: str) -> list[str]:
    step = max(1, -(-(last + 1) // 14))
    drawn = [
        svg.label(str(at + 1), x(at), base + 16, text_anchor="middle") for at in range(0, last + 1, step)
    ]
    middle = (x.start + x.end) / 2
    return [stroke([(LEFT, base), (RIGHT, base)], svg.SECOND), *drawn,
            svg.label(across, middle, base + 34, text_anchor="middle")]  # fmt: skip


def _course(course: Course, x: Scale, y: Scale, k: int) -> list[str]:
    colour = COLOURS[k % len(COLOURS)]
    parts = []
    runs: list[list[tuple[float, float]]] = []
    before = None
    for period, mean, low, high in course.points:
        at = (x(period), y(mean))
        if before is None or period != before + 1:
            runs.append([])
        runs[-1].append(at)
        before = period
        parts.append(stroke([(at[0], y(low)), (at[0], y(high))], colour, 1.0))
        parts.append(dot(*at, colour, 3.5) if k % 2 == 0 else diamond(*at, colour, 4.5))
    return [stroke(run, colour, 1.5) for run in runs if len(run) > 1] + parts


def _names(courses: Sequence[Course], y: Scale) -> list[str]:
    """At the height where each course ends, moved apart where they would meet."""
    ends = sorted((y(course.points[-1][1]), k) for k, course in enumerate(courses) if course.points)
    drawn, above = [], -100.0
    for height, k in ends:
        above = max(height, above + 16)
        drawn.append(svg.label(courses[k].name, RIGHT + 14, above + 4, fill=COLOURS[k % len(COLOURS)]))
    return drawn
