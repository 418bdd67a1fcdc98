"""The notebook-style tutorials are run, cell by cell, and print what they say they print."""

from __future__ import annotations

import io
import re
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from accord.science.tracker.assess import METHOD_VERSION
from tests.spec.exchange.commands import run
from tests.support.shared_data import ROOT

PAGE = ROOT / "docs" / "tutorials" / "from-a-file-to-a-figure.md"
PAPER = PAGE.with_name("from-ratings-to-a-paper-table.md")
CELLS = re.compile(r"^```(sh|python)\n(.*?)^```\n(?:\n```text\n(.*?)^```)?", re.DOTALL | re.MULTILINE)


def _wrong(page: str, folder: Path) -> list[str]:
    """Run every cell in turn; each whose output is another one than the page says, with what it printed."""
    names: dict[str, Any] = {}
    result = []
    for kind, cell, said in CELLS.findall(page):
        printed = io.StringIO()
        with redirect_stdout(printed):
            if kind == "sh":
                print(run(cell, folder), end="")
            else:
                exec(compile(cell, PAGE.name, "exec"), names)
        if printed.getvalue() != said:
            result.append(f"{cell}printed\n{printed.getvalue()}")
    return result


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_tutorial_prints_what_it_says_and_leaves_a_figure_a_table_and_a_caption(folder: Path) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert len(CELLS.findall(page)) == page.count("```python") + page.count("```sh") == 9
    assert _wrong(page, folder) == []
    assert ET.parse(folder / "figure.svg").getroot().tag.endswith("svg")
    assert METHOD_VERSION in (folder / "caption.txt").read_text(encoding="utf-8")
    assert (folder / "table.csv").read_text(encoding="utf-8").startswith("session,day,rating")


def test_the_tutorial_of_a_study_ends_with_a_table_and_what_must_stand_beneath_it(folder: Path) -> None:
    page = PAPER.read_text(encoding="utf-8")
    assert len(CELLS.findall(page)) == page.count("```python") + page.count("```sh") == 7
    assert _wrong(page, folder) == []
    assert (folder / "table.csv").read_text(encoding="utf-8").count("leaving early") == 4
    assert "Association, not proof" in (folder / "note.txt").read_text(encoding="utf-8")
    assert (folder / "study" / "report.pdf").read_bytes().startswith(b"%PDF-")


def test_a_cell_that_prints_something_else_would_be_noticed(folder: Path) -> None:
    page = '```python\nprint(1 + 1)\n```\n\n```text\n3\n```\n\n```python\nx = "quiet"\n```\n'
    assert _wrong(page, folder) == ["print(1 + 1)\nprinted\n2\n"]
