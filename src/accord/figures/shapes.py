"""One rating, one mark: a shape and a word for each state, never a colour alone."""

from __future__ import annotations

from accord.figures import svg
from accord.records.ratings import State

STEADY, WATCH, DROP, RETURN, OPEN = "steady", "strain", "rupture", "back", "open"
KINDS = {
    State.STEADY: STEADY,
    State.NO_RATING: STEADY,
    State.STRAIN: WATCH,
    State.DIP: WATCH,
    State.RUPTURE: DROP,
    State.WORSE: DROP,
    State.BACK: RETURN,
    State.TOO_EARLY: OPEN,
    State.CANNOT_SAY: OPEN,
}


def shape(kind: str, x: float, y: float) -> str:
    """Circle, diamond, square, ring or small open circle, about 9 px across."""
    if kind == WATCH:
        diamond = [(x, y - 6), (x + 6, y), (x, y + 6), (x - 6, y)]
        return svg.element("path", class_="shape", d=svg.path(diamond, closed=True), fill=svg.STRAIN)
    if kind == DROP:
        return svg.element(
            "rect", class_="shape", x=x - 4.5, y=y - 4.5, width=9.0, height=9.0, fill=svg.RUPTURE
        )
    if kind == RETURN:
        return _ring(x, y, 4.5, 2.5, svg.BACK)
    if kind == OPEN:
        return _ring(x, y, 3.0, 1.5, svg.SECOND)
    return svg.element("circle", class_="shape", cx=x, cy=y, r=4.0, fill=svg.SECOND)


def unrated(x: float, base: float, in_episode: bool) -> str:
    """A small open tick on the baseline: a session without a rating."""
    colour = svg.RUPTURE if in_episode else svg.SECOND
    stem = svg.element("path", d=svg.path([(x, base), (x, base - 5)]), stroke=colour, fill="none")
    ring = svg.element("circle", cx=x, cy=base - 8, r=2.5, stroke=colour, fill=svg.PAPER, class_="open")
    return stem + ring


def cross(x: float, y: float) -> str:
    """A cross: something that happened beside the ratings."""
    return svg.element("path", class_="shape", stroke=svg.INK, stroke_width=1.5, fill="none",
                       d=f"{svg.path([(x - 3.5, y - 3.5), (x + 3.5, y + 3.5)])}"
                         f"{svg.path([(x - 3.5, y + 3.5), (x + 3.5, y - 3.5)])}")  # fmt: skip


def _ring(x: float, y: float, radius: float, stroke: float, colour: str) -> str:
    return svg.element("circle", class_="shape ring", cx=x, cy=y, r=radius, fill=svg.PAPER, stroke=colour,
                       stroke_width=stroke)  # fmt: skip
