"""Ratings as a tidy long CSV file: read in blocks into columns, written to read back the same."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from accord.exchange import csv_escape
from accord.exchange.columns import ColumnParser
from accord.exchange.csv_writer import write_columns
from accord.exchange.header import COLUMNS, parse_header
from accord.exchange.instrument_lookup import InstrumentNames
from accord.exchange.reading import BadRows, FindUnknown, Progress, Reading, Scorer
from accord.exchange.rows import lines_of, read_rows
from accord.exchange.table import finished
from accord.records.ratings import RATERS, Instrument, Ratings


def read_ratings(
    path: str | Path,
    *,
    instruments: Mapping[str, Instrument],
    skip_bad: bool = False,
    progress: Progress | None = None,
    unknown: FindUnknown | None = None,
    score: Scorer | None = None,
    may_be_empty: bool = False,
) -> Reading:
    """Read a ratings file. Rows are lines of the file, the header being line 1.

    `unknown` is called for an instrument that the mapping lacks. `score` makes scores of item columns;
    without it items are checked and kept, but not scored. Raises InputError at the first bad row, or with
    `skip_bad` leaves bad rows out and returns them; a file that is no ratings file is refused in either case,
    and one without any good row unless it `may_be_empty`.
    """
    place, bad = Path(path), BadRows(str(path), skip_bad)
    header, chunks = read_rows(place, COLUMNS, parse_header, bad, progress)
    parser = ColumnParser(header, bad, InstrumentNames(instruments, unknown), score)
    for chunk in chunks:
        parser.take(chunk)
    return finished(parser, bad, lambda rows: lines_of(place, rows), may_be_empty=may_be_empty)


def write_ratings(path: str | Path, ratings: Ratings) -> None:
    """Write ratings so that `read_ratings` gives the same rows; a number is written without loss."""
    columns = [
        csv_escape.named(ratings.clients, ratings.client),
        csv_escape.named(ratings.clinicians, ratings.clinician),
        csv_escape.numbers(ratings.session),
        csv_escape.dates(ratings.day),
        csv_escape.named(RATERS, ratings.rater),
        csv_escape.named([instrument.id for instrument in ratings.instruments], ratings.instrument),
        csv_escape.numbers(ratings.score),
    ]
    items = np.empty((len(ratings), 0)) if ratings.items is None else ratings.items
    columns += [csv_escape.numbers(answers) for answers in items.T]
    names = [*COLUMNS, *(f"item_{number}" for number in range(1, items.shape[1] + 1))]
    write_columns(path, names, columns)
