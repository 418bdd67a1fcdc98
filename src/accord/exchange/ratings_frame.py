"""Ratings already in memory: a pandas, polars or other frame, a mapping of columns, a list of rows.

Values become the texts a CSV file would hold and pass the same checks. A row is counted as its line in such
a file: the first row of a frame is row 2.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

import narwhals as nw
import numpy as np

from accord.errors import InputError
from accord.exchange import csv_escape
from accord.exchange.columns import Chunk, ColumnParser
from accord.exchange.header import parse_header
from accord.exchange.instrument_lookup import InstrumentNames
from accord.exchange.reading import BadRows, FindUnknown, Progress, Reading, Scorer
from accord.exchange.table import finished
from accord.records.ratings import Instrument

FIRST_ROW = 2
_ROWS_AT_ONCE = 20_000
_MISSING = ("NaT", "<NA>")  # how pandas shows a missing date and a missing value
_EXPECTED = "a path, a data frame, a mapping of columns or a list of dicts"

Columns = Mapping[str, Sequence[Any]]


def from_frame(
    source: Any,
    *,
    instruments: Mapping[str, Instrument],
    skip_bad: bool = False,
    progress: Progress | None = None,
    unknown: FindUnknown | None = None,
    score: Scorer | None = None,
) -> Reading:
    """Read ratings held in memory, with the arguments and errors of `ratings_csv.read_ratings`.

    Missing values (None, NaN, NaT, pd.NA) are empty cells; whole floats are whole numbers.
    """
    columns = _columns(source)
    bad = BadRows("", skip_bad)
    header = parse_header(list(columns), "")
    parser = ColumnParser(header, bad, InstrumentNames(instruments, unknown), score)
    values, count = list(columns.values()), _length(columns)
    for start in range(0, count, _ROWS_AT_ONCE):
        stop = min(start + _ROWS_AT_ONCE, count)
        parser.take(_chunk(values, start, stop))
        if progress:
            progress(stop, count)
    return finished(parser, bad, lambda rows: {row: _as_line(values, row - FIRST_ROW) for row in rows})


def _columns(source: Any) -> Columns:
    if isinstance(source, Mapping):
        return {str(name): _sequence(name, values) for name, values in source.items()}
    frame = nw.from_native(source, pass_through=True)
    if isinstance(frame, nw.LazyFrame):
        frame = frame.collect()
    if isinstance(frame, nw.DataFrame):
        names = [str(name) for name in frame.columns]
        return dict(zip(names, (column.to_list() for column in frame.iter_columns()), strict=True))
    if isinstance(source, Iterable) and not isinstance(source, str | bytes):
        return _from_rows(list(source))
    raise InputError(_EXPECTED, found=f"a {type(source).__name__}")


def _sequence(name: object, values: Any) -> Sequence[Any]:
    if isinstance(values, str | bytes) or not isinstance(values, Iterable):
        raise InputError("a list of values", column=str(name), found=f"a {type(values).__name__}")
    return list(values)


def _from_rows(rows: list[Any]) -> Columns:
    if not rows:
        raise InputError("at least one row of ratings", found="an empty list")
    for place, row in enumerate(rows):
        if not isinstance(row, Mapping):
            raise InputError("a dict", row=place + FIRST_ROW, found=f"a {type(row).__name__}")
    names = dict.fromkeys(name for row in rows for name in row)
    return {str(name): [row.get(name) for row in rows] for name in names}


def _length(columns: Columns) -> int:
    lengths = {name: len(values) for name, values in columns.items()}
    for name, length in lengths.items():
        if length != (most := max(lengths.values())):
            raise InputError(f"{most} values, as in the longest column", column=name, found=str(length))
    return max(lengths.values(), default=0)


def _chunk(values: list[Sequence[Any]], start: int, stop: int) -> Chunk:
    cells = [[as_text(value) for value in column[start:stop]] for column in values]
    numbers = np.arange(start + FIRST_ROW, stop + FIRST_ROW, dtype=np.int64)
    return Chunk(cells, numbers, lambda at: _as_line(values, start + at))


def _as_line(values: list[Sequence[Any]], place: int) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([as_text(column[place]) for column in values])
    return line.getvalue()


def as_text(value: Any) -> str:
    """The cell a CSV file would hold for this value."""
    if isinstance(value, str):
        return value
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, float):
        return csv_escape.number(value) if abs(value) != float("inf") else str(value)
    if value is None or str(value) in _MISSING:
        return ""
    if isinstance(value, datetime) and value.time() == time(0):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)
