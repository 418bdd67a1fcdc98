"""Rows that cannot be read: file, row, column, what was found and what was expected."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accord.errors import InputError
from accord.exchange.reading import Reading

GOOD = "A,T,1,2025-01-06,client,SRS,30"
Refused = Callable[..., InputError]
Read = Callable[..., Reading]

CELLS = [
    ("B,T,2,2025-01-13,client,SRS,41", "score", "'41'", "a number from 0 to 40 (SRS)"),
    ("B,T,2,2025-01-13,client,SRS,-1", "score", "'-1'", "a number from 0 to 40 (SRS)"),
    ("B,T,2,2025-01-13,client,WAI-SR,3.4", "score", "'3.4'", "a number from 12 to 60 (WAI-SR)"),
    ("B,T,2,2025-01-13,client,SRS,nan", "score", "'nan'", "a number"),
    ("B,T,2,2025-01-13,client,SRS,NA", "score", "'NA'", "a number"),
    ("B,T,2,2025-01-13,client,SRS,inf", "score", "'inf'", "a number"),
    ("B,T,2,2025-01-13,client,SRS,-inf", "score", "'-inf'", "a number"),
    ("B,T,2,2025-01-13,client,SRS,1e400", "score", "'1e400'", "a number from 0 to 40"),
    ("B,T,2,2025-01-13,client,SRS,good", "score", "'good'", "a number"),
    ("B,T,2,2025-01-13,client,SRS,1_0", "score", "'1_0'", "a number"),
    ("B,T,2,2025-01-13,client,SRS,٣", "score", "'٣'", "a number"),
    ("B,T,2,13.01.2025,client,SRS,30", "date", "'13.01.2025'", "YYYY-MM-DD"),
    ("B,T,2,2025-02-30,client,SRS,30", "date", "'2025-02-30'", "YYYY-MM-DD"),
    ("B,T,2,0000-01-01,client,SRS,30", "date", "'0000-01-01'", "YYYY-MM-DD"),
    ("B,T,2,20250113,client,SRS,30", "date", "'20250113'", "YYYY-MM-DD"),
    ("B,T,2.0,2025-01-13,client,SRS,30", "session", "'2.0'", "a whole session number"),
    ("B,T,-2,2025-01-13,client,SRS,30", "session", "'-2'", "a whole session number"),
    ("B,T,,2025-01-13,client,SRS,30", "session", "an empty cell", "a whole session number"),
    ("B,T,99999999999,2025-01-13,client,SRS,30", "session", "'99999999999'", "a whole session number"),
    ("B,T,2,2025-01-13,patient,SRS,30", "rater", "'patient'", "client, clinician, observer, system"),
    ("B,T,2,2025-01-13,client,XYZ,30", "instrument", "'XYZ'", "--range"),
    ("B,T,2,2025-01-13,client,,30", "instrument", "an empty cell", "WAI-SR"),
    (",T,2,2025-01-13,client,SRS,30", "client", "an empty cell", "the client's id"),
    ("=1+1,T,2,2025-01-13,client,SRS,30", "client", "'=1+1'", "does not begin with ="),
    ("+1,T,2,2025-01-13,client,SRS,30", "client", "'+1'", "does not begin with ="),
    ("-1,T,2,2025-01-13,client,SRS,30", "client", "'-1'", "does not begin with ="),
    ("@a,T,2,2025-01-13,client,SRS,30", "client", "'@a'", "does not begin with ="),
    ("\ta,T,2,2025-01-13,client,SRS,30", "client", r"'\ta'", "does not begin with ="),
    ('"\ra",T,2,2025-01-13,client,SRS,30', "client", r"'\ra'", "does not begin with ="),
    (" =a,T,2,2025-01-13,client,SRS,30", "client", "' =a'", "does not begin with ="),
    ("a\u200b,T,2,2025-01-13,client,SRS,30", "client", r"'a\u200b'", "visible characters"),
    ("B,=T,2,2025-01-13,client,SRS,30", "clinician", "'=T'", "does not begin with ="),
]


@pytest.mark.parametrize(("row", "column", "result", "expected"), CELLS)
def test_a_bad_cell_is_told_with_row_column_found_and_expected(
    refused: Refused, row: str, column: str, result: str, expected: str
) -> None:
    error = refused(GOOD, row)
    assert error.file.endswith("ratings.csv")
    assert (error.row, error.column, error.found) == (3, column, result)
    assert expected in error.expected
    assert f"row 3, column {column}: found {result}, expected " in str(error)


@pytest.mark.parametrize(
    ("row", "result"),
    [
        ("B,T,2,2025-01-13,client,SRS", "6 cells"),
        ("B,T,2,2025-01-13,client,SRS,30,,", "9 cells"),
        ("B", "1 cell"),
        ('B,T,2,2025-01-13,client,SRS,"30', "a quote or a line break inside a cell"),
        ("B,T,2,2025-01-13,client,SR\rS,30", "a quote or a line break inside a cell"),
    ],
)
def test_a_row_of_another_shape_is_told(refused: Refused, row: str, result: str) -> None:
    error = refused(GOOD, row)
    assert (error.row, error.found) == (3, result)


def test_a_line_break_inside_quotes_is_refused_at_its_first_line(refused: Refused) -> None:
    assert refused(GOOD, 'B,T,2,2025-01-13,client,"SR', 'S",30').row == 3


def test_a_duplicate_names_both_rows(refused: Refused) -> None:
    error = refused(GOOD, "B,T,1,2025-01-06,client,SRS,30", "A ,T,01,2025-01-07,client,srs,12")
    assert (error.row, error.column) == (4, "session")
    assert "row 2" in error.expected


def test_another_rater_or_instrument_is_no_duplicate(read: Read) -> None:
    rows = ("A,T,1,2025-01-06,clinician,SRS,30", "A,T,1,2025-01-06,client,WAI-SR,40")
    assert len(read(GOOD, *rows, "A,U,1,2025-01-06,client,SRS,30").ratings) == 4


def test_dates_that_fall_while_sessions_rise_are_refused_at_the_later_session(refused: Refused) -> None:
    error = refused(
        "A,T,2,2025-02-03,client,SRS,30", "A,T,1,2025-03-01,client,SRS,30", "A,T,3,2025-04-01,client,SRS,30"
    )
    assert (error.row, error.column, error.found) == (2, "date", "'2025-02-03'")
    assert "session 1 (row 3)" in error.expected


def test_dates_are_compared_within_a_relationship_only(read: Read) -> None:
    assert len(read(GOOD, "A,U,2,2024-01-01,client,SRS,3", "B,T,2,2024-01-01,client,SRS,3").ratings) == 3


def test_the_date_of_a_session_is_the_earliest_of_its_rows(read: Read) -> None:
    late_form = "A,T,1,2025-02-01,clinician,SRS,30"
    assert len(read(GOOD, late_form, "A,T,2,2025-01-13,client,SRS,30").ratings) == 3


def test_one_wrong_date_leaves_out_one_row_and_not_all_that_follow(read: Read) -> None:
    rows = [f"A,T,{n},2025-01-{n:02d},client,SRS,30" for n in range(1, 9)]
    rows[2] = "A,T,3,2052-01-03,client,SRS,30"
    reading = read(*rows, skip_bad=True)
    assert [(cell.row, cell.column, cell.line) for cell in reading.bad] == [(4, "date", rows[2])]
    assert len(reading.ratings) == 7


def test_of_two_sessions_whose_dates_contradict_the_later_is_left_out(read: Read) -> None:
    rows = ("A,T,1,2025-02-01,client,SRS,30", "A,T,2,2025-01-01,client,SRS,30")
    reading = read(*rows, skip_bad=True)
    assert [cell.row for cell in reading.bad] == [3]


def test_only_the_misdated_row_of_a_session_is_left_out(read: Read) -> None:
    rows = ("A,T,2,2025-01-13,client,SRS,30", "A,T,2,2024-01-13,clinician,SRS,30")
    reading = read(GOOD, *rows, skip_bad=True)
    assert [cell.row for cell in reading.bad] == [4]


def test_a_session_number_that_is_a_date_is_refused(refused: Refused) -> None:
    error = refused(GOOD, "A,T,20250113,2025-01-13,client,SRS,30")
    assert (error.row, error.column, error.found) == (3, "session", "'20250113'")


def test_skip_bad_takes_the_rest_and_tells_the_first_bad_cell_of_each_row(read: Read) -> None:
    rows = [row for row, *_ in CELLS]
    reading = read(GOOD, *rows, "short", GOOD, "Z,T,1,,client,SRS,3", skip_bad=True)
    assert reading.ratings.clients == ("A", "Z")
    assert reading.ratings.line.tolist() == [2, len(rows) + 5]
    assert [cell.row for cell in reading.bad] == list(range(3, len(rows) + 5))
    assert [cell.column for cell in reading.bad] == [*(column for _, column, *_ in CELLS), "", "session"]
    assert [cell.line for cell in reading.bad] == [*rows, "short", GOOD]


def test_a_file_of_bad_rows_only_is_refused_even_with_skip_bad(read: Read) -> None:
    with pytest.raises(InputError, match=r"2 rows, each with something wrong.*row 2, column score"):
        read("A,T,1,,client,SRS,99", "B,T,1,,client,SRS,99", skip_bad=True)
