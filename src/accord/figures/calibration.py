"""Calibration plot: observed share against predicted chance in tenths, and the line where both agree."""

from __future__ import annotations

from collections.abc import Sequence

from accord.figures import svg
from accord.figures.scale import Scale, nice_step, value_ticks
from accord.words.context import Translate

SIDE, LEFT, TOP, BELOW, RIGHT = 280.0, 56.0, 28.0, 48.0, 24.0


def calibration(title: str, points: Sequence[tuple[float, float]], translate: Translate = str) -> str:
    """`points`: predicted chance and observed share, both 0..1, from the lowest."""
    _ = translate
    top = _top(points)
    x, y = Scale(0.0, top, LEFT, LEFT + SIDE), Scale(0.0, top, TOP + SIDE, TOP)
    parts = [svg.element("title", svg.text(title))]
    parts += [_tick(value, x, y) for value in value_ticks(0.0, top)]
    agree = svg.path([(x(0), y(0)), (x(top), y(top))])
    parts.append(svg.element("path", class_="level", fill="none", stroke=svg.ACT, stroke_width=1.5,
                             stroke_dasharray="6 4", d=agree))  # fmt: skip
    diagonal = _("as estimated")
    parts.append(
        svg.over(
            diagonal, x(top) - svg.width_of(diagonal) - 14, y(top) + 14, class_="word level", fill=svg.ACT
        )
    )
    parts += [
        svg.element("circle", class_="ratings", cx=x(a), cy=y(b), r=4.0, fill=svg.SECOND) for a, b in points
    ]
    parts.append(svg.label(_("share who left"), LEFT - 44, TOP - 12, class_="title"))
    parts.append(svg.label(_("estimated chance"), LEFT, TOP + SIDE + 40, class_="title"))
    width, height = LEFT + SIDE + RIGHT, TOP + SIDE + BELOW
    return svg.element(
        "svg", *parts, class_="timeline calibration", role="img", aria_label=title,
        viewBox=f"0 0 {svg.number(width)} {svg.number(height)}", width=width, height=height,
    )  # fmt: skip


def _top(points: Sequence[tuple[float, float]]) -> float:
    """A round number above everything that is drawn."""
    most = max([0.02, *(value for point in points for value in point)])
    step = nice_step(most / 4)
    return step * (int(most / step - 1e-9) + 1)


def _tick(value: float, x: Scale, y: Scale) -> str:
    words = f"{100 * value:.3g} %"
    across = svg.path([(x.start, y(value)), (x.end, y(value))])
    return (
        svg.element("path", class_="grid", stroke=svg.LINE, stroke_width=1.0, d=across)
        + svg.label(words, x.start - 8, y(value) + 4, text_anchor="end")
        + svg.label(words, x(value), y.start + 18, text_anchor="middle")
    )
