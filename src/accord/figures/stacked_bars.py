"""Shares of a whole as bars, one line for each whole, each part labelled in place."""

from __future__ import annotations

from collections.abc import Sequence

from accord.figures import svg
from accord.figures.chart_frame import picture

WIDTH, LEFT, RIGHT = 720.0, 210.0, 700.0
TOP, ROW, BAR = 24.0, 30.0, 20.0
FILLS = ((svg.ACT, 0.85), (svg.STRAIN, 0.8), (svg.SECOND, 0.3))


def stacked_bars(
    id: str, title: str, summary: str, names: Sequence[str], wholes: Sequence[tuple[str, Sequence[float]]]
) -> str:
    """`wholes`: label and shares that add up to 1, in the order of `names`."""
    drawn = _key(names)
    for k, (label, shares) in enumerate(wholes):
        y = TOP + ROW * k + 8
        drawn.append(svg.label(label, 0.0, y + 14, fill=svg.INK))
        drawn += _bar(shares, y)
    return picture(id, title, summary, WIDTH, TOP + ROW * len(wholes) + 12, drawn)


def _key(names: Sequence[str]) -> list[str]:
    drawn, x = [], LEFT
    for name, (colour, strength) in zip(names, FILLS, strict=False):
        drawn.append(
            svg.element("rect", x=x, y=3.0, width=12.0, height=12.0, fill=colour, fill_opacity=strength)
        )
        drawn.append(svg.label(name, x + 18, 13.0))
        x += 40 + svg.width_of(name)
    return drawn


def _bar(shares: Sequence[float], y: float) -> list[str]:
    drawn, x = [], LEFT
    for k, (share, (colour, strength)) in enumerate(zip(shares, FILLS, strict=False)):
        width = share * (RIGHT - LEFT)
        drawn.append(svg.element("rect", x=x, y=y, width=max(width, 0.0), height=BAR, fill=colour,
                                 fill_opacity=strength))  # fmt: skip
        if share >= 0.06:
            ink = svg.INK if k == 2 else "#FFFFFF"
            drawn.append(svg.label(f"{share:.0%}", x + 8, y + 14, fill=ink))
        x += width
    return drawn
