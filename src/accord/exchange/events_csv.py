"""Dated events as a CSV file: read with the checks and errors of ratings, written to read back."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np

from accord.errors import message as _
from accord.exchange import csv_cells, csv_escape
from accord.exchange.csv_writer import write_columns
from accord.exchange.reading import Progress, TableReading
from accord.exchange.table_checks import Clash, repeated
from accord.exchange.typed_table import ColumnSpec, TypedRows, read_typed
from accord.records.care import EventTable

COLUMNS = ("client", "date", "kind", "count")

_HOLDS = (
    ColumnSpec("client", names=csv_cells.client_id),
    ColumnSpec("date", numbers=csv_cells.known_day),
    ColumnSpec("kind", names=csv_cells.event_kind),
    ColumnSpec("count", numbers=csv_cells.whole_count),
)


def read_events(
    path: str | Path,
    *,
    clients: Collection[str] | None = None,
    skip_bad: bool = False,
    progress: Progress | None = None,
) -> TableReading[EventTable]:
    """Read a file of events; one without a row below the header is a record in which nothing happened.

    `clients` are those with episodes of care. A row of any other client is bad, since a mistyped id would
    lose its events silently. Raises InputError at the first bad row, or with `skip_bad` leaves bad rows out
    and returns them.
    """
    known = None if clients is None else frozenset(clients)
    checks = (lambda rows: _strangers(rows, known), _twice)
    rows, bad, notes = read_typed(path, _HOLDS, checks, skip_bad=skip_bad, progress=progress)
    names, client = rows.sorted_names("client")
    kinds, kind = rows.sorted_names("kind")
    table = EventTable(
        clients=names,
        kinds=kinds,
        client=client.astype(np.int32),
        day=rows["date"],
        kind=kind.astype(np.int16),
        count=rows["count"],
        line=rows.line,
    )
    return TableReading(table, bad.sorted(), notes)


def write_events(path: str | Path, events: EventTable) -> None:
    """Write events so that `read_events` gives the same rows."""
    columns = (
        csv_escape.named(events.clients, events.client),
        csv_escape.dates(events.day),
        csv_escape.named(events.kinds, events.kind),
        csv_escape.numbers(events.count),
    )
    write_columns(path, COLUMNS, columns)


def _strangers(rows: TypedRows, known: frozenset[str] | None) -> list[Clash]:
    if known is None or not len(rows.line):
        return []
    names = rows.names["client"]
    strange = np.array([name not in known for name in names])[rows["client"]]
    expected = _("a client with an episode of care")
    return [
        Clash(at, "client", names[rows["client"][at]], expected) for at in np.flatnonzero(strange).tolist()
    ]


def _twice(rows: TypedRows) -> list[Clash]:
    """Rows with the client, date and kind of an earlier row of the file."""
    kinds = rows.names["kind"]
    return [
        Clash(
            again,
            "kind",
            kinds[rows["kind"][again]],
            "one row for a client, date and kind, with their number under count; "
            f"row {rows.line[first]} has the same",
        )
        for again, first in repeated(rows["client"], rows["date"], rows["kind"])
    ]
