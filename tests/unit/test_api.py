"""`accord.scan`: one brain for files, frames and dicts."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import accord
from accord.api import followed_series, load_population
from accord.errors import InputError
from accord.exchange.ratings_frame import from_frame
from accord.instruments.catalogue import catalogue
from accord.records.ratings import Construct, Rater, State
from accord.result import ScanResult

CALM = [30, 31, 29, 30, 32, 30, 31, 30, 29, 31]


def table(**courses: Sequence[float]) -> dict[str, list[Any]]:
    """Clients' SRS courses by name."""
    rows = [
        (name, number, score) for name, course in courses.items() for number, score in enumerate(course, 1)
    ]
    client, session, score = (list(column) for column in zip(*rows, strict=True))
    return {"client": client, "session": session, "instrument": ["SRS"] * len(rows), "score": score}


@pytest.fixture(scope="module")
def result() -> ScanResult:
    return accord.scan(table(**{"<b>A": CALM, "B": [*CALM, 5], "C": CALM}))


def test_a_scan_tells_which_relationship_has_an_open_rupture_and_why(result: ScanResult) -> None:
    assert result.counts["relationships"] == 3
    assert result.counts["sessions"] == 31
    opened = [standing for standing in result.attention() if standing.state is State.RUPTURE]
    assert [(standing.client, standing.since, standing.session) for standing in opened] == [("B", 11, 11)]
    assert "points below their level" in opened[0].reason


def test_the_summary_says_what_silence_does_not_mean(result: ScanResult) -> None:
    summary = result.summary()
    assert summary.startswith("3 relationships, 31 sessions, 1 rupture open")
    assert "About half of ruptures leave no mark in ratings." in summary
    assert "uncalibrated" in summary
    assert "followed: SRS (0-40), rated by the client" in summary
    assert "reliability of SRS is assumed" in summary
    assert " well" not in summary


def test_the_notebook_table_is_escaped_and_has_headers(result: ScanResult) -> None:
    shown = accord.scan(table(**{"<b>A": [*CALM, 5], "B": CALM}))._repr_html_()
    assert '<th scope="row">&lt;b&gt;A</th>' in shown
    assert "<b>" not in shown
    assert "<caption>2 relationships, 21 sessions, 1 rupture open</caption>" in shown
    assert '<th scope="col">why</th>' in shown
    assert "leave no mark" in shown


def test_findings_come_as_dicts_columns_and_frames(result: ScanResult) -> None:
    dicts = result.to_dicts()
    assert (
        len(dicts) == len(pl.DataFrame(result.to_columns())) == len(pd.DataFrame(result.to_columns())) == 31
    )
    assert list(dicts[0]) == [
        "client", "clinician", "session", "date", "level", "level_low", "level_high", "surprise", "p_rupture",
        "state", "low_start", "reason",
    ]  # fmt: skip
    last = next(row for row in dicts if row["client"] == "B" and row["session"] == 11)
    assert (last["state"], last["date"], last["low_start"]) == ("rupture", None, 0)
    assert json.dumps(dicts)


def test_files_frames_and_dicts_give_the_same_findings(tmp_path: Path, result: ScanResult) -> None:
    columns = table(A=CALM, B=[*CALM, 5])
    path = tmp_path / "ratings.csv"
    pd.DataFrame(columns).to_csv(path, index=False)
    first = accord.scan(path).to_dicts()
    assert accord.scan(str(path)).to_dicts() == first
    assert accord.scan(pd.DataFrame(columns)).to_dicts() == first
    assert accord.scan(pl.DataFrame(columns)).to_dicts() == first
    assert accord.scan(pl.DataFrame(columns).to_dicts()).to_dicts() == first


def test_written_findings_agree_with_those_in_memory(tmp_path: Path, result: ScanResult) -> None:
    result.write(tmp_path / "findings.csv")
    rows = list(csv.DictReader((tmp_path / "findings.csv").read_text().splitlines()))
    assert [path.name for path in tmp_path.iterdir()] == ["findings.csv"]
    assert [row["state"] for row in rows] == [row["state"] for row in result.to_dicts()]
    np.testing.assert_allclose(
        [float(row["surprise"]) for row in rows], result.findings.surprise, atol=0.5e-4, rtol=0
    )


