"""A file as it is, for somebody who looks at a row left out; and the column that only the site reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from accord.errors import InputError
from accord.exchange.ratings_csv import read_ratings
from accord.exchange.reading import Reading
from accord.exchange.text_table import read_text
from accord.instruments.catalogue import catalogue

Read = Callable[..., Reading]
HEADER = "client,clinician,session,date,rater,instrument,score"
ROW = "A,T,1,2025-01-06,client,SRS,30"


def test_rows_are_counted_as_in_the_file_and_cells_are_named_by_the_heading(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b'\xef\xbb\xbfClient; CHECK \r\nA;x y\r\n\r\nB;\r\n"C;D";z\r\nE;1;2\r\n')
    table = read_text(path)
    assert (table.names, table.delimiter) == (("client", "check"), ";")
    assert [table.text(row) for row in (2, 4, 6, 99, 0)] == ["A;x y", "B;", "E;1;2", "", ""]
    assert table.column("check") == {2: "x y", 5: "z"}
    assert table.cells(table.text(5)) == {"client": "C;D", "check": "z"}
    assert table.cells(table.text(6)) == {}
    assert table.split('E;"1') == ["E", '"1']
    assert table.column("nothing") == {}


def test_the_column_check_is_read_by_the_site_alone_and_named_as_unknown_by_nothing(read: Read) -> None:
    reading = read(f"{ROW},AB 1990", header=f"{HEADER},check")
    assert (reading.notes, len(reading.ratings)) == ((), 1)
    assert read(f"{ROW},AB", header=f"{HEADER},other").notes != ()


def test_a_file_in_which_every_row_is_wrong_may_be_read_where_its_rows_are_looked_at(
    file: Callable[..., Path],
) -> None:
    path = file("A,T,1,2025-02-30,client,SRS,30")
    with pytest.raises(InputError, match="each with something wrong"):
        read_ratings(path, instruments=catalogue(), skip_bad=True)
    reading = read_ratings(path, instruments=catalogue(), skip_bad=True, may_be_empty=True)
    assert (len(reading.ratings), [cell.row for cell in reading.bad]) == (0, [2])
    with pytest.raises(InputError, match="at least one row"):
        read_ratings(file(), instruments=catalogue(), skip_bad=True, may_be_empty=True)
