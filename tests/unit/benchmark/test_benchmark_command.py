"""`accord benchmark` from the outside, with tiny programmes."""

from __future__ import annotations

import sys

import pytest

from accord.__main__ import main
from accord.commands import benchmark as command

TINY = ("--relationships", "12", "--sessions", "6", "--seeds", "1", "--executor", "none")
PAGE = f"# Detection\n\nBefore.\n\n{command.BEGIN}\nold numbers\n{command.END}\n\nAfter.\n"


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_prints_the_tables_and_writes_measures_tables_and_the_figure(folder, capsys):
    assert main(["benchmark", "--scenario", "textbook", *TINY, "--out", "results/new"]) == 0
    output = capsys.readouterr()
    assert "RUPTURES FOUND" in output.out
    assert "BOUNDS" in output.out
    assert output.out.splitlines()[3].split()[:2] == ["tracker", "reference"]
    written = sorted(path.name for path in (folder / "results" / "new").iterdir())
    assert written == ["found.svg", "measures.csv", "reliability.svg", "tables.md"]
    assert "accord benchmark --scenario textbook --relationships 12" in (
        folder / "results" / "new" / "tables.md"
    ).read_text(encoding="utf-8")


def test_it_renews_the_numbers_in_a_page_and_nothing_else(folder, capsys):
    (folder / "page.md").write_text(PAGE, encoding="utf-8")
    assert main(["benchmark", "--scenario", "null", *TINY, "--write-docs", "page.md"]) == 0
    text = (folder / "page.md").read_text(encoding="utf-8")
    assert text.startswith(f"# Detection\n\nBefore.\n\n{command.BEGIN}\nMethod `")
    assert text.endswith(f"{command.END}\n\nAfter.\n")
    assert "old numbers" not in text
    assert "### Bounds" in text


def test_a_quick_run_is_small(monkeypatch, capsys):
    seen = []

    def run(todo, _engine):
        seen.extend(todo)
        return []

    monkeypatch.setattr("accord.benchmark.run.run", run)
    assert main(["benchmark", "--quick"]) == 0
    assert {task.relationships for task in seen} == {command.QUICK[0]}
    assert len({task.scenario for task in seen}) == 11


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--scenario", "nothing"], "expected one of textbook"),
        (["--relationships", "2"], "--relationships"),
        (["--seeds", "0"], "--seeds"),
        (["--write-docs", "absent.md"], "absent.md"),
        (["--executor", "nobody"], "--executor"),
    ],
)
def test_bad_usage_is_told_before_any_work(words, message, capsys, monkeypatch):
    monkeypatch.setattr("accord.benchmark.run.run", lambda *_: pytest.fail("it worked all the same"))
    with_exit = pytest.raises(SystemExit) if "nobody" in words else None
    if with_exit:
        with with_exit as stopped:
            main(["benchmark", *words])
        assert stopped.value.code == 2
    else:
        assert main(["benchmark", *words]) == 2
    assert message in capsys.readouterr().err


def test_a_page_without_the_markers_is_refused_and_left_alone(folder, capsys):
    (folder / "page.md").write_text("# Another page\n", encoding="utf-8")
    assert main(["benchmark", *TINY, "--write-docs", "page.md"]) == 2
    assert (folder / "page.md").read_text(encoding="utf-8") == "# Another page\n"
    assert "benchmark: begin" in capsys.readouterr().err


def test_dask_that_is_missing_is_bad_usage_with_what_to_type(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "distributed", None)
    assert main(["benchmark", "--scenario", "null", *TINY[:-1], "dask"]) == 2
    assert "pip install '.[dask]'" in capsys.readouterr().err