def test_saved_values_give_the_same_findings_and_nothing_is_learned(
    tmp_path: Path, result: ScanResult
) -> None:
    result.save_population(tmp_path / "values.json")
    columns = table(B=[*CALM, 5])
    again = accord.scan(columns, population=tmp_path / "values.json")
    assert again.population == result.population
    own = [row for row in result.to_dicts() if row["client"] == "B"]
    assert again.to_dicts() == own


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "found no such file"),
        ("{", "found something else"),
        ("[]", "found a JSON list"),
        ("[" * 100_000, "found something else"),
        ("{}", "expected a population file"),
        ("x" * 2_000_000, "found a much larger file"),
    ],
)
def test_a_population_file_that_is_none_is_refused(tmp_path: Path, content: str | None, message: str) -> None:
    path = tmp_path / "values.json"
    if content is not None:
        path.write_text(content)
    with pytest.raises(InputError, match=message) as error:
        load_population(path)
    assert error.value.file == str(path)


def test_values_of_another_instrument_are_refused(tmp_path: Path, result: ScanResult) -> None:
    columns = {**table(A=CALM), "instrument": ["WAI-SR"] * len(CALM)}
    with pytest.raises(InputError, match="SRS"):
        accord.scan(columns, population=result.population)


def ratings_with(*rows: tuple[str, str]) -> Any:
    """Ratings of these instruments by these raters, one session each."""
    dicts = [
        {
            "client": "A",
            "session": number,
            "instrument": name,
            "rater": rater,
            "score": 1 if name == "attendance" else 20,
        }
        for number, (name, rater) in enumerate(rows)
    ]
    return from_frame(dicts, instruments=catalogue()).ratings


@pytest.mark.parametrize(
    ("rows", "wanted", "followed"),
    [
        ([("SRS", "client"), ("PHQ-9", "client"), ("PHQ-9", "client")], None, ("SRS", Rater.CLIENT)),
        ([("SRS", "client"), ("WAI-SR", "client"), ("WAI-SR", "client")], None, ("WAI-SR", Rater.CLIENT)),
        ([("SRS", "clinician"), ("SRS", "clinician"), ("WAI-SR", "client")], None, ("WAI-SR", Rater.CLIENT)),
        ([("SRS", "clinician")], None, ("SRS", Rater.CLINICIAN)),
        ([("attendance", "system")], None, ("attendance", Rater.SYSTEM)),
        ([("SRS", "client"), ("PHQ-9", "client")], "phq-9", ("PHQ-9", Rater.CLIENT)),
    ],
)
def test_the_followed_series(
    rows: list[tuple[str, str]], wanted: str | None, followed: tuple[str, Rater]
) -> None:
    instrument, rater = followed_series(ratings_with(*rows), wanted)
    assert (instrument.id, rater) == followed


def test_a_choice_that_only_a_name_can_make_is_refused() -> None:
    with pytest.raises(InputError, match="--instrument ID"):
        followed_series(ratings_with(("attendance", "system"), ("PHQ-9", "client")))
    with pytest.raises(InputError, match=r"found WAI-SR, expected an instrument of these ratings \(SRS\)"):
        followed_series(ratings_with(("SRS", "client")), "WAI-SR")


def test_a_scale_of_ones_own_is_followed_by_its_range() -> None:
    columns = {**table(A=CALM), "instrument": ["mood"] * len(CALM)}
    result = accord.scan(columns, ranges=(0, 50), lower_is_better=True, construct="outcome")
    assert (result.instrument.id, result.instrument.construct) == ("mood", Construct.OUTCOME)
    assert result.instrument.lower_is_better
    assert "worse than own course" in result.summary()
    named = accord.scan(
        columns, ranges={"Mood": (0, 50)}, lower_is_better=["mood"], construct=Construct.OUTCOME
    )
    assert [row["state"] for row in named.to_dicts()] == [row["state"] for row in result.to_dicts()]


@pytest.mark.parametrize("arguments", [{"alarm_rate": 0}, {"alarm_rate": 2}, {"construct": "mood"}])
def test_arguments_out_of_range_are_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(InputError):
        accord.scan(table(A=CALM), **arguments)


def test_importing_accord_brings_no_array_library() -> None:
    code = "import sys, accord; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0


def test_what_speaks_beside_the_followed_series_is_told_apart_from_what_is_not_used() -> None:
    def row(session: int, rater: str, instrument: str, score: float) -> dict[str, object]:
        return {"client": "a", "session": session, "rater": rater, "instrument": instrument, "score": score}

    rows = [row(s, "client", "SRS", 30) for s in range(1, 5)]
    rows += [
        row(4, "client", "urge-to-quit", 3),
        row(4, "client", "BSL-23", 2),
        row(4, "clinician", "WAI-SR", 40),
    ]
    result = next(note for note in accord.scan(rows).notes if note.startswith("followed"))
    used, unused = result.split("; ")[1:]
    assert set(used.removeprefix("beside it: ").split(", ")) == {"urge-to-quit", "WAI-SR"}
    assert unused == "also in the file, not used: BSL-23"
