"""`accord study`: a folder that is there whole or not at all, and errors that say what to mend."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from pyarrow import parquet

from accord.__main__ import main
from accord.errors import InputError
from accord.exchange.atomic import replacing_folder
from accord.science.tracker.learning import NotConverged
from accord.study import run as make
from accord.study.models.refusals import Note, Why
from accord.study.plan.study_plan import read_plan
from accord.study.release import files
from accord.study.report import document

PEOPLE = 24


@pytest.fixture(scope="module")
def programme(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("programme")
    words = [
        "simulate",
        "--scenario",
        "programme",
        "--clients",
        str(PEOPLE),
        "--sessions",
        "30",
        "--seed",
        "4",
    ]
    written = ["--out", "r.csv", "--episodes", "p.csv", "--events", "e.csv"]
    assert (
        main(
            [
                *words,
                *(str(folder / argument) if argument.endswith(".csv") else argument for argument in written),
            ]
        )
        == 0
    )
    return folder


@pytest.fixture(autouse=True)
def short_report(monkeypatch):
    """The analyses have tests of their own, and the how-to page runs them whole: here they only sign."""

    def sign(frame, folder, **_):
        (folder / "report.html").write_text(f"{len(frame.columns['client'])} rows")
        return SimpleNamespace(answers=())

    monkeypatch.setattr(document, "write", sign)


@pytest.fixture
def study(programme, tmp_path, monkeypatch):
    """Run the command on the made-up programme, with other words where given."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ACCORD_DEBUG", raising=False)

    def run(*more, **files):
        names = {name: str(programme / f"{name[0]}.csv") for name in ("ratings", "events")}
        names |= {"episodes": str(programme / "p.csv"), "out": "study"} | files
        words = [word for name, path in names.items() if path for word in (f"--{name}", path)]
        return main(["study", *words, *more])

    return run


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_study_is_a_folder_with_frame_dictionary_plan_tables_and_versions(study, tmp_path, capsys):
    assert study() == 0
    output = capsys.readouterr()
    assert output.out.startswith(f"{PEOPLE} people in 1 arm, ")
    assert output.err == ""
    assert {
        "frame.parquet", "dictionary.csv", "plan.toml", "versions.json", "report.html", "tables/flow.csv",
        "tables/events.csv", "tables/alliance.csv", "tables/missing-forms.csv",
    } <= names(tmp_path / "study")  # fmt: skip
    assert [path.name for path in tmp_path.iterdir()] == ["study"]
    plan = read_plan(tmp_path / "study" / "plan.toml")
    assert (plan.alliance, plan.period_days) == (
        {"client": "session-checkin", "clinician": "session-checkin-clinician"}, 28
    )  # fmt: skip
    assert json.loads((tmp_path / "study" / "versions.json").read_text())["seeds"]["plan"] == 2015


def test_the_plan_as_used_makes_the_same_frame_again_but_for_the_ids(study, tmp_path):
    assert study("--quiet") == 0
    assert study("--quiet", "--plan", "study/plan.toml", out="again") == 0
    frames = [parquet.read_table(tmp_path / name / "frame.parquet") for name in ("study", "again")]
    texts = {"client", "clinician", "clinician_2", "clinician_3"}
    whole = [sorted(map(repr, frame.drop_columns(sorted(texts)).to_pylist())) for frame in frames]
    assert whole[0] == whole[1]
    for name in ("tables/flow.csv", "tables/events.csv", "tables/alliance.csv", "plan.toml", "versions.json"):
        assert (tmp_path / "study" / name).read_bytes() == (tmp_path / "again" / name).read_bytes()
    assert (
        frames[0]["client"].to_pylist()[0] == frames[1]["client"].to_pylist()[0]
    )  # the first id, of somebody
    assert frames[0]["days"].to_pylist() != frames[1]["days"].to_pylist()


def test_no_code_and_no_date_of_the_files_is_in_anything_that_is_written(study, programme, tmp_path):
    assert study("--quiet") == 0
    table = parquet.read_table(tmp_path / "study" / "frame.parquet")
    result = repr(table.to_pylist())
    result += "".join(
        (tmp_path / "study" / name).read_text("utf-8", "replace") for name in names(tmp_path / "study")
    )
    rows = (programme / "p.csv").read_text().splitlines()[1:]
    assert len(rows) == PEOPLE
    for row in rows:
        client, start, _ = row.split(",", 2)
        assert client not in result
        assert start not in result


def test_a_folder_with_something_in_it_is_left_as_it_is(study, tmp_path, capsys):
    (tmp_path / "study").mkdir()
    (tmp_path / "study" / "mine.txt").write_text("mine")
    assert study() == 2
    assert "found a folder that is not empty, expected the name of a new folder" in capsys.readouterr().err
    assert names(tmp_path) == {"study/mine.txt"}


def test_an_empty_folder_is_filled(study, tmp_path):
    (tmp_path / "study").mkdir()
    assert study("--quiet") == 0
    assert "frame.parquet" in names(tmp_path / "study")


