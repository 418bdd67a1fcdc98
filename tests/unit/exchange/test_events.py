"""Files of events: what is taken, and each bad row with file, row, column, found and expected."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from accord.errors import InputError
from accord.exchange.events_csv import read_events, write_events
from accord.exchange.reading import TableReading
from accord.records.care import EventTable

HEADER = "client,date,kind,count"
GOOD = "A,2025-01-06,self-injury,2"
Read = Callable[..., TableReading[EventTable]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read_rows(*rows: str, header: str = HEADER, **options) -> TableReading[EventTable]:
        path = tmp_path / "events.csv"
        path.write_bytes("\n".join([header, *rows, ""]).encode())
        return read_events(path, **options)

    return read_rows


def test_a_table_becomes_columns(read: Read) -> None:
    table = read("B,2025-01-08,attempt,1", GOOD, "A,2025-01-06,Überdosis,0").table
    assert table.clients == ("A", "B")
    assert table.kinds == ("attempt", "self-injury", "überdosis")
    assert table.client.tolist() == [1, 0, 0]
    assert (table.day - table.day[1]).tolist() == [2, 0, 0]
    assert table.kind.tolist() == [0, 1, 2]
    assert table.count.tolist() == [1, 2, 0]
    assert table.line.tolist() == [2, 3, 4]


def test_a_header_alone_is_a_record_in_which_nothing_happened(read: Read) -> None:
    table = read().table
    assert (len(table), table.clients, table.kinds) == (0, (), ())


def test_two_spellings_are_one_kind(read: Read) -> None:
    assert read("A,2025-01-06,Self-Injury,1", "A,2025-01-07,self-injury ,1").table.kinds == ("self-injury",)


BAD = [
    ("B,2025-01-06,attempt,-1", "count", "'-1'", "a whole number of times, 0 or more"),
    ("B,2025-01-06,attempt,1.5", "count", "'1.5'", "a whole number of times"),
    ("B,2025-01-06,attempt,1.0", "count", "'1.0'", "a whole number of times"),
    ("B,2025-01-06,attempt,nan", "count", "'nan'", "a whole number of times"),
    ("B,2025-01-06,attempt,", "count", "an empty cell", "a whole number of times"),
    ("B,2025-01-06,attempt,99999999999", "count", "'99999999999'", "a whole number of times"),
    ("B,2025-01-06,,1", "kind", "an empty cell", "self-injury, attempt, skill, contact-missed"),
    ("B,2025-01-06,self_injury,1", "kind", "'self_injury'", "letters, digits and hyphens"),
    ("B,2025-01-06,self injury,1", "kind", "'self injury'", "letters, digits and hyphens"),
    ("B,2025-01-06,=cut,1", "kind", "'=cut'", "letters, digits and hyphens"),
    (f"B,2025-01-06,{'x' * 41},1", "kind", f"'{'x' * 41}'", "letters, digits and hyphens"),
    ("B,,attempt,1", "date", "an empty cell", "YYYY-MM-DD"),
    ("B,1/6/2025,attempt,1", "date", "'1/6/2025'", "YYYY-MM-DD"),
    ("@B,2025-01-06,attempt,1", "client", "'@B'", "does not begin with ="),
    ("A,2025-01-06,self-injury,7", "kind", "'self-injury'", "row 2 has the same"),
]


@pytest.mark.parametrize(("row", "column", "result", "expected"), BAD)
def test_a_bad_row_is_told_with_its_place_and_can_be_left_out(
    read: Read, row: str, column: str, result: str, expected: str
) -> None:
    with pytest.raises(InputError) as shown:
        read(GOOD, row)
    error = shown.value
    assert error.file.endswith("events.csv")
    assert (error.row, error.column, error.found) == (3, column, result)
    assert expected in error.expected
    reading = read(GOOD, row, skip_bad=True)
    assert reading.table.count.tolist() == [2]
    assert [(cell.row, cell.line) for cell in reading.bad] == [(3, row)]


def test_an_event_of_somebody_without_an_episode_is_told_rather_than_lost(read: Read) -> None:
    rows = (GOOD, "a,2025-02-01,attempt,1")
    assert len(read(*rows).table) == 2
    with pytest.raises(InputError) as error:
        read(*rows, clients=("A", "B"))
    assert (error.value.row, error.value.column, error.value.found) == (3, "client", "'a'")
    assert error.value.expected == "a client with an episode of care"
    assert read(*rows, clients=("A", "B"), skip_bad=True).table.kinds == ("self-injury",)


def test_written_events_read_as_they_stood(tmp_path: Path, read: Read) -> None:
    write_events(tmp_path / "out.csv", read(GOOD).table)
    assert (tmp_path / "out.csv").read_text() == f"{HEADER}\n{GOOD}\n"
