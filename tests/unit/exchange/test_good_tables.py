"""What the reader takes as it is: the shapes in which programmes export their tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from accord.exchange import block_reader
from accord.exchange.ratings_csv import read_ratings
from accord.exchange.reading import Reading
from accord.instruments.catalogue import catalogue
from accord.records.ratings import NO_DAY, RATERS, Rater

Read = Callable[..., Reading]
ROWS = "A,T,1,2025-01-06,client,SRS,30.5", "B,T,1,2025-01-07,clinician,wai-sr,40"


def test_a_table_becomes_columns(read: Read) -> None:
    ratings = read(*ROWS).ratings
    assert (ratings.clients, ratings.clinicians) == (("A", "B"), ("T",))
    assert [instrument.id for instrument in ratings.instruments] == ["SRS", "WAI-SR"]
    assert ratings.score.tolist() == [30.5, 40]
    assert [RATERS[code] for code in ratings.rater] == [Rater.CLIENT, Rater.CLINICIAN]
    assert [str(np.datetime64(int(day), "D")) for day in ratings.day] == ["2025-01-06", "2025-01-07"]
    assert ratings.line.tolist() == [2, 3]


def test_semicolons_a_byte_order_mark_windows_line_ends_and_quotes_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "excel.csv"
    header = "client;clinician;session;date;rater;instrument;score"
    quoted = [";".join(f'"{cell}"' for cell in row.split(",")) for row in ROWS]
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join([header, *quoted]).encode())
    ratings = read_ratings(path, instruments=catalogue()).ratings
    assert ratings.score.tolist() == [30.5, 40]
    assert ratings.clients == ("A", "B")


def test_without_clinician_date_and_rater_there_is_one_clinician_no_date_and_the_client_rates(
    read: Read,
) -> None:
    ratings = read("A,1,SRS,30", header="client,session,instrument,score").ratings
    assert ratings.clinicians == ("",)
    assert (ratings.day.tolist(), ratings.rater.tolist()) == ([NO_DAY], [0])


def test_an_empty_score_is_a_form_that_was_not_filled(read: Read) -> None:
    assert np.isnan(read("A,T,1,,client,SRS,").ratings.score).all()


def test_unknown_columns_are_not_read_and_that_is_told(read: Read) -> None:
    reading = read("A,1,SRS,30,x", header="Client, SESSION ,instrument,score,ward")
    assert reading.ratings.clients == ("A",)
    assert reading.notes == ("not read, because accord knows no such column: 'ward'",)


def test_empty_lines_are_passed_over_and_still_counted(read: Read) -> None:
    assert read(ROWS[0], "", "  ", ROWS[1], "").ratings.line.tolist() == [2, 5]


def test_rows_keep_their_numbers_across_blocks(read: Read, monkeypatch) -> None:
    rows = [f"A,T,{number},,client,SRS,{number}" for number in range(40)]
    monkeypatch.setattr(block_reader, "BLOCK_BYTES", 64)
    ratings = read(*rows).ratings
    assert ratings.line.tolist() == list(range(2, 42))
    assert ratings.score.tolist() == list(range(40))


def test_progress_ends_at_the_size_of_the_file(file: Callable[..., Path]) -> None:
    result: list[tuple[int, int]] = []
    path = file(*ROWS)
    read_ratings(path, instruments=catalogue(), progress=lambda done, whole: result.append((done, whole)))
    assert result[-1] == (path.stat().st_size, path.stat().st_size)
