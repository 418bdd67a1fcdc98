"""Every test that the page about security leans on is there."""

from __future__ import annotations

import re
from pathlib import Path

from tools import hazards

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "explanation" / "security.md"
NAMED = re.compile(r"`(tests/[\w/]+\.py(?:::\w+)?)`")
CHAPTERS = 17


def absent(text: str) -> list[str]:
    """What is wrong with each test that a text names; nothing when all are there."""
    tests = [name for name in NAMED.findall(text) if "::" in name]
    return [wrong for wrong in (hazards._not_a_test(name, ROOT) for name in tests) if wrong]


def test_each_test_that_the_page_names_is_there():
    text = PAGE.read_text(encoding="utf-8")
    assert len(NAMED.findall(text)) > 25
    assert absent(text) == []


def test_a_test_that_is_not_there_is_noticed():
    assert len(absent("`tests/unit/test_security_page.py::test_nothing` and `tests/no.py::test_x`")) == 2


def test_each_chapter_has_its_row():
    rows = re.findall(r"(?m)^\| V(\d+) ", PAGE.read_text(encoding="utf-8"))
    assert [int(row) for row in rows] == list(range(1, CHAPTERS + 1))
