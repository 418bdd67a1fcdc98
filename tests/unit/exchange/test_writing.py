"""Written files: whole or not at all, plain numbers, no formulas."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from accord.errors import InputError
from accord.exchange import csv_escape
from accord.exchange.atomic import refuse_unwritable, replacing
from accord.exchange.bad_csv import write_bad
from accord.exchange.findings_csv import COLUMNS, write_findings
from accord.exchange.reading import BadCell
from accord.instruments.catalogue import get
from accord.records.ratings import NO_DAY, STATES, Findings, State


def findings() -> Findings:
    nan = np.nan
    return Findings(
        get("SRS"), ("A", "B"), ("",),
        np.array([0, 0, 1], np.int32), np.zeros(3, np.int32), np.array([1, 2, 1], np.int32),
        np.array([20000, NO_DAY, 20001], np.int32), np.array([30.0, nan, 12.25]),
        np.array([31.0, nan, 1 / 3]), np.array([30.0, nan, -0.0]), np.array([32.0, nan, 20.0]),
        np.array([-0.53, nan, 4.123456]), np.array([0.05, nan, 1e-9]),
        np.array([STATES.index(s) for s in (State.STEADY, State.NO_RATING, State.RUPTURE)], np.int8),
        np.array([False, False, True]), np.array([nan, nan, -4.1]),
        np.zeros(3, np.int8), np.zeros(3, np.int8), "test",
    )  # fmt: skip


def test_findings_are_written_as_plain_numbers_with_empty_cells_for_what_is_not_known(tmp_path: Path) -> None:
    write_findings(tmp_path / "out.csv", findings())
    rows = list(csv.DictReader((tmp_path / "out.csv").read_text().splitlines()))
    assert tuple(rows[0]) == COLUMNS
    assert [row["surprise"] for row in rows] == ["-0.53", "", "4.1235"]
    assert [row["level_low"] for row in rows] == ["30", "", "0"]
    assert [row["p_rupture"] for row in rows] == ["0.05", "", "0"]
    assert [row["date"] for row in rows] == ["2024-10-04", "", "2024-10-05"]
    assert [row["state"] for row in rows] == ["steady", "no_rating", "rupture"]
    assert [row["low_start"] for row in rows] == ["0", "0", "1"]
    assert "4.1 points below" in rows[2]["reason"]


def test_texts_that_could_start_a_formula_are_escaped() -> None:
    starters = ["=a", "+a", "-a", "@a", "\ta", "\ra"]
    assert [csv_escape.escaped(text) for text in starters] == ["'" + text for text in starters]
    assert csv_escape.escaped("a=b") == "a=b"


def test_bad_rows_are_listed_without_formulas(tmp_path: Path) -> None:
    write_bad(tmp_path / "bad.csv", [BadCell(3, "client", "=1+1", "an id", '=1+1,1,"SRS",3')])
    rows = list(csv.reader((tmp_path / "bad.csv").read_text().splitlines()))
    assert rows[0] == ["row", "column", "found", "expected", "line"]
    assert rows[1] == ["3", "client", "'=1+1", "an id", '\'=1+1,1,"SRS",3']


def test_an_error_while_writing_leaves_the_older_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    path.write_text("older")
    with pytest.raises(TypeError), replacing(path) as handle:
        handle.writelines(["half", 7])  # type: ignore[list-item]
    assert path.read_text() == "older"
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_file_takes_the_place_and_the_rights_of_the_older_one(tmp_path: Path) -> None:
    path, link = tmp_path / "out.csv", tmp_path / "link.csv"
    path.write_text("older")
    path.chmod(0o600)
    link.symlink_to(path)
    with replacing(link) as handle:
        handle.write("newer")
    assert path.read_text() == "newer"
    assert link.is_symlink()
    assert path.stat().st_mode & 0o777 == 0o600


def test_places_that_cannot_be_written_are_refused_and_trying_leaves_nothing(tmp_path: Path) -> None:
    refuse_unwritable(tmp_path / "out.csv")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(InputError, match="found no such folder"):
        refuse_unwritable(tmp_path / "nowhere" / "out.csv")
    with pytest.raises(InputError, match="found a folder"):
        refuse_unwritable(tmp_path)
