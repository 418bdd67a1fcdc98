"""The command line: exit codes, one-line errors, and files that are written only when all is well."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from accord.__main__ import main
from accord.commands import scan as scan_command
from accord.commands import site
from accord.science.tracker import assess
from accord.science.tracker.learning import NotConverged

HEADER = "client,session,instrument,score\n"
CALM = [30, 31, 29, 30, 32, 30, 31, 30, 29, 31]
ROWS = "".join(f"A,{number},SRS,{score}\n" for number, score in enumerate([*CALM, 5], 1))
Run = Callable[..., int]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in an empty folder that holds a file of ratings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ACCORD_DEBUG", raising=False)
    (tmp_path / "ratings.csv").write_text(HEADER + ROWS)

    def run_words(*words: str) -> int:
        try:
            return main(words)
        except SystemExit as stopped:  # argparse's own way to say wrong usage and help
            return int(stopped.code or 0)

    return run_words


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_scan_writes_findings_and_tells_a_short_table(run: Run, tmp_path: Path, capsys) -> None:
    assert run("scan", "ratings.csv", "--out", "findings.csv") == 0
    output = capsys.readouterr()
    assert output.out.startswith("1 relationship, 11 sessions, 1 rupture open\nclient")
    assert "points below their level" in output.out
    assert output.err == ""
    assert names(tmp_path) == {"ratings.csv", "findings.csv"}


def test_quiet_is_quiet_and_json_is_one_object(run: Run, capsys) -> None:
    assert run("scan", "ratings.csv", "--out", "findings.csv", "--quiet") == 0
    assert capsys.readouterr() == ("", "")
    assert run("scan", "ratings.csv", "--out", "findings.csv", "--json") == 0
    content = json.loads(capsys.readouterr().out)
    assert (content["relationships"], content["sessions"], content["open"], content["converged"]) == (
        1,
        11,
        1,
        True,
    )
    assert content["attention"][0]["state"] == "rupture"


BAD = [
    ("", "an empty file"),
    ("\x89PNG\r\n", "column"),
    (HEADER + "A,1,SRS,41\n", "row 2, column score: found '41', expected a number from 0 to 40 (SRS)"),
    (HEADER + "A,1,SRS,nan\n", "row 2, column score: found 'nan'"),
    (HEADER + "A,1,SRS,inf\n", "row 2, column score: found 'inf'"),
    (HEADER + "A,1,SRS\n", "row 2: found 3 cells, expected 4 cells"),
    (HEADER + "A,1,SRS,3\nA,1,SRS,3\n", "row 3, column session: found '1', expected one row"),
    (HEADER + "=A,1,SRS,3\n", "row 2, column client: found '=A'"),
    ("client,session,score\nA,1,3\n", "row 1, column instrument: found no such column"),
    (
        "client,session,date,instrument,score\nA,1,2025-01-01,SRS,3\nA,2,1/8/2025,SRS,3\n",
        "row 3, column date",
    ),
    (HEADER + "A,1,XYZ,3\n", "row 2, column instrument: found 'XYZ'"),
    (HEADER + "A,1,PHQ-9,3\nA,1,BSL-23,3\n", "--instrument ID"),
]


@pytest.mark.parametrize(("content", "message"), BAD)
def test_bad_input_gives_2_one_line_on_stderr_and_no_file(
    run: Run, tmp_path: Path, capsys, content: str, message: str
) -> None:
    (tmp_path / "ratings.csv").write_text(content)
    words = ("scan", "ratings.csv", "--out", "findings.csv", "--save-population", "values.json")
    assert run(*words) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("accord: ")
    assert message in err
    assert err.count("\n") == 1
    assert names(tmp_path) == {"ratings.csv"}


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("scan",),
        ("scan", "ratings.csv"),
        ("scan", "nothing.csv", "--out", "f.csv"),
        ("scan", ".", "--out", "f.csv"),
        ("scan", "ratings.csv", "--out", "ratings.csv"),
        ("scan", "ratings.csv", "--out", "./../{folder}/ratings.csv"),
        ("scan", "ratings.csv", "--out", "nowhere/f.csv"),
        ("scan", "ratings.csv", "--out", "."),
        ("scan", "ratings.csv", "--out", "f.csv", "--save-population", "f.csv"),
        ("scan", "ratings.csv", "--out", "f.csv", "--skip-bad", "--save-population", "f.bad.csv"),
        ("scan", "ratings.csv", "--out", "f.csv", "--population", "nothing.json"),
        ("scan", "ratings.csv", "--out", "f.csv", "--population", "ratings.csv"),
        ("scan", "ratings.csv", "--out", "f.csv", "--alarm-rate", "2"),
        ("scan", "ratings.csv", "--out", "f.csv", "--alarm-rate", "often"),
        ("scan", "ratings.csv", "--out", "f.csv", "--instrument", "WAI-SR"),
        ("scan", "ratings.csv", "--out", "f.csv", "--range", "0:10"),
        ("scan", "ratings.csv", "--out", "f.csv", "--range", "SRS=0:10"),
        ("scan", "ratings.csv", "--out", "f.csv", "--range", "ten"),
        ("scan", "ratings.csv", "--out", "f.csv", "--lower-is-better", "SRS"),
        ("scan", "ratings.csv", "--out", "f.csv", "--construct", "outcome"),
        ("scan", "ratings.csv", "--out", "f.csv", "--construct", "mood"),
        ("simulate", "--scenario", "nonsense", "--clients", "2", "--sessions", "2", "--out", "f.csv"),
        ("simulate", "--scenario", "null", "--clients", "0", "--sessions", "2", "--out", "f.csv"),
        ("simulate", "--scenario", "null", "--out", "f.csv", "--truth", "f.csv"),
        ("instruments",),
        ("instruments", "show", "nonsense"),
        ("nonsense",),
    ],
)
def test_wrong_usage_gives_2_and_writes_nothing(
    run: Run, tmp_path: Path, capsys, words: tuple[str, ...]
) -> None:
    before = (tmp_path / "ratings.csv").read_bytes()
    assert run(*(word.replace("{folder}", tmp_path.name) for word in words)) == 2
    assert "Traceback" not in capsys.readouterr().err
    assert names(tmp_path) == {"ratings.csv"}
    assert (tmp_path / "ratings.csv").read_bytes() == before


def test_skipped_rows_change_nothing_about_the_exit_code(run: Run, tmp_path: Path, capsys) -> None:
    (tmp_path / "ratings.csv").write_text(HEADER + "B,1,SRS,99\n" + ROWS)
    assert run("scan", "ratings.csv", "--out", "findings.csv", "--skip-bad") == 0
    assert "left out: row 2, column score: found '99'" in capsys.readouterr().out
    assert (tmp_path / "findings.bad.csv").read_text() == (
        'row,column,found,expected,line\n2,score,99,a number from 0 to 40 (SRS),"B,1,SRS,99"\n'
    )


def test_skip_bad_without_bad_rows_leaves_no_older_list(run: Run, tmp_path: Path) -> None:
    (tmp_path / "findings.bad.csv").write_text("an older list")
    assert run("scan", "ratings.csv", "--out", "findings.csv", "--skip-bad", "--quiet") == 0
    assert (tmp_path / "findings.bad.csv").read_text() == "row,column,found,expected,line\n"


def test_saved_values_give_the_same_findings_and_later_rows_change_no_earlier_one(
    run: Run, tmp_path: Path
) -> None:
    assert run("scan", "ratings.csv", "--out", "a.csv", "--save-population", "values.json", "--quiet") == 0
    more = "".join(f"A,{number},SRS,{score}\n" for number, score in enumerate([20, 3, 39], 12))
    (tmp_path / "ratings.csv").write_text(HEADER + more + ROWS)
    assert run("scan", "ratings.csv", "--out", "b.csv", "--population", "values.json", "--quiet") == 0
    first, second = ((tmp_path / name).read_text().splitlines() for name in ("a.csv", "b.csv"))
    assert second[: len(first)] == first
    assert len(second) == len(first) + 3


def test_a_fit_that_does_not_converge_gives_3_and_a_marked_result(
    run: Run, tmp_path: Path, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn = assess.learn

    def lost(*arguments, **options):
        raise NotConverged(learn(*arguments, **options))

    monkeypatch.setattr(assess, "learn", lost)
    assert run("scan", "ratings.csv", "--out", "findings.csv") == 3
    assert "did not converge" in capsys.readouterr().out
    assert (tmp_path / "findings.csv").exists()


def test_an_internal_error_gives_1_a_short_message_and_a_traceback_only_on_request(
    run: Run, tmp_path: Path, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_arguments) -> int:
        raise ZeroDivisionError("a fault")

    monkeypatch.setattr(scan_command, "run", broken)
    assert run("scan", "ratings.csv", "--out", "f.csv") == 1
    assert capsys.readouterr().err == (
        "accord: internal error, ZeroDivisionError: a fault (ACCORD_DEBUG=1 shows where)\n"
    )
    monkeypatch.setenv("ACCORD_DEBUG", "1")
    with pytest.raises(ZeroDivisionError):
        run("scan", "ratings.csv", "--out", "f.csv")


def test_a_simulated_programme_can_be_scanned(run: Run, tmp_path: Path) -> None:
    words = ("--scenario", "textbook", "--clients", "5", "--sessions", "8", "--seed", "3")
    assert run("simulate", *words, "--out", "simulated.csv", "--truth", "truth.csv") == 0
    assert run("simulate", *words, "--out", "same.csv") == 0
    assert (tmp_path / "simulated.csv").read_bytes() == (tmp_path / "same.csv").read_bytes()
    assert run("scan", "simulated.csv", "--out", "findings.csv", "--quiet") == 0
    assert len((tmp_path / "findings.csv").read_text().splitlines()) == 5 * 8 + 1


def test_instruments_are_listed_and_shown(run: Run, capsys) -> None:
    assert run("instruments", "list") == 0
    assert "WAI-SR" in capsys.readouterr().out
    assert run("instruments", "show", "phq-9") == 0
    assert "lower is better" in capsys.readouterr().out


def test_a_value_nobody_checked_is_called_assumed_and_not_printed(run: Run, capsys) -> None:
    assert run("instruments", "show", "SRS") == 0
    assert "reliability: assumed\n" in capsys.readouterr().out


def test_the_site_without_its_parts_says_what_to_install(
    run: Run, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without_django(_name: str) -> None:
        raise ModuleNotFoundError("No module named 'django'", name="django")

    monkeypatch.setattr(site, "import_module", without_django)
    for command in ("demo", "serve", "manage"):
        assert run(command, "--anything") == 2
        assert "pip install '.[clinic]'" in capsys.readouterr().err


def test_words_after_a_command_of_the_site_are_handed_on(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[list[str]] = []

    class Demo:
        @staticmethod
        def main(words: list[str]) -> int:
            given.append(words)
            return 0

    monkeypatch.setattr(site, "import_module", lambda _name: Demo)
    assert run("demo", "--port", "8001") == 0
    assert given == [["--port", "8001"]]


@pytest.mark.parametrize(
    "words",
    [("--help",), ("--version",), ("scan", "--help"), ("simulate", "--help"), ("instruments", "--help")],
)
def test_help_has_an_example_and_starts_without_an_array_library(words: tuple[str, ...]) -> None:
    code = "import sys\nfrom accord.__main__ import main\ntry: main()\nfinally: print('numpy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True)
    assert done.returncode == 0
    assert done.stdout.endswith("False\n")
    assert words == ("--version",) or "example" in done.stdout


def test_a_reader_that_goes_away_is_no_error() -> None:
    accord = f"{sys.executable} -m accord"
    done = subprocess.run(
        ["bash", "-c", f"{accord} instruments list | head -1; exit ${{PIPESTATUS[0]}}"],
        capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
