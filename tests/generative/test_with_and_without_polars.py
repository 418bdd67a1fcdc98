"""The extra `fast` changes how soon, never what: the same cells are read and the same bytes written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest.mock import patch

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from accord.errors import InputError
from accord.exchange import csv_writer, polars_split
from accord.exchange.block_reader import Block
from accord.exchange.csv_escape import Column
from accord.exchange.csv_writer import write_columns
from accord.exchange.ratings_csv import read_ratings
from accord.instruments.catalogue import catalogue

# Cells as careless programs write them, and what polars could take for something else.
CELLS = st.sampled_from(
    ["", " ", "c1", " c2 ", "å", "null", "NA", "NaN", "#", "-1", "+2", "1e3", "0x1", "2025-01-06", "a'b"]
)
ROWS = st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=6)
LINE = st.tuples(
    st.sampled_from(["c1", "c2", " c1", "", "=1"]),
    st.sampled_from(["1", "2", " 3", "x", ""]),
    st.sampled_from(["2025-01-06", "", "2025-13-01"]),
    st.sampled_from(["WAI-SR", "wai-sr", "none"]),
    st.sampled_from(["30", "30.5", "", "99", "1e1"]),
).map(",".join)


@contextmanager
def without_polars() -> Iterator[None]:
    with (
        patch.object(polars_split, "find_spec", lambda _: None),
        patch.object(csv_writer, "find_spec", lambda _: None),
    ):
        yield


@given(ROWS)
def test_cells_are_those_cut_by_hand(rows):
    text, width = "\n".join(",".join(row) for row in rows), len(rows[0])
    columns = polars_split.columns_of(text, len(Block(1, text, plain=True)), ",", width)
    if columns is not None:
        assert [list(row) for row in zip(*(column.cells() for column in columns), strict=True)] == rows
    even = width > 1 and all(len(row) == width for row in rows)
    assert (columns is not None) == even


@given(st.lists(LINE, min_size=1, max_size=12))
def test_a_file_reads_the_same(tmp_path_factory, lines):
    path = tmp_path_factory.mktemp("polars") / "ratings.csv"
    path.write_text("client,session,date,instrument,score\n" + "\n".join(lines), encoding="utf-8")
    with_it = what_is_read(path)
    with without_polars():
        assert what_is_read(path) == with_it


def what_is_read(path: Path) -> object:
    try:
        reading = read_ratings(path, instruments=catalogue(), skip_bad=True)
    except InputError as error:
        return str(error)
    columns = ("client", "session", "day", "instrument", "score", "line")
    result = [getattr(reading.ratings, name).tolist() for name in columns]
    return str((reading.ratings.clients, reading.bad, result))


@given(
    st.lists(st.text(st.characters(codec="utf-8"), max_size=5), min_size=1, max_size=5),
    st.lists(st.integers(0, 4), max_size=20),
)
def test_a_file_is_written_the_same(tmp_path_factory, texts, codes):
    folder = tmp_path_factory.mktemp("polars")
    column = Column(texts, np.array(codes, dtype=np.int64) % len(texts))
    write_columns(folder / "with.csv", ("a", "b"), (column, column))
    with without_polars():
        write_columns(folder / "without.csv", ("a", "b"), (column, column))
    assert (folder / "with.csv").read_bytes() == (folder / "without.csv").read_bytes()
