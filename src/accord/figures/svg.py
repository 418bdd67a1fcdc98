"""SVG as strings: every text escaped, every coordinate finite. No drawing library passes a strict policy."""

from __future__ import annotations

import math
import re
from html import escape

Attribute = str | float | None

# Presentation attributes carry the light palette, so that a figure needs no style sheet;
# the site's style sheet overrides them by class, also for dark mode.
INK = "#22262B"
SECOND = "#5B6470"
LINE = "#DEDAD2"
PAPER = "#FAF9F6"
ACT = "#1F6F6B"
STRAIN = "#9A6412"
RUPTURE = "#7A3E65"
BACK = "#35618E"

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def text(content: str) -> str:
    """Content as XML text; characters that XML cannot hold are left out."""
    return escape(_NOT_XML.sub("", content), quote=True)


def element(name: str, *children: str, **attributes: Attribute) -> str:
    """One element; children are markup, attributes are escaped. `class_` and `stroke_width` lose underscores.

    Raises ValueError for a coordinate that is not finite.
    """
    attributes_text = "".join(
        _attribute(key, value) for key, value in attributes.items() if value is not None
    )
    if not children:
        return f"<{name}{attributes_text}/>"
    return f"<{name}{attributes_text}>{''.join(children)}</{name}>"


def label(content: str, x: float, y: float, **attributes: Attribute) -> str:
    """A line of text, 12 px high by default."""
    given: dict[str, Attribute] = {"font_size": 12.0, "fill": SECOND, **attributes}
    return element("text", text(content), x=x, y=y, **given)


def over(content: str, x: float, y: float, **attributes: Attribute) -> str:
    """A line of text that stays legible on top of lines: an edge of paper around each letter."""
    return label(content, x, y, stroke=PAPER, stroke_width=3.0, paint_order="stroke", **attributes)


def path(points: list[tuple[float, float]], *, closed: bool = False) -> str:
    """Path data through points (x, y) in pixels."""
    joined = "L".join(f"{number(x)} {number(y)}" for x, y in points)
    return f"M{joined}Z" if closed else f"M{joined}"


def number(value: float) -> str:
    """Pixels to a tenth. Raises ValueError for a value that is not finite."""
    if not math.isfinite(value):
        raise ValueError(f"a coordinate must be finite, found {value}")
    rounded = f"{value:.1f}".removesuffix(".0")
    return "0" if rounded == "-0" else rounded


def width_of(content: str) -> float:
    """About how wide a line of 12 px text is, in pixels; generous, because fonts differ."""
    return 6.6 * len(content)


def _attribute(key: str, value: Attribute) -> str:
    name = key.rstrip("_").replace("_", "-")
    content = text(value) if isinstance(value, str) else number(value if value is not None else 0.0)
    return f' {name}="{content}"'
