"""Files that are no ratings at all: each refused with its own words, whether bad rows are skipped or not."""

from __future__ import annotations

import resource
from pathlib import Path

import pytest

from accord.errors import InputError
from accord.exchange.ratings_csv import read_ratings
from accord.instruments.catalogue import catalogue

HEADER = b"client,session,instrument,score\n"
ROW = b"A,1,SRS,30\n"
PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452")


def refusal(path: Path, *, skip_bad: bool = False) -> InputError:
    with pytest.raises(InputError) as error:
        read_ratings(path, instruments=catalogue(), skip_bad=skip_bad)
    return error.value


@pytest.mark.parametrize("skip_bad", [False, True])
@pytest.mark.parametrize(
    ("content", "result"),
    [
        (b"", "an empty file"),
        (b"\xef\xbb\xbf", "an empty file"),
        (b"\n\n \n", "an empty file"),
        (HEADER, "no row below it"),
        (PNG, "a PNG picture"),
        (b"PK\x03\x04rest", "a zip archive or an Excel workbook"),
        ("client,session".encode("utf-16"), "UTF-16 text"),
        (HEADER + ROW + b"B,1,SRS,\x0030\n", "a NUL byte"),
        (HEADER.replace(b"score", b"client"), "this column twice"),
        (b"client,session,instrument,grade\nA,1,SRS,3\n", "no such column"),
        (b"session,instrument,score\n1,SRS,3\n", "no such column"),
        (b"client,session,instrument,item_1,item_3\nA,1,PHQ-9,1,1\n", "no such column"),
        (b'client,session,"instrument,score\nA,1,SRS,3\n', "a quote that is not closed"),
        (b"client,session,instrument,score\rA,1,SRS,3\r", "a quote that is not closed"),
    ],
)
def test_a_file_that_is_no_ratings_table_is_refused(
    tmp_path: Path, content: bytes, result: str, skip_bad: bool
) -> None:
    path = tmp_path / "ratings.csv"
    path.write_bytes(content)
    error = refusal(path, skip_bad=skip_bad)
    assert error.found.startswith(result)
    assert error.file == str(path)
    assert error.expected


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nothing.csv").found == "no such file"
    assert refusal(tmp_path).found == "a folder"


def test_a_missing_column_is_named_with_the_columns_that_are_expected(tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    path.write_bytes(b"client,session,score\nA,1,3\n")
    error = refusal(path)
    assert (error.row, error.column) == (1, "instrument")
    assert "client, clinician, session, date, rater, instrument, score" in error.expected


def test_a_line_of_two_gigabytes_is_refused_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    with path.open("wb") as handle:
        handle.write(HEADER + ROW + b"A" * (3 * 2**20))
        handle.truncate(2 * 2**30)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    error = refusal(path)
    assert (error.row, error.found) == (3, "a longer line")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000  # KB


def test_a_header_of_two_gigabytes_is_refused_without_reading_it(tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    with path.open("wb") as handle:
        handle.write(b"client," * 300_000)
        handle.truncate(2 * 2**30)
    assert refusal(path).row == 1


def test_a_long_line_inside_a_block_is_refused_by_its_row(tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    path.write_bytes(HEADER + ROW + b"B,1,SRS," + b"1" * 70_000 + b"\n" + ROW)
    assert refusal(path).row == 3


def test_bytes_that_are_not_utf8_are_told_with_their_row_and_can_be_skipped(tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    path.write_bytes(HEADER + ROW + "Zoë,1,SRS,20\n".encode("cp1252") + b"C,1,SRS,20\n")
    error = refusal(path)
    assert (error.row, error.found) == (3, "bytes that are not UTF-8")
    reading = read_ratings(path, instruments=catalogue(), skip_bad=True)
    assert [cell.row for cell in reading.bad] == [3]
    assert reading.ratings.clients == ("A", "C")
    assert reading.ratings.line.tolist() == [2, 4]
