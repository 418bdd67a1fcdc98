"""Texts of cells remembered with their values, since many cells share few different texts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from accord.exchange.csv_cells import BadCellError

MOST_KEPT = 50_000  # different texts of one column remembered at a time

Value = TypeVar("Value", int, float)


class Remembered(dict[str, Value], Generic[Value]):
    """Values of texts by a parser of `csv_cells`; `wrong` is the value of a text that it refuses."""

    def __init__(self, parse: Callable[[str], Value], wrong: Value) -> None:
        super().__init__()
        self._parse: Callable[[str], Value] = parse
        self._wrong: Value = wrong

    def __missing__(self, text: str) -> Value:
        if len(self) >= MOST_KEPT:
            self.clear()
        try:
            value = self._parse(text)
        except BadCellError:
            value = self._wrong
        self[text] = value
        return value


class Codes(dict[str, int]):
    """Codes of texts, a new one for each new name; -1 for a text that the parser refuses."""

    def __init__(self, parse: Callable[[str], str]) -> None:
        super().__init__()
        self._parse = parse
        self._codes: dict[str, int] = {}

    def __missing__(self, text: str) -> int:
        try:
            name = self._parse(text)
        except BadCellError:
            return -1  # not remembered: a column full of wrong ids must not fill the memory
        code = self._codes.setdefault(name, len(self._codes))
        self[text] = code
        return code

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._codes)
