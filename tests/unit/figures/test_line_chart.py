"""Lines of groups: drawn where their numbers are, told apart without colour, and nothing invented."""

from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from accord.figures.line_chart import HEIGHT, WIDTH, Chart, Line, Point, chart

ONE = Line("still here", (Point(0, 100, 100, 100), Point(8, 80, 70, 88), Point(40, 60, 48, 70)))
TWO = Line("left early, or put out", (Point(0, 0, 0, 0), Point(8, 20, 12, 30), Point(40, 40, 30, 52)))


def _drawn(*lines: Line, **more) -> ET.Element:
    result = Chart("Who stays", "of 100", "months", lines, ((0.0, "0"), (40.0, "9")), 0, 100, " %")
    return ET.fromstring(chart(result if not more else Chart(**{**_asdict(result), **more})))


def _asdict(chart: Chart) -> dict:
    return {name: getattr(chart, name) for name in chart.__slots__}


def _texts(root: ET.Element) -> list[str]:
    return [str(node.text) for node in root.iter() if node.tag.endswith("text")]


def _path(element: ET.Element) -> list[tuple[float, float]]:
    pairs = [pair.split() for pair in re.split("[MLZ]", element.attrib["d"]) if pair]
    return [(float(x), float(y)) for x, y in pairs]


def test_a_line_goes_through_its_points_from_the_left_edge_to_the_right():
    (line,) = [node for node in _drawn(ONE).iter() if node.attrib.get("class") == "line one"]
    places = _path(line)
    assert [x for x, _ in places] == pytest.approx([52, 94.4, 264], abs=0.1)
    top, bottom = 34.0, 210.0
    assert [(bottom - y) / (bottom - top) for _, y in places] == pytest.approx([1, 0.8, 0.6], abs=0.01)


def test_everything_stands_inside_the_picture():
    root = _drawn(ONE, TWO)
    assert (float(root.attrib["width"]), float(root.attrib["height"])) == (WIDTH, HEIGHT)
    for node in root.iter():
        for name, most in (("x", WIDTH), ("cx", WIDTH), ("y", HEIGHT), ("cy", HEIGHT)):
            assert 0 <= float(node.attrib.get(name, 0)) <= most


def test_names_stand_at_the_ends_and_do_not_meet():
    near = Line("gone elsewhere", (Point(0, 0), Point(40, 41)))
    names = [
        node for node in _drawn(ONE, TWO, near).iter() if node.attrib.get("class", "").startswith("name ")
    ]
    assert " ".join(str(name.text) for name in names) == "still here gone elsewhere left early, or put out"
    rows = sorted(float(name.attrib["y"]) for name in names)
    assert all(later - earlier >= 14 for earlier, later in pairwise(rows))


def test_lines_differ_by_mark_and_stroke_and_not_by_colour_alone():
    root = _drawn(ONE, TWO)
    marks = {
        node.attrib["class"]: node.tag
        for node in root.iter()
        if node.attrib.get("class", "").startswith("dot")
    }
    assert len(set(marks.values())) == 2
    dashes = [node.attrib.get("stroke-dasharray") for node in root.iter()
              if node.attrib.get("class", "").startswith("line ")]  # fmt: skip
    assert len(set(dashes)) == 2


def test_an_interval_that_is_not_told_is_not_drawn():
    bare = Line("a", (Point(0, 10), Point(40, 20)))
    assert not [node for node in _drawn(bare).iter() if "band" in node.attrib.get("class", "")]
    whiskers = Line("a", (Point(0, 10, 5, 15), Point(40, 20)), banded=False)
    assert len([node for node in _drawn(whiskers).iter() if "whisker" in node.attrib.get("class", "")]) == 1


def test_the_picture_says_what_it_shows_and_escapes_what_it_is_told():
    root = _drawn(Line("<b>&", ONE.points), title='a "title"')
    assert (root.attrib["role"], root.attrib["aria-label"]) == ("img", 'a "title"')
    assert "<b>&" in _texts(root)


def test_without_any_line_there_are_only_axes():
    assert "months" in _texts(_drawn())
