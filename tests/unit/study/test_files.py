"""What a study writes: a frame that reads back, a line for each of its columns, versions."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

from accord.errors import InputError
from accord.study.release import files
from accord.study.release.dictionary import Type, entries, in_short
from accord.study.release.released_frame import release
from tests.unit.study.frames import drawn


@pytest.fixture
def released():
    return release(drawn(2, {"A": 40, "B": 5, "C": 5}), np.random.default_rng(1))


def test_the_frame_reads_back_with_gaps_as_gaps(tmp_path: Path, released):
    files.write_frame(tmp_path, released)
    table = parquet.read_table(tmp_path / "frame.parquet")
    assert table.column_names == list(released.frame.columns)
    for name, column in released.frame.columns.items():
        back = table[name].to_pylist()
        result = [None if value == "" or value != value else value for value in column.tolist()]
        assert back == result
    kinds = {str(table.schema.field(name).type) for name in ("period", "attempt", "rupture_lag")}
    assert kinds == {"int64"}


def test_every_column_has_a_line_in_the_dictionary_and_no_line_is_too_many(tmp_path: Path, released):
    files.write_frame(tmp_path, released)
    rows = list(csv.DictReader((tmp_path / "dictionary.csv").read_text(encoding="utf-8").splitlines()))
    assert [row["column"] for row in rows] == list(released.frame.columns)
    assert all(row["meaning"] and row["missing"] for row in rows)
    by_name = {row["column"]: row for row in rows}
    assert "not anonymous" in by_name["client"]["how_made"]
    assert "fewer than 10 people are put together" in by_name["arm"]["how_made"]
    share = np.isnan(released.frame.columns["alliance_client"]).mean()
    assert by_name["alliance_client"]["missing"].endswith(f"({share:.0%} of rows)")


def test_the_report_has_every_column_in_short_but_the_lagged_ones(released):
    result = dict(in_short(entries(released)))
    assert set(result) == {name for name in released.frame.columns if not name.endswith("_lag")}
    assert all(text.endswith(".") and text[0].isupper() and ".." not in text for text in result.values())


def test_what_the_dictionary_calls_whole_is_whole(released):
    for entry in entries(released):
        if entry.type is Type.WHOLE:
            values = released.frame.columns[entry.column]
            assert (np.isnan(values) | (values == np.rint(values))).all(), entry.column


def test_versions_name_programs_seeds_and_digests_and_no_file(tmp_path: Path):
    path = tmp_path / "secret-name.csv"
    path.write_text("x")
    files.write_versions(tmp_path, {"plan": 7}, {"ratings": path})
    text = (tmp_path / "versions.json").read_text()
    assert "secret-name" not in text
    content = json.loads(text)
    assert content["seeds"] == {"plan": 7}
    assert content["sha256"] == {"ratings": hashlib.sha256(b"x").hexdigest()}
    assert content["packages"]["numpy"] == np.__version__


def test_without_the_extra_it_says_what_to_type(monkeypatch):
    monkeypatch.setattr(files, "find_spec", lambda name: None if name == "pyarrow" else object())
    with pytest.raises(
        InputError, match=r"found no pyarrow, expected the extra `study`; .* type: pip install '\.\[study\]'"
    ):
        files.refuse_without_extra()


def test_a_cell_that_a_spreadsheet_would_run_is_escaped(tmp_path: Path):
    files.write_csv(tmp_path / "t.csv", ("a",), [("=1+1",), (None,), (-0.5,), (float("nan"),)])
    assert (tmp_path / "t.csv").read_text() == 'a\n\'=1+1\n""\n-0.5\n""\n'
