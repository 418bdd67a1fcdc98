"""A tiny line of the last ratings of a relationship, beside a sentence that says the same in words."""

from __future__ import annotations

from collections.abc import Sequence

from accord.figures import svg
from accord.figures.scale import Scale, drawn_range, finite

WIDTH, HEIGHT, EDGE = 96.0, 28.0, 5.0


def spark(ratings: Sequence[float | None], low: float | None = None, high: float | None = None) -> str:
    """Ratings oldest first, None for a session without one; hidden from readers, who get the words.

    With the instrument's `low` and `high`, at least half of that range is drawn, so that noise stays small.
    """
    known = [finite(value) for value in ratings]
    values = [value for value in known if value is not None]
    x = Scale(0.0, max(1.0, len(known) - 1.0), EDGE, WIDTH - EDGE)
    bottom, top = min(values, default=0.0), max(values, default=1.0)
    if low is not None and high is not None:
        bottom, top = drawn_range(values, low, high)
    y = Scale(bottom, top, HEIGHT - EDGE, EDGE)
    placed = [None if value is None else (x(float(at)), y(value)) for at, value in enumerate(known)]
    return svg.element("svg", *_lines(placed), *_last(placed), class_="spark", width=WIDTH, height=HEIGHT,
                       viewBox=f"0 0 {svg.number(WIDTH)} {svg.number(HEIGHT)}", aria_hidden="true",
                       focusable="false")  # fmt: skip


def _lines(placed: list[tuple[float, float] | None]) -> list[str]:
    """One line for each stretch of ratings; a rating alone is a dot."""
    stretches: list[list[tuple[float, float]]] = [[]]
    for point in placed:
        if point is None:
            stretches.append([])
        else:
            stretches[-1].append(point)
    return [_stretch(points) for points in stretches if points]


def _stretch(points: list[tuple[float, float]]) -> str:
    if len(points) == 1:
        return _dot(points[0], 1.5, "ratings", svg.SECOND)
    return svg.element("path", class_="ratings", d=svg.path(points), fill="none", stroke=svg.SECOND,
                       stroke_width=1.5)  # fmt: skip


def _last(placed: list[tuple[float, float] | None]) -> list[str]:
    """The newest session, where it was rated."""
    return [_dot(placed[-1], 3.0, "last", svg.INK)] if placed and placed[-1] else []


def _dot(point: tuple[float, float], radius: float, name: str, colour: str) -> str:
    return svg.element("circle", class_=name, cx=point[0], cy=point[1], r=radius, fill=colour)
