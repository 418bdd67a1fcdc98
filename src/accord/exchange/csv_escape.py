"""Texts for the cells of written tables: short numbers, and texts that no spreadsheet runs.

A column is kept as its different texts and a code for each row, since a million rows hold few different
texts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from accord.columns import to_steps, unique_inverse
from accord.exchange.csv_cells import FORMULA_STARTERS
from accord.records.ratings import NO_DAY

DECIMALS = 4  # of written findings


class Column(NamedTuple):
    """`codes` (rows,) are positions in `texts`."""

    texts: Sequence[str]
    codes: NDArray[np.integer]

    def cell(self, row: int) -> str:
        text: str = self.texts[self.codes[row]]
        return text

    def cells(self) -> list[str]:
        cells: list[str] = np.array(self.texts, dtype=object)[self.codes].tolist() if self.texts else []
        return cells


def escaped(text: str) -> str:
    """The text with `'` before it where a spreadsheet would take it for a formula."""
    return "'" + text if text.startswith(FORMULA_STARTERS) else text


def number(value: float) -> str:
    """The shortest text that reads back as this number; empty for NaN."""
    if value != value:  # NaN, which alone differs from itself
        return ""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def numbers(values: NDArray[np.float64] | NDArray[np.integer]) -> Column:
    """Texts of numbers without rounding; empty for NaN."""
    unique, codes = unique_inverse(values)
    return Column(_texts(unique), codes)


def rounded(values: NDArray[np.float64]) -> Column:
    """Texts of numbers with at most `DECIMALS` decimals, never `-0`; empty for NaN."""
    steps = to_steps(values, DECIMALS)
    unique, codes = unique_inverse(steps)
    unknown = np.flatnonzero(np.isnan(values))
    numbers_ = unique / 10.0**DECIMALS
    numbers_[codes[unknown[:1]]] = np.nan
    return Column(_texts(numbers_), codes)


def _texts(values: NDArray[Any]) -> list[str]:
    """The shortest text of each value; most are made at once."""
    values = values.astype(np.float64)
    texts = np.array(list(map(repr, values.tolist())), dtype=object)
    special = np.flatnonzero((values == np.rint(values)) | np.isnan(values))
    texts[special] = [number(value) for value in values[special].tolist()]
    cells: list[str] = texts.tolist()
    return cells


def dates(days: NDArray[np.int32]) -> Column:
    """ISO dates of days since 1970-01-01; empty for `NO_DAY`."""
    unique, codes = unique_inverse(days)
    cells = ["" if day == NO_DAY else str(np.datetime64(day, "D")) for day in unique.tolist()]
    return Column(cells, codes)


def named(names: Sequence[str], codes: NDArray[np.integer]) -> Column:
    return Column([escaped(name) for name in names], codes)
