"""Results of reading a ratings table; bad cells become an error or a line of the bad file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from accord.errors import InputError
from accord.exchange.csv_cells import shown
from accord.records.ratings import Instrument, Ratings

Progress = Callable[[int, int], None]  # done so far, whole work, in any one unit
Scorer = Callable[[Instrument, NDArray[np.float64]], NDArray[np.float64]]
Table = TypeVar("Table")
FindUnknown = Callable[[str], Instrument | None]


class BadCell(NamedTuple):
    """The first cell of a row that cannot be read; `column` is empty when the whole row is meant."""

    row: int
    column: str
    found: str
    expected: str
    line: str  # the row as written in the file

    def as_error(self, file: str) -> InputError:
        content = shown(self.found) if self.column else self.found
        return InputError(self.expected, file=file, row=self.row, column=self.column, found=content)


@dataclass(frozen=True, slots=True)
class Reading:
    """A table of ratings, the rows that were left out in the order of the file, and notes."""

    ratings: Ratings
    bad: tuple[BadCell, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TableReading(Generic[Table]):
    """A table of another kind, with the rows that were left out and notes."""

    table: Table
    bad: tuple[BadCell, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(slots=True)
class BadRows:
    """Collector of bad rows that, unless they are skipped, refuses the table at the first one."""

    file: str
    skip: bool
    cells: list[BadCell] = field(default_factory=list)

    def add(self, cell: BadCell) -> None:
        if not self.skip:
            raise cell.as_error(self.file)
        self.cells.append(cell)

    def sorted(self) -> tuple[BadCell, ...]:
        return tuple(sorted(self.cells, key=lambda cell: cell.row))
