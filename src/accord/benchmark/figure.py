"""Ruptures found, scenario by scenario and detector by detector, as one accessible SVG figure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from types import MappingProxyType

from accord.benchmark.detectors import CHART, DETECTORS, DROP, OWN_MEAN, REFERENCE, SUM, TRACKER
from accord.benchmark.judge import BENCH
from accord.benchmark.results import Results
from accord.figures import svg
from accord.figures.scale import Scale

LEFT, RIGHT, WIDTH = 132.0, 24.0, 720.0
TOP, ROW, BELOW = 118.0, 30.0, 46.0
LEGEND_COLUMN, LEGEND_LINE = 290.0, 20.0
TICKS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
TITLE = "Ruptures found at 3 % false alarms per calm session"

BRIEFLY = {TRACKER: "accord's own, values learned", REFERENCE: "the same filter, true values"}

Mark = Callable[[float, float], str]


def _outline(points: list[tuple[float, float]], colour: str, fill: str) -> str:
    return svg.element("path", d=svg.path(points, closed=True), fill=fill, stroke=colour, stroke_width=1.5)


def _dot(x: float, y: float) -> str:
    return svg.element("circle", cx=x, cy=y, r=5.5, fill=svg.ACT)


def _ring(x: float, y: float) -> str:
    return svg.element("circle", cx=x, cy=y, r=7.5, fill="none", stroke=svg.INK, stroke_width=1.5)


def _diamond(x: float, y: float) -> str:
    return _outline([(x, y - 6), (x + 6, y), (x, y + 6), (x - 6, y)], svg.STRAIN, svg.PAPER)


def _square(x: float, y: float) -> str:
    return _outline(
        [(x - 4.5, y - 4.5), (x + 4.5, y - 4.5), (x + 4.5, y + 4.5), (x - 4.5, y + 4.5)], svg.BACK, svg.PAPER
    )


def _triangle(x: float, y: float) -> str:
    return _outline([(x, y + 5.5), (x + 5.5, y - 4.5), (x - 5.5, y - 4.5)], svg.RUPTURE, svg.PAPER)


def _cross(x: float, y: float) -> str:
    strokes = [[(x - 4.5, y - 4.5), (x + 4.5, y + 4.5)], [(x - 4.5, y + 4.5), (x + 4.5, y - 4.5)]]
    return svg.element(
        "path", d="".join(map(svg.path, strokes)), stroke=svg.INK, stroke_width=2.0, fill="none"
    )


MARKS: Mapping[str, Mark] = MappingProxyType({
    OWN_MEAN: _diamond, CHART: _square, DROP: _triangle, SUM: _cross, REFERENCE: _ring, TRACKER: _dot,
})  # fmt: skip


def recall(results: Results) -> str:
    """The figure as SVG, with its numbers in words for those who do not see it."""
    rows = [
        scenario
        for scenario in results.scenarios
        if not math.isnan(results.mean(scenario, TRACKER, "found", BENCH))
    ]
    scale = Scale(0.0, 1.0, LEFT, WIDTH - RIGHT)
    height = TOP + ROW * max(1, len(rows)) + BELOW
    parts = [
        svg.element("title", svg.text(TITLE), id="found-title"),
        svg.element("desc", svg.text(_in_words(results, rows)), id="found-desc"),
        svg.element("rect", x=0.0, y=0.0, width=WIDTH, height=height, fill=svg.PAPER),
        svg.label(TITLE, 12.0, 26.0, font_size=16.0, fill=svg.INK),
        *_legend(),
        *_axis(scale, len(rows)),
        *(_row(results, scenario, TOP + ROW * (k + 0.5), scale) for k, scenario in enumerate(rows)),
    ]
    return svg.element(
        "svg", *parts, xmlns="http://www.w3.org/2000/svg", role="img",
        viewBox=f"0 0 {svg.number(WIDTH)} {svg.number(height)}", font_family="system-ui, sans-serif",
        **{"aria-labelledby": "found-title found-desc"},
    )  # fmt: skip


def _legend() -> list[str]:
    parts = []
    for k, name in enumerate(reversed(tuple(MARKS))):
        x, y = 20.0 + LEGEND_COLUMN * (k % 2), 50.0 + LEGEND_LINE * (k // 2)
        parts += [MARKS[name](x, y - 4), svg.label(_called(name), x + 16, y, fill=svg.INK)]
    return parts


def _called(name: str) -> str:
    return f"{name}: {BRIEFLY.get(name, DETECTORS[name].about)}"


def _axis(scale: Scale, rows: int) -> list[str]:
    base = TOP + ROW * max(1, rows)
    lines = [
        svg.element(
            "path", d=svg.path([(scale(at), TOP), (scale(at), base)]), stroke=svg.LINE, stroke_width=1.0
        )
        for at in TICKS
    ]
    words = [svg.label(f"{at:g}", scale(at), base + 18, text_anchor="middle") for at in TICKS]
    return [*lines, *words, svg.label("share of ruptures", scale(0.5), base + 36, text_anchor="middle")]


def _row(results: Results, scenario: str, y: float, scale: Scale) -> str:
    line = svg.element("path", d=svg.path([(LEFT, y), (WIDTH - RIGHT, y)]), stroke=svg.LINE, stroke_width=1.0)
    name = svg.label(scenario, LEFT - 12, y + 4, text_anchor="end", fill=svg.INK)
    values = {detector: results.mean(scenario, detector, "found", BENCH) for detector in MARKS}
    marks = [MARKS[detector](scale(value), y) for detector, value in values.items() if not math.isnan(value)]
    return svg.element("g", line, name, *marks)


def _in_words(results: Results, rows: list[str]) -> str:
    def sentence(scenario: str) -> str:
        values = {
            detector: results.mean(scenario, detector, "found", BENCH) for detector in reversed(tuple(MARKS))
        }
        return f"{scenario}: " + ", ".join(
            f"{detector} {value:.2f}" for detector, value in values.items() if not math.isnan(value)
        )

    return "; ".join(map(sentence, rows)) + "."
