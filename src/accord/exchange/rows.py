"""The rows of a delimited text file, a chunk at a time, for tables of any kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from pathlib import Path

import numpy as np

from accord.errors import InputError
from accord.errors import message as _
from accord.exchange.block_reader import Block, read_blocks, split_line, split_lines
from accord.exchange.columns import Chunk
from accord.exchange.header import Header
from accord.exchange.polars_split import columns_of
from accord.exchange.reading import BadCell, BadRows, Progress

ParseHeader = Callable[[Sequence[str], str], Header]  # names of columns, name of the file


def read_rows(
    path: Path, names: Sequence[str], parse: ParseHeader, bad: BadRows, progress: Progress | None = None
) -> tuple[Header, Iterator[Chunk]]:
    """The header by `parse` and the rows below it. InputError for an empty file, which expects `names`."""
    blocks = read_blocks(path, bad, progress)
    first = next(blocks, None)
    if first is None or not first.text.strip():
        expected = _("a header with the columns %(names)s", names=", ".join(names))
        raise InputError(expected, file=bad.file, found=_("an empty file"))
    delimiter, cells = _read_header(first.lines[0], bad.file)
    header = parse(cells, bad.file)
    rest = first.without_first()
    below = chain([rest] if rest else [], blocks)
    return header, (_chunk(block, header, delimiter, bad) for block in below)


def lines_of(path: Path, rows: set[int]) -> dict[int, str]:
    """Some lines of a file, by reading it a second time."""
    return dict(_lines(path, rows))


def _read_header(line: str, file: str) -> tuple[str, list[str]]:
    delimiter = ";" if line.count(";") > line.count(",") else ","
    names = split_line(line, delimiter)
    if names is None:
        raise InputError(_("a header on one line"), file=file, row=1, found=_("a quote that is not closed"))
    return delimiter, names


def _chunk(block: Block, header: Header, delimiter: str, bad: BadRows) -> Chunk:
    """The rows of a block as columns of texts; rows of another width are reported and left out."""
    numbers, width = np.arange(block.first, block.first + len(block), dtype=np.int64), header.width
    quick = columns_of(block.text, len(block), delimiter, width) if block.plain else None
    if quick is not None:
        return Chunk(quick, numbers, lambda at: block.lines[at])
    lines = block.lines
    if block.plain:
        if {line.count(delimiter) for line in lines} != {width - 1}:
            keep = [
                at
                for at, line in enumerate(lines)
                if _kept(at, line, line.split(delimiter), block.first, width, bad)
            ]
            numbers, lines = numbers[keep], [lines[at] for at in keep]
        flat = delimiter.join(lines).split(delimiter)  # one list for all cells: no list for each row
        return Chunk([flat[at::width] for at in range(width)], numbers, lines.__getitem__)
    rows = split_lines(lines, delimiter)
    keep = [at for at, row in enumerate(rows) if _kept(at, lines[at], row, block.first, width, bad)]
    numbers, lines = numbers[keep], [lines[at] for at in keep]
    columns = list(zip(*(row for at in keep if (row := rows[at]) is not None), strict=True))
    return Chunk(columns, numbers, lines.__getitem__)


def _kept(at: int, line: str, row: list[str] | None, first: int, width: int, bad: BadRows) -> bool:
    """Whether a row has as many cells as the header; if not, it is reported unless it is an empty line."""
    if row is not None and len(row) == width:
        return True
    if row is None:
        expectation = (
            _("a quote or a line break inside a cell"),
            _("each row on a line of its own, quotes closed"),
        )
        bad.add(BadCell(first + at, "", *expectation, line))
    elif line.strip():
        cells = _("1 cell") if len(row) == 1 else _("%(n)s cells", n=len(row))
        bad.add(BadCell(first + at, "", cells, _("%(n)s cells, as in the header", n=width), line))
    return False


def _lines(path: Path, rows: set[int]) -> Iterator[tuple[int, str]]:
    for block in read_blocks(path, BadRows(str(path), skip=True)):
        inside = rows.intersection(range(block.first, block.first + len(block)))
        lines = block.lines if inside else []
        yield from ((row, lines[row - block.first]) for row in inside)
