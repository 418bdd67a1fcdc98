"""A specification curve: the same question under every reasonable choice, in order of their estimates."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from accord.figures import svg
from accord.figures.chart_frame import Axis, axis, beside, dot, picture, stroke

WIDTH, LEFT, RIGHT = 720.0, 210.0, 706.0
TOP, PLOT, GAP, ROW = 16.0, 150.0, 22.0, 15.0


@dataclass(frozen=True, slots=True)
class Choice:
    """Estimate and interval under one set of choices; `made`: one word for each kind of choice."""

    estimate: float
    low: float
    high: float
    made: tuple[str, ...]

    @property
    def apart(self) -> bool:
        """Whether the interval excludes the value of no association."""
        return self.low > 0 or self.high < 0


def specification_curve(
    id: str, title: str, summary: str, choices: Sequence[Choice], kinds: Sequence[str], *, ratio: bool
) -> str:
    """`choices` in order; `kinds`: what each place of `made` decides. Ratios come as logarithms."""

    def shown(value: float) -> float:
        return math.exp(min(max(value, -50.0), 50.0)) if ratio else value

    values = [shown(edge) for choice in choices for edge in (choice.low, choice.high)]
    scale = axis(values, TOP + PLOT, TOP, ratio=ratio)
    step = (RIGHT - LEFT) / max(len(choices), 1)
    parts = beside(scale, LEFT - 4, RIGHT)
    for k, choice in enumerate(choices):
        parts += _estimate(LEFT + step * (k + 0.5), scale, shown, choice)
    made, height = _choice_rows(choices, kinds, step)
    return picture(id, title, summary, WIDTH, height, [*parts, *made])


def _estimate(x: float, scale: Axis, shown: Callable[[float], float], choice: Choice) -> list[str]:
    colour = svg.ACT if choice.apart else svg.SECOND
    line = stroke(
        [(x, scale(shown(choice.low))), (x, scale(shown(choice.high)))],
        colour if choice.apart else svg.LINE,
        1.2,
    )
    return [line, dot(x, scale(shown(choice.estimate)), colour, 2.2)]


def _choice_rows(choices: Sequence[Choice], kinds: Sequence[str], step: float) -> tuple[list[str], float]:
    """Below the curve, a line for each choice and its marks; kinds without a choice are left out."""
    parts, y = [], TOP + PLOT + GAP
    for place, kind in enumerate(kinds):
        options = sorted({choice.made[place] for choice in choices})
        if len(options) < 2:
            continue
        parts.append(svg.label(kind, 0.0, y + 4, fill=svg.INK, font_size=11.0))
        for option in options:
            parts.append(svg.label(option, LEFT - 10, y + 4, text_anchor="end", font_size=11.0))
            parts += [
                svg.element("rect", x=LEFT + step * (k + 0.5) - min(step, 7.0) * 0.4, y=y - 4,
                            width=min(step, 7.0) * 0.8, height=8.0, fill=svg.SECOND)
                for k, choice in enumerate(choices) if choice.made[place] == option
            ]  # fmt: skip
            y += ROW
        y += 6
    return parts, y + 2
