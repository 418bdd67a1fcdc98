"""Episodes of care as a CSV file: read with the checks and errors of ratings, written to read back."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from accord.columns import lexsort_stable
from accord.errors import message as _
from accord.exchange import csv_cells, csv_escape
from accord.exchange.csv_writer import write_columns
from accord.exchange.reading import Progress, TableReading
from accord.exchange.table import nothing_left
from accord.exchange.table_checks import Clash, repeated
from accord.exchange.typed_table import ColumnSpec, TypedRows, read_typed
from accord.records.care import END_REASONS, EndReason, EpisodeTable
from accord.records.ratings import NO_DAY

COLUMNS = ("client", "start", "end", "end_reason", "arm")
LONGEST_DAYS = 30 * 366  # of an episode: a longer one is a year mistyped
ONGOING = END_REASONS.index(EndReason.ONGOING)

_HOLDS = (
    ColumnSpec("client", names=csv_cells.client_id),
    ColumnSpec("start", numbers=csv_cells.known_day),
    ColumnSpec("end", numbers=csv_cells.day),
    ColumnSpec("end_reason", numbers=csv_cells.end_reason),
    ColumnSpec("arm", names=csv_cells.arm, needed=False),
)


def read_episodes(
    path: str | Path, *, skip_bad: bool = False, progress: Progress | None = None
) -> TableReading[EpisodeTable]:
    """Read a file of episodes. Rows are lines of the file, the header being line 1.

    Raises InputError at the first bad row, or with `skip_bad` leaves bad rows out and returns them.
    """
    checks = (_ends, _lengths, _arms, _twice, _overlaps)
    rows, bad, notes = read_typed(path, _HOLDS, checks, skip_bad=skip_bad, progress=progress)
    if not len(rows.line):
        raise nothing_left(bad, "episodes")
    clients, client = rows.sorted_names("client")
    arms, arm = rows.sorted_names("arm")
    table = EpisodeTable(
        clients=clients,
        arms=arms,
        client=client.astype(np.int32),
        start=rows["start"],
        end=rows["end"],
        end_reason=rows["end_reason"].astype(np.int8),
        arm=arm.astype(np.int16),
        line=rows.line,
    )
    return TableReading(table, bad.sorted(), notes)


def write_episodes(path: str | Path, episodes: EpisodeTable) -> None:
    """Write episodes so that `read_episodes` gives the same rows."""
    columns = (
        csv_escape.named(episodes.clients, episodes.client),
        csv_escape.dates(episodes.start),
        csv_escape.dates(episodes.end),
        csv_escape.named(END_REASONS, episodes.end_reason),
        csv_escape.named(episodes.arms, episodes.arm),
    )
    write_columns(path, COLUMNS, columns)


def _date(day: int) -> str:
    return str(np.datetime64(int(day), "D"))


def _ends(rows: TypedRows) -> list[Clash]:
    """Rows without an end that are not ongoing."""
    missing = np.flatnonzero((rows["end"] == NO_DAY) & (rows["end_reason"] != ONGOING))
    expected = _("the date of the last attended contact; only an ongoing episode may be without")
    return [Clash(at, "end", "", expected) for at in missing.tolist()]


def _lengths(rows: TypedRows) -> list[Clash]:
    start, end = rows["start"].astype(np.int64), rows["end"].astype(np.int64)
    known = end != NO_DAY
    early = np.flatnonzero(known & (end < start)).tolist()
    late = np.flatnonzero(known & (end - start > LONGEST_DAYS)).tolist()
    clashes = []
    for at in early:
        expected = _("a date not before %(start)s, its start", start=_date(start[at]))
        clashes.append(Clash(at, "end", _date(end[at]), expected))
    for at in late:
        years = LONGEST_DAYS // 366
        expected = _("a date at most %(n)s years after %(start)s, its start", n=years, start=_date(start[at]))
        clashes.append(Clash(at, "end", _date(end[at]), expected))
    return clashes


def _arms(rows: TypedRows) -> list[Clash]:
    """Rows without an arm where others have one."""
    named = np.array([bool(name) for name in rows.names["arm"]] or [False])[rows["arm"]]
    if named.all() or not named.any():
        return []
    other = int(rows.line[np.flatnonzero(named)[0]])
    expected = _("the name of an arm, as in row %(row)s, or no arm anywhere", row=other)
    return [Clash(at, "arm", "", expected) for at in np.flatnonzero(~named).tolist()]


def _twice(rows: TypedRows) -> list[Clash]:
    """Rows with the client and start of an earlier row of the file."""
    return [
        Clash(
            again,
            "start",
            _date(rows["start"][again]),
            _("one row for a client and start; row %(row)s has the same", row=rows.line[first]),
        )
        for again, first in repeated(rows["client"], rows["start"])
    ]


def _overlaps(rows: TypedRows) -> list[Clash]:
    """Rows that begin before the end of an earlier episode of the client; that day itself is allowed."""
    clashes, before = [], -1
    for at in lexsort_stable(rows["client"], rows["start"]).tolist():
        if before < 0 or rows["client"][before] != rows["client"][at]:
            before = at
            continue
        end = int(rows["end"][before])
        if end != NO_DAY and end <= rows["start"][at]:
            before = at
            continue
        expected = _no_overlap(int(rows.line[before]), end)
        clashes.append(Clash(at, "start", _date(rows["start"][at]), expected))
    return clashes


def _no_overlap(row: int, end: int) -> str:
    """The expectation after an episode in `row` that ends on `end`."""
    if end == NO_DAY:
        return _(
            "episodes of a client that do not overlap: after row %(row)s no other, as it is ongoing", row=row
        )
    return _(
        "episodes of a client that do not overlap: after row %(row)s a start not before its end, %(end)s",
        row=row,
        end=_date(end),
    )
