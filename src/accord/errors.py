"""Errors that every package may raise."""

from __future__ import annotations


class InputError(Exception):
    """Bad input, told so that it can be mended: file, row, column, what was found, what was expected."""

    def __init__(
        self, expected: str, *, file: str = "", row: int | None = None, column: str = "", found: str = ""
    ) -> None:
        self.file, self.row, self.column, self.found, self.expected = file, row, column, found, expected
        super().__init__(self._told())

    def _told(self) -> str:
        place = [self.file] if self.file else []
        if self.row is not None:
            place.append(f"row {self.row}")
        if self.column:
            place.append(f"column {self.column}")
        found = f"found {self.found}, " if self.found else ""
        told = f"{found}expected {self.expected}"
        return f"{', '.join(place)}: {told}" if place else told


class FormError(InputError):
    """A refusal on a form: one whole, translated sentence that says what to do instead."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.args = (sentence,)
