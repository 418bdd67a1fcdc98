"""The heading and lines of a delimited text file as they are, so that a row left out can be shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from accord.exchange.block_reader import read_blocks, split_line
from accord.exchange.reading import BadRows


@dataclass(frozen=True, slots=True)
class TextTable:
    """Names of the columns in lower case, and every line of the file; the heading is row 1."""

    names: tuple[str, ...]
    delimiter: str
    lines: Sequence[str]

    def text(self, row: int) -> str:
        """The line of a row as it is; empty where there is no such row."""
        return self.lines[row - 1] if 0 < row <= len(self.lines) else ""

    def split(self, text: str) -> list[str]:
        """The cells of a line; where its quotes are broken, what lies between the delimiters."""
        cells = split_line(text, self.delimiter)
        return text.split(self.delimiter) if cells is None else cells

    def cells(self, text: str) -> dict[str, str]:
        """The cells of a line by the name of their column; empty where the line has too few or too many."""
        cells = self.split(text)
        return dict(zip(self.names, cells, strict=True)) if len(cells) == len(self.names) else {}

    def column(self, name: str) -> dict[int, str]:
        """The cells of a column that are not empty, by row, without the spaces around them."""
        if name not in self.names:
            return {}
        cells = ((row, self.cells(text).get(name, "").strip()) for row, text in enumerate(self.lines[1:], 2))
        return {row: cell for row, cell in cells if cell}


def read_text(path: Path) -> TextTable:
    """Read a file that `read_rows` could read; lines that are not UTF-8 are empty."""
    lines: list[str] = []
    for block in read_blocks(path, BadRows(str(path), skip=True)):
        lines += block.lines
    heading = lines[0] if lines else ""
    delimiter = ";" if heading.count(";") > heading.count(",") else ","
    names = tuple(name.strip().casefold() for name in split_line(heading, delimiter) or ())
    return TextTable(names, delimiter, lines)
