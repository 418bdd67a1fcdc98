"""Strokes that every figure of a course shares: own level and band, joined ratings, read-out."""

from __future__ import annotations

from accord.figures import svg
from accord.figures.plot import Plot
from accord.figures.series import Place, Timeline, longest_step, runs


def levels(course: list[Place], series: Timeline, plot: Plot) -> list[str]:
    """The usual range, and the own level dashed upon it; one of each for every stretch without a gap."""
    step = longest_step(series)
    bands = runs(course, lambda place: place.band is not None, step)
    lines = runs(course, lambda place: place.finding.level is not None, step)
    return [_band(run, plot) for run in bands] + [_level(run, plot) for run in lines]


def _band(run: list[Place], plot: Plot) -> str:
    upper = [(plot.x(place.at), plot.y(place.band[1])) for place in run if place.band]
    lower = [(plot.x(place.at), plot.y(place.band[0])) for place in run if place.band]
    if len(run) == 1:
        upper, lower = _widened(upper), _widened(lower)
    return svg.element("path", class_="band", fill=svg.ACT, fill_opacity=0.12,
                       d=svg.path(upper + lower[::-1], closed=True))  # fmt: skip


def _level(run: list[Place], plot: Plot) -> str:
    points = [(plot.x(place.at), plot.y(place.finding.level or 0.0)) for place in run]
    return svg.element("path", class_="level", fill="none", stroke=svg.ACT, stroke_width=1.5,
                       stroke_dasharray="6 4", d=svg.path(_widened(points) if len(run) == 1 else points),
    )  # fmt: skip


def _widened(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """A stretch of one session, made wide enough to be seen."""
    x, y = points[0]
    return [(x - 5, y), (x + 5, y)]


def joined(course: list[Place], series: Timeline, plot: Plot) -> list[str]:
    """Neighbouring ratings joined by a thin line, broken wherever a rating is missing."""
    stretches = runs(course, lambda place: place.finding.rating is not None, longest_step(series))
    return [
        svg.element("path", class_="ratings", fill="none", stroke=svg.SECOND, stroke_width=1.0,
                    d=svg.path([(plot.x(place.at), plot.y(place.finding.rating or 0.0)) for place in run]))
        for run in stretches
        if len(run) > 1
    ]  # fmt: skip


def halo(x: float, y: float) -> str:
    """A circle that shows the focus and enlarges the target for a finger or pointer."""
    return svg.element("circle", class_="halo", cx=x, cy=y, r=11.0, fill="none", stroke="none",
                       pointer_events="all")  # fmt: skip


def readout(lines: list[str], x: float, width: float, height: float) -> str:
    """The same words, written below the figure (of that size) near the mark that is pointed at or focused."""
    need = max(svg.width_of(line) for line in lines)
    right = x > width / 2
    start = min(width - 4, max(x + 40, need)) if right else max(0.0, min(x - 40, width - need))
    spans = [
        svg.element("tspan", svg.text(line), x=start, dy=16.0 if at else 0.0) for at, line in enumerate(lines)
    ]
    y = height - 6 - 16 * (len(lines) - 1)
    return svg.element("text", *spans, class_="readout", y=y, visibility="hidden", fill=svg.INK,
                       font_size=12.0, text_anchor="end" if right else "start")  # fmt: skip
