"""Pieces of a report as HTML: every text escaped, tables that can be read aloud, no script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from accord.figures.svg import element, text

NOTHING = "–"
INTERVAL = "{} ({}\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}{})"


@dataclass(frozen=True, slots=True)
class Table:
    """`numeric`: columns that are aligned at the right; the first column heads its row."""

    caption: str
    heading: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numeric: frozenset[int] = frozenset()
    foot: str = ""
    aside: str = ""  # after the caption, in a quieter style


def paragraph(words: str, kind: str | None = None) -> str:
    return element("p", text(words), class_=kind)


def bullets(sentences: Sequence[str]) -> str:
    return element("ul", *(element("li", text(sentence)) for sentence in sentences))


def section(id: str, title: str, *parts: str) -> str:
    return element(
        "section",
        element("h2", text(title), id=f"{id}-name"),
        *parts,
        id=id,
        **{"aria-labelledby": f"{id}-name"},
    )


def under(title: str) -> str:
    return element("h3", text(title))


def figure(picture: str, caption: str) -> str:
    """A picture in a frame that scrolls on a narrow screen, by keys too, for it takes the focus."""
    frame = element("div", picture, class_="frame", tabindex="0", role="group", aria_label=caption)
    return element("figure", frame, element("figcaption", text(caption)))


def table(content: Table) -> str:
    """A table in a frame that scrolls by itself on a narrow screen."""
    head = element(
        "tr", *(_cell("th", k, cell, content, scope="col") for k, cell in enumerate(content.heading))
    )
    body = [
        element(
            "tr",
            _cell("th", 0, row[0], content, scope="row"),
            *(_cell("td", k, cell, content) for k, cell in enumerate(row[1:], 1)),
        )
        for row in content.rows
    ]
    aside = element("span", text(f" {content.aside}")) if content.aside else ""
    caption = element("caption", text(content.caption), aside)
    whole = element("table", caption, element("thead", head), element("tbody", *body))
    foot = paragraph(content.foot, "foot") if content.foot else ""
    return (
        element("div", whole, class_="frame", role="group", tabindex="0", aria_label=content.caption) + foot
    )


def _cell(name: str, k: int, words: str, content: Table, scope: str | None = None) -> str:
    return element(name, text(words), class_="number" if k in content.numeric else None, scope=scope)


def page(title: str, language: str, style: str, parts: Sequence[str]) -> str:
    """A whole document."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>',
        element("title", text(title)),
        f"<style>{style}</style>",
    )
    return f"<!doctype html>\n{element('html', head, element('body', *parts), lang=language)}\n"


def ratio(value: tuple[float, float, float]) -> str:
    """Estimate with its 95 % interval, which stays on one line."""
    return INTERVAL.format(*map(_two, value))


def points(value: tuple[float, float, float]) -> str:
    return interval(value, 2)


def interval(value: tuple[float, float, float], digits: int) -> str:
    return INTERVAL.format(*(signed(edge, digits) for edge in value))


def _two(value: float) -> str:
    if value >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def signed(value: float, digits: int = 2) -> str:
    """A number with a real minus sign, and none before 0."""
    rounded = f"{value:.{digits}f}"
    return rounded.lstrip("-") if float(rounded) == 0 else rounded.replace("-", "−")


def opening(words: str) -> str:
    """Text with a capital first letter, for a sentence or a heading."""
    return words[:1].upper() + words[1:]


def chance(p: float | None) -> str:
    """A p value: .03, < .001."""
    if p is None:
        return NOTHING
    if p < 0.001:
        return "<\N{NO-BREAK SPACE}.001"
    rounded = f"{p:.3f}" if p < 0.1 else f"{p:.2f}"
    return rounded.removeprefix("0")
