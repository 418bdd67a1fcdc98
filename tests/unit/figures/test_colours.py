"""The tokens of the style sheet, read from it: legible in both modes, calm on clients' pages."""

from __future__ import annotations

import re

import pytest

from accord.clinic.web import stylesheet
from accord.figures import svg

SHEET = stylesheet.text()
GROUNDS = ("paper", "sheet", "wash")
INKS = ("ink", "second", "act", "strain", "rupture", "back", "notice")
TEXT, LINE = 4.5, 3.0  # least contrast of words, and of lines that mean something


def tokens(mode: str) -> dict[str, str]:
    """Names and colours of `light`, or of `dark` where it says something else."""
    light = block(SHEET, ":root")
    dark = block(SHEET[SHEET.index("(prefers-color-scheme: dark)") :], ":root")
    return light if mode == "light" else light | dark


def block(text: str, selector: str) -> dict[str, str]:
    body = text[text.index(selector + " {") :].split("}", maxsplit=1)[0]
    return dict(re.findall(r"--([\w-]+): (#[0-9A-F]{6});", body))


def contrast(entry: str, other: str) -> float:
    """Contrast ratio of two colours as WCAG 2 defines it, 1 to 21."""
    lighter, darker = sorted((luminance(entry), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_contrast_is_computed_as_the_standard_says() -> None:
    assert contrast("#FFFFFF", "#000000") == pytest.approx(21)
    assert contrast("#FFFFFF", "#767676") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("ink", INKS)
def test_words_are_legible(mode: str, ground: str, ink: str) -> None:
    colours = tokens(mode)
    assert contrast(colours[ink], colours[ground]) >= TEXT


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_the_main_action_is_legible(mode: str) -> None:
    colours = tokens(mode)
    assert contrast(colours["on-act"], colours["act"]) >= TEXT


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
def test_the_edges_of_fields_can_be_seen(mode: str, ground: str) -> None:
    colours = tokens(mode)
    assert contrast(colours["edge"], colours[ground]) >= LINE


def test_figures_without_a_style_sheet_use_the_same_light_colours() -> None:
    light = tokens("light")
    theirs = [svg.PAPER, svg.INK, svg.SECOND, svg.LINE, svg.ACT, svg.STRAIN, svg.RUPTURE, svg.BACK]
    names = ["paper", "ink", "second", "line", "act", "strain", "rupture", "back"]
    assert theirs == [light[name] for name in names]


def test_the_colour_of_notices_is_used_on_staff_pages_only() -> None:
    rules = re.findall(r"([^{}]+)\{([^{}]*)\}", re.sub(r"/\*.*?\*/", "", SHEET, flags=re.DOTALL))
    using = [selector.strip() for selector, body in rules if "var(--notice)" in body]
    assert using
    assert all(part.strip().startswith(".staff ") for selector in using for part in selector.split(","))


def test_nothing_comes_from_elsewhere() -> None:
    assert "@import" not in SHEET
    assert "url(" not in SHEET
