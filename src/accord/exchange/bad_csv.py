"""The rows that were left out, as a CSV file in which to correct them."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from accord.exchange.atomic import replacing
from accord.exchange.csv_escape import escaped
from accord.exchange.reading import BadCell

COLUMNS = ("row", "column", "found", "expected", "line")


def write_bad(path: str | Path, bad: Iterable[BadCell]) -> None:
    """Write one line per bad row, in the order of the file; only the header when there is none."""
    with replacing(path) as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows((cell.row, *map(escaped, cell[1:])) for cell in bad)
