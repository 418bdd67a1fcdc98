"""Tables in memory pass the same checks as files."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

from accord.errors import InputError
from accord.exchange.ratings_csv import read_ratings
from accord.exchange.ratings_frame import from_frame
from accord.instruments.catalogue import catalogue

COLUMNS: dict[str, list[Any]] = {
    "client": ["A", "A", "B"],
    "session": [1, 2, 1],
    "date": [date(2025, 1, 6), date(2025, 1, 13), None],
    "instrument": ["SRS", "SRS", "attendance"],
    "score": [30.5, None, 1.0],
}
FORMS: list[Callable[[], Any]] = [
    lambda: COLUMNS,
    lambda: [dict(zip(COLUMNS, row, strict=True)) for row in zip(*COLUMNS.values(), strict=True)],
    lambda: pd.DataFrame(COLUMNS),
    lambda: pd.DataFrame(COLUMNS).convert_dtypes(),
    lambda: pd.DataFrame(COLUMNS).assign(date=pd.to_datetime(pd.Series(COLUMNS["date"]))),
    lambda: pl.DataFrame(COLUMNS),
    lambda: pl.DataFrame(COLUMNS).lazy(),
    lambda: {name: np.array(values, dtype=object) for name, values in COLUMNS.items()},
]


@pytest.mark.parametrize("form", FORMS)
def test_every_kind_of_table_reads_like_the_same_file(form: Callable[[], Any], tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    path.write_text(
        "client,session,date,instrument,score\n"
        "A,1,2025-01-06,SRS,30.5\nA,2,2025-01-13,SRS,\nB,1,,attendance,1\n"
    )
    from_file = read_ratings(path, instruments=catalogue()).ratings
    ratings = from_frame(form(), instruments=catalogue()).ratings
    for name in ("clients", "clinicians", "instruments"):
        assert getattr(ratings, name) == getattr(from_file, name)
    for name in ("client", "clinician", "session", "day", "rater", "instrument", "score", "line"):
        np.testing.assert_array_equal(getattr(ratings, name), getattr(from_file, name))


def test_whole_floats_and_truth_values_are_numbers() -> None:
    table = {"client": [7.0], "session": [3.0], "instrument": ["attendance"], "score": [True]}
    ratings = from_frame(table, instruments=catalogue()).ratings
    assert (ratings.clients, ratings.session.tolist(), ratings.score.tolist()) == (("7",), [3], [1.0])


def test_a_bad_value_is_told_by_the_row_it_would_have_in_a_file() -> None:
    with pytest.raises(InputError, match=r"^row 3, column score: found '99', expected a number from 0 to 40"):
        from_frame({**COLUMNS, "score": [1, 99, 1]}, instruments=catalogue())
    with pytest.raises(InputError, match="row 2, column score: found 'inf'"):
        from_frame({**COLUMNS, "score": [float("inf"), 1, 1]}, instruments=catalogue())
    with pytest.raises(InputError, match="row 2, column date: found '2025-01-06T10:30:00'"):
        from_frame({**COLUMNS, "date": [datetime(2025, 1, 6, 10, 30)] * 3}, instruments=catalogue())  # noqa: DTZ001


def test_skipped_rows_are_kept_as_a_line_of_a_file() -> None:
    reading = from_frame(
        pd.DataFrame({**COLUMNS, "score": [1, 99, 1]}), instruments=catalogue(), skip_bad=True
    )
    assert [(cell.row, cell.line) for cell in reading.bad] == [(3, "A,2,2025-01-13,SRS,99")]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (7, "found a int, expected a path"),
        ([], "found an empty list"),
        ([{"client": "A"}, 7], "row 3: found a int"),
        ({"client": "A", "session": [1]}, "column client: found a str"),
        ({**COLUMNS, "score": [1]}, "column score: found 1, expected 3 values"),
        ({"client": ["A"]}, "row 1, column session: found no such column"),
        (pd.DataFrame({name: [] for name in COLUMNS}), "expected at least one row"),
    ],
)
def test_what_is_no_table_is_refused(source: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        from_frame(source, instruments=catalogue())
