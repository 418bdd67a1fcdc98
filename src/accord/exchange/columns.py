"""Cells of a ratings table turned into columns of numbers, a chunk of rows at a time.

A chunk is parsed column by column through remembered texts; only a row with a wrong cell is parsed
by itself, to report that cell and what was expected there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from accord.exchange import csv_cells
from accord.exchange.csv_escape import Column
from accord.exchange.header import Header
from accord.exchange.instrument_lookup import InstrumentNames, fitted, wrong_items
from accord.exchange.interning import Codes, Remembered
from accord.exchange.reading import BadRows, Scorer
from accord.exchange.wrong_cell import SCORE_TOLERANCE, explain
from accord.records.ratings import NO_DAY, RATERS, Instrument, Rater

_WRONG_DAY = NO_DAY + 1
_WRONG_NUMBER = float("-inf")


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a table, column-wise, as texts; `rows` are their numbers in the file."""

    cells: Sequence[Sequence[str] | Column]
    rows: NDArray[np.int64]
    line: Callable[[int], str]  # position in the chunk -> the row as written in the file


@dataclass(frozen=True, slots=True)
class Part:
    """Parsed columns of some rows; `items` has no columns where the table has none."""

    client: NDArray[np.int32]
    clinician: NDArray[np.int32]
    session: NDArray[np.int32]
    day: NDArray[np.int32]
    rater: NDArray[np.int8]
    instrument: NDArray[np.int16]
    score: NDArray[np.float64]
    line: NDArray[np.int64]
    items: NDArray[np.float64]

    def only(self, keep: NDArray[np.bool_]) -> Part:
        return self if keep.all() else Part(*(getattr(self, field.name)[keep] for field in fields(self)))


def no_rows(items: int) -> Part:
    def whole(kind: type[np.generic]) -> NDArray[Any]:
        return np.empty(0, kind)

    ids, numbers = whole(np.int32), whole(np.float64)
    channel = (whole(np.int8), whole(np.int16))
    return Part(ids, ids, ids, ids, *channel, numbers, whole(np.int64), np.empty((0, items)))


class ColumnParser:
    """Parser that keeps the names met so far and the parsed columns of every chunk."""

    def __init__(
        self, header: Header, bad: BadRows, known: InstrumentNames, score: Scorer | None = None
    ) -> None:
        self.header, self.bad, self.known, self.score = header, bad, known, score
        self.clients, self.clinicians = Codes(csv_cells.client_id), Codes(csv_cells.person_id)
        self._sessions = Remembered(csv_cells.session, -1)
        self._days = Remembered(csv_cells.day, _WRONG_DAY)
        self._raters = Remembered(csv_cells.rater, -1)
        self._numbers = Remembered(csv_cells.number, _WRONG_NUMBER)
        self.parts: list[Part] = []

    def take(self, chunk: Chunk) -> None:
        """Parse a chunk; raises InputError at its first wrong cell unless bad rows are skipped."""
        if not len(chunk.rows):
            return
        part = self._parse(chunk)
        computed, wrong = self._scored(part)
        wrong |= self._wrong_cells(part)
        with np.errstate(invalid="ignore"):
            wrong |= np.abs(part.score - computed) > SCORE_TOLERANCE
        for at in np.flatnonzero(wrong).tolist():
            texts = [column.cell(at) if isinstance(column, Column) else column[at] for column in chunk.cells]
            row, line = int(chunk.rows[at]), chunk.line(at)
            self.bad.add(explain(self.header, self.known, texts, float(computed[at]), row, line))
        np.copyto(part.score, computed, where=np.isnan(part.score))
        self.parts.append(part.only(~wrong))

    def _parse(self, chunk: Chunk) -> Part:
        count, nobody = len(chunk.rows), self.clinicians[""]
        items = np.empty((count, len(self.header.items)))
        for number, place in enumerate(self.header.items):
            items[:, number] = column_of(chunk.cells[place], self._numbers, np.float64)
        return Part(
            client=self._named(chunk, "client", self.clients, np.int32, -1),
            clinician=self._named(chunk, "clinician", self.clinicians, np.int32, nobody),
            session=self._named(chunk, "session", self._sessions, np.int32, -1),
            day=self._named(chunk, "date", self._days, np.int32, NO_DAY),
            rater=self._named(chunk, "rater", self._raters, np.int8, RATERS.index(Rater.CLIENT)),
            instrument=self._named(chunk, "instrument", self.known, np.int16, -1),
            score=self._named(chunk, "score", self._numbers, np.float64, np.nan),
            line=chunk.rows,
            items=items,
        )

    def _named(self, chunk: Chunk, name: str, values: Mapping[str, float], dtype: Any, absent: float) -> Any:
        place = self.header.position.get(name)
        if place is None:
            return np.full(len(chunk.rows), absent, dtype)
        return column_of(chunk.cells[place], values, dtype)

    def _wrong_cells(self, part: Part) -> NDArray[np.bool_]:
        low, high = self.known.bounds(part.instrument)
        wrong: NDArray[np.bool_] = (part.client < 0) | (part.clinician < 0) | (part.instrument < 0)
        wrong |= (part.session < 0) | (part.day == _WRONG_DAY) | (part.rater < 0)
        wrong |= (part.score < low) | (part.score > high) | (part.score == _WRONG_NUMBER)
        return wrong

    def _scored(self, part: Part) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Scores from the items (NaN without), and which rows have an item that is no option."""
        computed, wrong = np.full(len(part.line), np.nan), np.zeros(len(part.line), dtype=bool)
        if not self.header.items:
            return computed, wrong
        for code, instrument in enumerate(self.known.instruments):
            rows = np.flatnonzero(part.instrument == code)
            items = part.items[rows]
            wrong[rows] = wrong_items(instrument, items).any(axis=1)
            answered = rows[~wrong[rows] & ~np.isnan(items).all(axis=1)]
            computed[answered] = self._scores(instrument, part.items[answered])
        wrong |= (part.instrument < 0) & (part.items == _WRONG_NUMBER).any(axis=1)
        return computed, wrong

    def _scores(self, instrument: Instrument, items: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.score is None or not len(items):
            return np.full(len(items), np.nan)
        return self.score(instrument, fitted(items, len(instrument.items)))


def column_of(cells_: Sequence[str] | Column, values: Mapping[str, float], dtype: Any) -> NDArray[Any]:
    """The value of each cell by its text."""
    texts = cells_.texts if isinstance(cells_, Column) else cells_
    numbers = np.fromiter(map(values.__getitem__, texts), dtype, len(texts))
    return numbers[cells_.codes] if isinstance(cells_, Column) else numbers