def test_an_error_while_writing_leaves_nothing(study, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(make, "write_versions", lambda *_: 1 / 0)
    assert study() == 1
    assert "ZeroDivisionError" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_without_events_nothing_is_said_of_them(study, tmp_path, capsys):
    assert study(events="") == 0
    assert "note: no events were given" in capsys.readouterr().out
    assert "attempt" not in parquet.read_table(tmp_path / "study" / "frame.parquet").column_names


def test_what_did_not_converge_is_written_and_told(study, tmp_path, monkeypatch, capsys):
    from accord.science.tracker import assess

    learn = assess.learn

    def not_converged(*given, **also):
        raise NotConverged(learn(*given, **also))

    monkeypatch.setattr(assess, "learn", not_converged)
    assert study() == 3
    assert "did not converge: take ruptures with caution" in capsys.readouterr().out
    assert "frame.parquet" in names(tmp_path / "study")


def test_a_model_that_did_not_converge_is_told_on_screen_and_in_the_exit_code(study, monkeypatch, capsys):
    line = SimpleNamespace(notes=(Note(Why.NOT_CONVERGED, {"reason": ""}),))
    monkeypatch.setattr(document, "write", lambda *_, **__: SimpleNamespace(answers=(line, line)))
    assert study() == 3
    assert "note: 2 associations have no number" in capsys.readouterr().out


@pytest.fixture(scope="module")
def own_scale(tmp_path_factory) -> Path:
    """Ratings on a scale that accord does not know, without dates, and their episodes without arms."""
    folder = tmp_path_factory.mktemp("own-scale")
    words = ["simulate", "--scenario", "textbook", "--clients", "12", "--sessions", "8", "--seed", "1"]
    assert main([*words, "--out", str(folder / "r.csv"), "--episodes", str(folder / "p.csv")]) == 0
    rows = [line.split(",") for line in (folder / "r.csv").read_text().splitlines()]
    place = rows[0].index("date")
    (folder / "r.csv").write_text(
        "".join(",".join(row[:place] + row[place + 1 :]).replace("WAI-SR", "TRUST") + "\n" for row in rows)
    )
    (folder / "p.csv").write_text((folder / "p.csv").read_text().replace("textbook", ""))
    return folder


def test_a_scale_of_ones_own_is_followed_once_it_is_declared_an_alliance(study, own_scale, tmp_path, capsys):
    (tmp_path / "plan.toml").write_text('[alliance]\nclient = "TRUST"\n')
    files = {"ratings": str(own_scale / "r.csv"), "episodes": str(own_scale / "p.csv"), "events": ""}
    plan = ("--plan", "plan.toml")
    assert study(*plan, "--range", "TRUST=12:60", **files) == 2
    assert "key record_ends: found nothing, expected the last day of the record" in capsys.readouterr().err
    (tmp_path / "plan.toml").write_text('record_ends = 2025-12-31\n[alliance]\nclient = "TRUST"\n')
    assert study(*plan, "--range", "TRUST=12:60", **files) == 0
    assert (
        "note: of ruptures nothing is said, as TRUST was not declared an alliance" in capsys.readouterr().out
    )
    more = ("--range", "TRUST=12:60", "--construct", "alliance")
    assert study(*plan, *more, **files, out="again") == 0
    assert "of ruptures nothing" not in capsys.readouterr().out
    first, again = (parquet.read_table(tmp_path / name / "frame.parquet") for name in ("study", "again"))
    assert set(first["rupture"].to_pylist()) == {None}
    assert {0} <= set(again["rupture"].to_pylist())
    assert again["arm"].unique().to_pylist() == ["treatment"]
    assert sum(again["sessions"].to_pylist()) == 12 * 8  # undated sessions are weeks from the start


WRONG = [
    ({"ratings": "nothing.csv"}, "nothing.csv: found no such file"),
    ({"episodes": "nothing.csv"}, "nothing.csv: found no such file"),
    ({"plan": "plan.toml"}, "plan.toml, key perod_days: found perod_days, expected one of the keys alliance"),
    ({"events": "stranger.csv"}, "row 2, column client: found 'nobody', expected a client with an episode"),
    ({"episodes": "few.csv", "events": ""}, "expected at least 10 people in an arm"),
    ({"out": "plan.toml"}, "found a file, expected the name of a new folder"),
    ({"out": "nowhere/study"}, "found no such folder"),
]  # fmt: skip


@pytest.mark.parametrize(("other", "message"), WRONG)
def test_bad_input_gives_2_one_line_on_stderr_and_no_folder(
    study, programme, tmp_path, capsys, other, message
):
    (tmp_path / "plan.toml").write_text("perod_days = 28\n")
    (tmp_path / "stranger.csv").write_text("client,date,kind,count\nnobody,2025-02-01,attempt,1\n")
    few = (programme / "p.csv").read_text().splitlines()[:9]
    (tmp_path / "few.csv").write_text("\n".join(few) + "\n")
    before = names(tmp_path)
    assert study(**other) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("accord: ")
    assert message in err
    assert err.count("\n") == 1
    assert names(tmp_path) == before


def test_a_missing_extra_is_told_before_anything_is_read(study, monkeypatch, capsys):
    monkeypatch.setattr(files, "find_spec", lambda name: None)
    assert study(ratings="nothing.csv") == 2
    assert "pip install '.[study]'" in capsys.readouterr().err


def test_a_folder_that_fills_up_meanwhile_is_not_replaced(tmp_path):
    place = tmp_path / "study"
    with pytest.raises(OSError, match="not empty"), replacing_folder(place) as folder:
        (folder / "new.txt").write_text("new")
        place.mkdir()
        (place / "mine.txt").write_text("mine")
    assert names(tmp_path) == {"study/mine.txt"}


def test_a_folder_that_cannot_be_made_is_refused_before_the_work(tmp_path):
    for wrong in (tmp_path / "no" / "study", tmp_path / ("x" * 70 + "\0")):
        with pytest.raises((InputError, ValueError)), replacing_folder(wrong):
            raise AssertionError("work began")
