"""Parsed parts joined into `Ratings`, after the checks that need the whole table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from typing import Protocol, Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from accord.errors import InputError
from accord.errors import message as _
from accord.exchange.columns import ColumnParser, Part, no_rows
from accord.exchange.reading import BadCell, BadRows, Reading
from accord.exchange.table_checks import (
    Clash,
    duplicates,
    falling_dates,
    refuse_too_many_gaps,
    runaway_sessions,
)
from accord.records.ratings import Ratings


class Numbered(Protocol):
    """Parsed rows with the line of each in its file."""

    @property
    def line(self) -> NDArray[np.int64]: ...

    def only(self, keep: NDArray[np.bool_]) -> Self: ...


Rows = TypeVar("Rows", bound=Numbered)
LinesOf = Callable[[set[int]], dict[int, str]]  # numbers of rows -> these rows as they stand in the file


def finished(parser: ColumnParser, bad: BadRows, lines_of: LinesOf, *, may_be_empty: bool = False) -> Reading:
    """Join all rows into one `Ratings`, with names sorted so that the order of rows does not matter."""
    part = _joined(parser.parts, len(parser.header.items))
    parser.parts.clear()
    for check in (duplicates, runaway_sessions, falling_dates):
        part = without_clashes(part, check, bad, lines_of)
    if not len(part.line) and not (may_be_empty and bad.cells):
        raise nothing_left(bad, "ratings")
    refuse_too_many_gaps(part, bad.file)
    return Reading(_ratings(parser, part), bad.sorted(), parser.header.notes())


def _joined(parts: list[Part], items: int) -> Part:
    if not parts:
        return no_rows(items)
    return Part(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(Part)))


def without_clashes(
    part: Rows, check: Callable[[Rows], list[Clash]], bad: BadRows, lines_of: LinesOf
) -> Rows:
    """Report and remove rows that clash, repeatedly: without a wrong row a session has another date."""
    while clashes := sorted(check(part), key=lambda clash: int(part.line[clash.at])):
        lines = lines_of({int(part.line[clash.at]) for clash in clashes}) if bad.skip else {}
        keep = np.ones(len(part.line), dtype=bool)
        for clash in clashes:
            row = int(part.line[clash.at])
            bad.add(BadCell(row, clash.column, clash.found, clash.expected, lines.get(row, "")))
            keep[clash.at] = False
        part = part.only(keep)
    return part


NO_ROWS = {
    "ratings": _("at least one row of ratings below the header"),
    "episodes": _("at least one row of episodes below the header"),
}


def nothing_left(bad: BadRows, what: str) -> InputError:
    """The error for a table without any row left; `what` names the subject of its rows."""
    if not bad.cells:
        return InputError(NO_ROWS[what], file=bad.file, row=1, found=_("no row below it"))
    first = bad.sorted()[0].as_error("")
    return InputError(
        _("at least one row that can be read; the first wrong one is %(first)s", first=first._message()),
        file=bad.file,
        found=_("%(n)s rows, each with something wrong", n=f"{len(bad.cells):,}"),
    )


def _ratings(parser: ColumnParser, part: Part) -> Ratings:
    clients, client = in_order(parser.clients.names, part.client)
    clinicians, clinician = in_order(parser.clinicians.names, part.clinician)
    instruments, instrument = in_order(
        tuple(instrument.id for instrument in parser.known.instruments), part.instrument
    )
    by_id = {instrument.id: instrument for instrument in parser.known.instruments}
    return Ratings(
        clients=clients,
        clinicians=clinicians,
        instruments=tuple(by_id[name] for name in instruments),
        client=client.astype(np.int32),
        clinician=clinician.astype(np.int32),
        session=part.session,
        day=part.day,
        rater=part.rater,
        instrument=instrument.astype(np.int16),
        score=part.score,
        line=part.line,
        items=part.items if parser.header.items else None,
    )


def in_order(
    names: tuple[str, ...], codes: NDArray[np.integer]
) -> tuple[tuple[str, ...], NDArray[np.integer]]:
    """The names that occur, sorted, and the codes that go with them."""
    used = set(np.unique(codes).tolist())
    order = sorted(used, key=lambda code: names[code])
    new = np.zeros(len(names), dtype=np.int32)
    new[order] = np.arange(len(order))
    return tuple(names[code] for code in order), new[codes]
