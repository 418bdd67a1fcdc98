"""Reliability curves: the observed share of sessions in a rupture against the predicted probability."""

from __future__ import annotations

import math

from accord.benchmark.bounds import LEAST_IN_TENTH
from accord.benchmark.detectors import TRACKER
from accord.benchmark.results import Results
from accord.figures import svg
from accord.figures.scale import Scale

PER_ROW, SIDE, GAP = 4, 140.0, 34.0
LEFT, TOP, BELOW = 56.0, 78.0, 44.0
TICKS = (0.0, 0.5, 1.0)
TITLE = "Reliability of p_rupture"

Points = list[tuple[float, float]]


def curves(results: Results) -> str:
    """One square for each scenario, as one SVG with its numbers in words."""
    known = {scenario: points(results, scenario) for scenario in results.scenarios}
    known = {scenario: curve for scenario, curve in known.items() if curve}
    rows = max(1, math.ceil(len(known) / PER_ROW))
    width, height = LEFT + PER_ROW * (SIDE + GAP), TOP + rows * (SIDE + GAP + 18) + BELOW - GAP
    parts = [
        svg.element("title", svg.text(TITLE), id="reliability-title"),
        svg.element("desc", svg.text(_in_words(known)), id="reliability-desc"),
        svg.element("rect", x=0.0, y=0.0, width=width, height=height, fill=svg.PAPER),
        svg.label(TITLE, 12.0, 26.0, font_size=16.0, fill=svg.INK),
        svg.label("across: predicted probability; up: share really in a rupture; dashed: equal", 12.0, 48.0),
        *(_square(scenario, curve, k) for k, (scenario, curve) in enumerate(known.items())),
    ]
    return svg.element(
        "svg", *parts, xmlns="http://www.w3.org/2000/svg", role="img",
        viewBox=f"0 0 {svg.number(width)} {svg.number(height)}", font_family="system-ui, sans-serif",
        **{"aria-labelledby": "reliability-title reliability-desc"},
    )  # fmt: skip


def points(results: Results, scenario: str) -> Points:
    """Mean probability and observed share of each tenth with enough sessions, means over seeds."""
    result = []
    for part in results.parts("observed"):
        if results.mean(scenario, TRACKER, "sessions", part=part) > LEAST_IN_TENTH:
            x, y = (results.mean(scenario, TRACKER, name, part=part) for name in ("predicted", "observed"))
            result.append((x, y))
    return result


def _square(scenario: str, curve: Points, place: int) -> str:
    left = LEFT + (place % PER_ROW) * (SIDE + GAP)
    top = TOP + (place // PER_ROW) * (SIDE + GAP + 18)
    x, y = Scale(0.0, 1.0, left, left + SIDE), Scale(0.0, 1.0, top + SIDE, top)
    drawn = [(x(predicted), y(observed)) for predicted, observed in curve]
    frame = svg.element("rect", x=left, y=top, width=SIDE, height=SIDE, fill="none", stroke=svg.LINE)
    equal = svg.element("path", d=svg.path([(x(0), y(0)), (x(1), y(1))]), stroke=svg.SECOND,
                        stroke_dasharray="4 4", fill="none")  # fmt: skip
    line = svg.element("path", d=svg.path(drawn), stroke=svg.ACT, stroke_width=2.0, fill="none")
    dots = [svg.element("circle", cx=a, cy=b, r=3.5, fill=svg.ACT) for a, b in drawn]
    ticks = [svg.label(f"{at:g}", x(at), top + SIDE + 16, text_anchor="middle") for at in TICKS]
    ticks += [svg.label(f"{at:g}", left - 6, y(at) + 4, text_anchor="end") for at in TICKS]
    return svg.element(
        "g", svg.label(scenario, left, top - 6, fill=svg.INK), frame, equal, line, *dots, *ticks
    )


def _in_words(known: dict[str, Points]) -> str:
    sentences = (
        f"{scenario}: "
        + ", ".join(f"{predicted:.2f} predicted and {observed:.2f} observed" for predicted, observed in curve)
        for scenario, curve in known.items()
    )
    return "; ".join(sentences) + "."
