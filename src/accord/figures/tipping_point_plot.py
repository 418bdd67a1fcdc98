"""How an association moves with the assumption about missing outcomes."""

from __future__ import annotations

from collections.abc import Sequence

from accord.figures import svg
from accord.figures.chart_frame import axis, below, beside, dot, picture, stroke

WIDTH, LEFT, RIGHT = 720.0, 84.0, 690.0
TOP, PLOT, BELOW = 34.0, 150.0, 48.0


def tipping_point_plot(
    id: str, title: str, summary: str, points: Sequence[tuple[float, float, float, float]],
    across: str, up: str, at: float | None = None, at_words: str = "",
) -> str:  # fmt: skip
    """`points`: assumed shift, estimate, low, high, in order. `at`: the shift that changes the conclusion."""
    base = TOP + PLOT
    x = axis([point[0] for point in points], LEFT, RIGHT, ratio=False)
    y = axis([edge for point in points for edge in point[1:]], base, TOP, ratio=False)
    upper = [(x(point[0]), y(point[3])) for point in points]
    lower = [(x(point[0]), y(point[2])) for point in points]
    band = svg.element("path", d=svg.path(upper + lower[::-1], closed=True), fill=svg.ACT, fill_opacity=0.14)
    line = stroke([(x(point[0]), y(point[1])) for point in points], svg.ACT, 2.0)
    marks = [dot(x(point[0]), y(point[1]), svg.ACT, 3.0) for point in points]
    parts = [
        *beside(y, LEFT, RIGHT),
        *below(x, base, base, across),
        svg.label(up, 0.0, 14.0),
        band,
        line,
        *marks,
    ]
    if at is not None:
        parts.append(stroke([(x(at), TOP), (x(at), base)], svg.STRAIN, 1.5))
        parts.append(svg.label(at_words, x(at), TOP - 6, text_anchor="middle", fill=svg.STRAIN))
    return picture(id, title, summary, WIDTH, base + BELOW, parts)
