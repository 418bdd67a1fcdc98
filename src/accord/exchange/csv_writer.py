"""Columns of texts written as CSV, with the same bytes whether or not polars is installed."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from accord.exchange.atomic import replacing
from accord.exchange.csv_escape import Column

ROWS_AT_ONCE = 100_000
_NEED_QUOTES = ',"\r\n'


def write_columns(path: str | Path, names: Sequence[str], columns: Sequence[Column]) -> None:
    """Write one line of names, then one line for each row of the columns."""
    quoted = [Column(_quoted(texts), codes) for texts, codes in columns]
    with replacing(path) as handle:
        handle.write(",".join(_quoted(names)) + "\n")
        for text in (_by_polars if find_spec("polars") else _by_hand)(quoted):
            handle.write(text)


def _quoted(texts: Sequence[str]) -> list[str]:
    """The cells as the csv module writes them."""
    together = "".join(texts)
    if not any(character in together for character in _NEED_QUOTES):
        return list(texts)
    line = io.StringIO()
    writer, quoted = csv.writer(line, lineterminator=""), []
    for text in texts:
        writer.writerow([text, ""])  # a lone empty cell would be quoted, but no line has a single cell
        quoted.append(line.getvalue()[:-1])
        line.seek(0)
        line.truncate()
    return quoted


def _by_hand(columns: Sequence[Column]) -> Iterator[str]:
    texts = [np.array(column.texts, dtype=object) for column in columns]
    for rows in _stretches(len(columns[0].codes)):
        cells = (known[column.codes[rows]].tolist() for known, column in zip(texts, columns, strict=True))
        yield "\n".join(map(",".join, zip(*cells, strict=True))) + "\n"


def _by_polars(columns: Sequence[Column]) -> Iterator[str]:
    import polars as pl

    texts = [pl.Series(str(at), column.texts, dtype=pl.String) for at, column in enumerate(columns)]
    for rows in _stretches(len(columns[0].codes)):
        frame = pl.DataFrame(
            [known.gather(column.codes[rows]) for known, column in zip(texts, columns, strict=True)]
        )
        yield frame.write_csv(include_header=False, quote_style="never")


def _stretches(rows: int) -> Iterator[slice]:
    return (slice(start, start + ROWS_AT_ONCE) for start in range(0, rows, ROWS_AT_ONCE))
