"""Plain texts for the cells of written tables: numbers without noise, texts that no spreadsheet runs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from accord.exchange.cells import FORMULA_STARTERS
from accord.records import NO_DAY

DECIMALS = 4  # of written findings


def escaped(text: str) -> str:
    """The text with `'` before it where a spreadsheet would take it for a formula."""
    return "'" + text if text.startswith(FORMULA_STARTERS) else text


def number(value: float) -> str:
    """The shortest text that reads back as this number; empty for NaN."""
    if value != value:  # NaN, which alone differs from itself
        return ""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(float(value))


def rounded(values: NDArray[np.float64]) -> list[str]:
    """Numbers with at most `DECIMALS` decimals, never `-0`; empty for NaN."""
    return [number(value) for value in (np.round(values, DECIMALS) + 0.0).tolist()]


def dates(days: NDArray[np.int32]) -> list[str]:
    """ISO dates of days since 1970-01-01; empty for `NO_DAY`."""
    told: dict[int, str] = {NO_DAY: ""}
    for day in np.unique(days).tolist():
        told.setdefault(day, str(np.datetime64(day, "D")))
    return [told[day] for day in days.tolist()]


def named(names: Sequence[str], codes: NDArray[np.integer]) -> list[str]:
    safe = [escaped(name) for name in names]
    return [safe[code] for code in codes.tolist()]
