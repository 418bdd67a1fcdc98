"""Tables whose columns each hold one kind of cell, read with the same steps and errors as ratings."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.exchange import csv_cells
from accord.exchange.columns import Chunk, column_of
from accord.exchange.csv_escape import Column
from accord.exchange.header import Header, parse_names
from accord.exchange.interning import Codes, Remembered
from accord.exchange.reading import BadCell, BadRows, Progress
from accord.exchange.rows import lines_of, read_rows
from accord.exchange.table import in_order, without_clashes
from accord.exchange.table_checks import Clash
from accord.records.ratings import NO_DAY

_WRONG = NO_DAY + 1  # no cell's number is so low


@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """A column: its cells' parser, of names or of whole numbers, and whether a table must have it."""

    name: str
    names: Callable[[str], str] | None = None
    numbers: Callable[[str], int] | None = None
    needed: bool = True


@dataclass(frozen=True, slots=True)
class TypedRows:
    """Parsed columns by name; the names met in a column of names, in the order of its codes."""

    columns: Mapping[str, NDArray[np.int32]]
    names: Mapping[str, tuple[str, ...]]
    line: NDArray[np.int64]

    def __getitem__(self, name: str) -> NDArray[np.int32]:
        return self.columns[name]

    def only(self, keep: NDArray[np.bool_]) -> TypedRows:
        columns = {name: values[keep] for name, values in self.columns.items()}
        return TypedRows(columns, self.names, self.line[keep])

    def sorted_names(self, name: str) -> tuple[tuple[str, ...], NDArray[Any]]:
        """The names of a column that occur, sorted, and the codes that go with them."""
        return in_order(self.names[name], self.columns[name])


Check = Callable[[TypedRows], list[Clash]]


def read_typed(
    path: str | Path,
    holds: Sequence[ColumnSpec],
    checks: Sequence[Check],
    *,
    skip_bad: bool = False,
    progress: Progress | None = None,
) -> tuple[TypedRows, BadRows, tuple[str, ...]]:
    """Read the rows of a table, those left out, and notes. `checks` run on the whole table, in turn.

    Raises InputError at the first bad row, or with `skip_bad` collects bad rows and takes the rest.
    """
    place, bad = Path(path), BadRows(str(path), skip_bad)
    every = [column.name for column in holds]
    needed = [column.name for column in holds if column.needed]
    header, chunks = read_rows(
        place, every, lambda names, file: parse_names(names, file, every, needed), bad, progress
    )
    parser = _Parser(holds, header, bad)
    for chunk in chunks:
        parser.take(chunk)
    rows = parser.rows()
    for check in checks:
        rows = without_clashes(rows, check, bad, lambda numbers: lines_of(place, numbers))
    return rows, bad, header.notes()


class _Parser:
    """Parser that keeps the names met so far and the parsed columns of every chunk."""

    def __init__(self, holds: Sequence[ColumnSpec], header: Header, bad: BadRows) -> None:
        self._holds, self._header, self._bad = {spec.name: spec for spec in holds}, header, bad
        self._values: dict[str, Any] = {spec.name: _values(spec) for spec in holds}
        self._parts: list[tuple[dict[str, NDArray[np.int32]], NDArray[np.int64]]] = []

    def take(self, chunk: Chunk) -> None:
        if not len(chunk.rows):
            return
        columns = {name: self._column(name, chunk) for name in self._holds}
        wrong = np.zeros(len(chunk.rows), dtype=bool)
        for name, values in columns.items():
            wrong |= values == (_WRONG if self._holds[name].numbers else -1)
        for at in np.flatnonzero(wrong).tolist():
            self._bad.add(self._explained(chunk, at))
        keep = ~wrong
        self._parts.append(({name: values[keep] for name, values in columns.items()}, chunk.rows[keep]))

    def _column(self, name: str, chunk: Chunk) -> NDArray[np.int32]:
        place = self._header.position.get(name)
        if place is None:
            return np.full(len(chunk.rows), self._values[name][""], np.int32)
        return column_of(chunk.cells[place], self._values[name], np.int32)

    def _explained(self, chunk: Chunk, at: int) -> BadCell:
        """The first wrong cell of a row, read from the left."""
        row, line = int(chunk.rows[at]), chunk.line(at)
        for name, place in sorted(self._header.position.items(), key=lambda column: column[1]):
            texts = chunk.cells[place]
            text = texts.cell(at) if isinstance(texts, Column) else texts[at]
            holds = self._holds[name]
            try:
                (holds.names or holds.numbers or str)(text)
            except csv_cells.BadCellError as error:
                return BadCell(row, name, text[:200], error.expected, line)
        raise AssertionError(f"row {row} was taken for wrong, and no cell of it is")

    def rows(self) -> TypedRows:
        nothing = ({name: np.empty(0, np.int32) for name in self._holds}, np.empty(0, np.int64))
        parts = self._parts or [nothing]
        return TypedRows(
            {name: np.concatenate([columns[name] for columns, _ in parts]) for name in self._holds},
            {name: self._values[name].names for name, spec in self._holds.items() if spec.names},
            np.concatenate([lines for _, lines in parts]),
        )


def _values(holds: ColumnSpec) -> Codes | Remembered[int]:
    if holds.names:
        return Codes(holds.names)
    return Remembered(holds.numbers or int, _WRONG)
