"""Parts that the figures of a report share: a named picture, axes with few ticks, a logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from accord.figures import svg
from accord.figures.scale import Scale, value_ticks

FONT = "system-ui, 'Liberation Sans', 'DejaVu Sans', sans-serif"
# Factors from one tick of ratios to the next, coarse to fine.
FACTORS = (100.0, 10.0, 4.0, 2.0, 2**0.5, 2**0.25, 1.1, 1.05, 1.02, 1.01)
MOST_TICKS = 7


def picture(id: str, title: str, words: str, width: float, height: float, parts: Sequence[str]) -> str:
    """A figure as one complete `<svg>`; `words` describes it for readers who do not see it."""
    names = {"aria-labelledby": f"{id}-title {id}-words"}
    description = [
        svg.element("title", svg.text(title), id=f"{id}-title"),
        svg.element("desc", svg.text(words), id=f"{id}-words"),
    ]
    return svg.element(
        "svg", *description, *parts, xmlns="http://www.w3.org/2000/svg", role="img", width=width,
        height=height, viewBox=f"0 0 {svg.number(width)} {svg.number(height)}", font_family=FONT, **names,
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Axis:
    """A straight or a logarithmic scale (ratios), with its ticks. Values outside are drawn at the edge."""

    scale: Scale
    ticks: tuple[tuple[float, str], ...]  # place on the scale, words
    ratio: bool

    def __call__(self, value: float) -> float:
        return self.scale(math.log(max(value, 1e-300)) if self.ratio else value)

    def holds(self, value: float) -> bool:
        at = math.log(max(value, 1e-300)) if self.ratio else value
        return self.scale.low - 1e-9 <= at <= self.scale.high + 1e-9


def axis(values: Sequence[float], start: float, end: float, *, ratio: bool) -> Axis:
    """An axis that includes the value of no association and all others; ratios within 1/30 to 30."""
    if ratio:
        logs = [math.log(min(max(value, 1 / 30), 30.0)) for value in values if value > 0]
        low, high = _room([*logs, 0.0])
        return Axis(Scale(low, high, start, end), _ratio_ticks(low, high), True)
    low, high = _room([*values, 0.0])
    plain = [(at, words(at)) for at in value_ticks(low, high, 6)]
    return Axis(Scale(low, high, start, end), tuple(plain), False)


def words(value: float) -> str:
    """A tick's number, without noise and with a real minus."""
    text = f"{value:.6g}"
    return "0" if float(text) == 0 else text.replace("-", "−")


def _room(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    edge = max((high - low) * 0.06, 1e-3)
    return low - edge, high + edge


def _ratio_ticks(low: float, high: float) -> tuple[tuple[float, str], ...]:
    """Ticks of logarithms with 1 among them: the finest that are few enough."""
    fine = [step for step in map(math.log, FACTORS) if (high - low) / step <= MOST_TICKS - 1]
    step = fine[-1] if fine else math.log(FACTORS[0])
    places = [k * step for k in range(math.ceil(low / step), math.floor(high / step) + 1)]
    return tuple((at, f"{math.exp(at):.{2 if step > 0.03 else 3}g}") for at in places)


def below(axis: Axis, top: float, base: float, name: str = "") -> list[str]:
    """A horizontal axis: thin lines at the ticks, darker at the value of no association, with words below."""
    parts = []
    for at, value in axis.ticks:
        x = axis.scale(at)
        parts.append(stroke([(x, top), (x, base)], svg.SECOND if at == 0 else svg.LINE))
        parts.append(svg.label(value, x, base + 16, text_anchor="middle"))
    middle = (axis.scale.start + axis.scale.end) / 2
    return [*parts, *([svg.label(name, middle, base + 34, text_anchor="middle")] if name else [])]


def beside(axis: Axis, left: float, right: float) -> list[str]:
    """A vertical axis: the same lines, with words beside."""
    parts = []
    for at, value in axis.ticks:
        y = axis.scale(at)
        parts.append(stroke([(left, y), (right, y)], svg.SECOND if at == 0 else svg.LINE))
        parts.append(svg.label(value, left - 8, y + 4, text_anchor="end"))
    return parts


def stroke(points: list[tuple[float, float]], colour: str, width: float = 1.0) -> str:
    return svg.element("path", d=svg.path(points), stroke=colour, stroke_width=width, fill="none")


def dot(x: float, y: float, colour: str = svg.ACT, size: float = 4.0) -> str:
    return svg.element("circle", cx=x, cy=y, r=size, fill=colour)


def diamond(x: float, y: float, colour: str = svg.BACK, size: float = 5.5) -> str:
    points = [(x, y - size), (x + size, y), (x, y + size), (x - size, y)]
    return svg.element(
        "path", d=svg.path(points, closed=True), fill=svg.PAPER, stroke=colour, stroke_width=1.5
    )
