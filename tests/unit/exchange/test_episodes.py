"""Files of episodes of care: what is taken, and each bad row with file, row, column, found and expected."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from accord.errors import InputError
from accord.exchange.episodes_csv import read_episodes, write_episodes
from accord.exchange.reading import TableReading
from accord.records.care import END_REASONS, EndReason, EpisodeTable
from accord.records.ratings import NO_DAY

HEADER = "client,start,end,end_reason,arm"
GOOD = "A,2025-01-06,2025-06-30,completed,DBT"
Read = Callable[..., TableReading[EpisodeTable]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read_rows(*rows: str, header: str = HEADER, skip_bad: bool = False) -> TableReading[EpisodeTable]:
        path = tmp_path / "episodes.csv"
        path.write_bytes("\n".join([header, *rows, ""]).encode())
        return read_episodes(path, skip_bad=skip_bad)

    return read_rows


def day(text: str) -> int:
    return int(np.datetime64(text, "D").astype(int))


def test_a_table_becomes_columns(read: Read) -> None:
    table = read("B,2025-02-01,,ongoing,TAU", GOOD, "A,2025-07-01,2025-07-02,Left,DBT").table
    assert (table.clients, table.arms) == (("A", "B"), ("DBT", "TAU"))
    assert table.client.tolist() == [1, 0, 0]
    assert table.start.tolist() == [day("2025-02-01"), day("2025-01-06"), day("2025-07-01")]
    assert table.end.tolist() == [NO_DAY, day("2025-06-30"), day("2025-07-02")]
    assert [END_REASONS[code] for code in table.end_reason] == ["ongoing", "completed", "left"]
    assert table.arm.tolist() == [1, 0, 0]
    assert table.line.tolist() == [2, 3, 4]


def test_semicolons_a_byte_order_mark_and_columns_in_any_order_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "excel.csv"
    rows = "End_Reason;client;arm;end;start;ward\r\ncompleted;A;DBT;2025-06-30;2025-01-06;x\r\n"
    path.write_bytes(b"\xef\xbb\xbf" + rows.encode())
    reading = read_episodes(path)
    assert reading.table.start.tolist() == [day("2025-01-06")]
    assert reading.notes == ("not read, because accord knows no such column: 'ward'",)


def test_without_arms_there_is_one_arm_without_a_name(read: Read) -> None:
    for header, cut in ((HEADER, ","), ("client,start,end,end_reason", "")):
        assert read(f"A,2025-01-06,2025-06-30,died{cut}", header=header).table.arms == ("",)


def test_an_episode_may_begin_on_the_day_on_which_the_one_before_ends(read: Read) -> None:
    assert len(read("A,2025-06-30,,ongoing,DBT", GOOD).table) == 2


def test_every_reason_of_the_formats_is_known() -> None:
    words = ["ongoing", "completed", "left", "agreed", "transfer", "hospital", "discharged", "died"]
    assert list(EndReason) == words


BAD = [
    ("B,2025-01-06,2025-01-05,left,DBT", "end", "'2025-01-05'", "a date not before 2025-01-06"),
    ("B,2025-01-06,2075-01-05,left,DBT", "end", "'2075-01-05'", "at most 30 years after 2025-01-06"),
    ("B,2025-01-06,,left,DBT", "end", "an empty cell", "only an ongoing episode may be without"),
    ("B,2025-01-06,2025-02-06,quit,DBT", "end_reason", "'quit'", "ongoing, completed, left, agreed"),
    ("B,2025-01-06,2025-02-06,,DBT", "end_reason", "an empty cell", "one of ongoing"),
    ("B,06.01.2025,2025-02-06,left,DBT", "start", "'06.01.2025'", "YYYY-MM-DD"),
    ("B,,2025-02-06,left,DBT", "start", "an empty cell", "YYYY-MM-DD"),
    ("B,2025-01-06,2025-02-30,left,DBT", "end", "'2025-02-30'", "YYYY-MM-DD"),
    (",2025-01-06,2025-02-06,left,DBT", "client", "an empty cell", "the client's id"),
    ("=B,2025-01-06,2025-02-06,left,DBT", "client", "'=B'", "does not begin with ="),
    ("B,2025-01-06,2025-02-06,left,=DBT", "arm", "'=DBT'", "a name that does not begin with ="),
    (f"B,2025-01-06,2025-02-06,left,{'x' * 41}", "arm", f"'{'x' * 41}'", "at most 40 characters"),
    ("B,2025-01-06,2025-02-06,left,", "arm", "an empty cell", "as in row 2, or no arm anywhere"),
    ("A,2025-01-06,2025-06-30,left,DBT", "start", "'2025-01-06'", "row 2 has the same"),
    ("A,2025-06-29,2025-08-30,left,DBT", "start", "'2025-06-29'", "not before its end, 2025-06-30"),
]


@pytest.mark.parametrize(("row", "column", "result", "expected"), BAD)
def test_a_bad_row_is_told_with_its_place_and_can_be_left_out(
    read: Read, row: str, column: str, result: str, expected: str
) -> None:
    with pytest.raises(InputError) as shown:
        read(GOOD, row)
    error = shown.value
    assert error.file.endswith("episodes.csv")
    assert (error.row, error.column, error.found) == (3, column, result)
    assert expected in error.expected
    reading = read(GOOD, row, skip_bad=True)
    assert reading.table.clients == ("A",)
    assert [(cell.row, cell.line) for cell in reading.bad] == [(3, row)]


def test_nothing_may_follow_an_ongoing_episode(read: Read) -> None:
    with pytest.raises(InputError, match=r"row 3.*after row 2 no other, as it is ongoing"):
        read("A,2025-01-06,,ongoing,DBT", "A,2025-09-01,2025-09-30,left,DBT")


def test_what_overlaps_only_a_row_left_out_is_taken(read: Read) -> None:
    reading = read(
        GOOD, "A,2025-03-01,2025-12-31,left,DBT", "A,2025-08-01,2025-09-01,left,DBT", skip_bad=True
    )
    assert [cell.row for cell in reading.bad] == [3]
    assert len(reading.table) == 2


@pytest.mark.parametrize(
    ("content", "result"),
    [
        ("", "an empty file"),
        (HEADER + "\n", "no row below it"),
        ("client,start,end,arm\nA,2025-01-06,,x\n", "no such column"),
        ("client,start,end,end_reason,start\n", "this column twice"),
        ("\x89PNG", "no such column"),
    ],
)
def test_a_file_that_is_no_table_of_episodes_is_refused(tmp_path: Path, content: str, result: str) -> None:
    path = tmp_path / "episodes.csv"
    path.write_text(content)
    for skip_bad in (False, True):
        with pytest.raises(InputError) as error:
            read_episodes(path, skip_bad=skip_bad)
        assert error.value.found == result


def test_a_file_in_which_no_row_can_be_read_is_refused(read: Read) -> None:
    with pytest.raises(InputError, match="at least one row that can be read"):
        read("A,2025-01-06,,left,DBT", skip_bad=True)


def test_written_episodes_carry_no_formula(tmp_path: Path, read: Read) -> None:
    table = read(GOOD).table
    write_episodes(tmp_path / "out.csv", table)
    assert (tmp_path / "out.csv").read_text() == f"{HEADER}\n{GOOD}\n"
