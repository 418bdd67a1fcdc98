"""Ratings as a tidy long CSV file: read in blocks into columns, written so that it reads back the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

import numpy as np

from accord.exchange import plain
from accord.exchange.columns import Chunk, ColumnParser
from accord.exchange.header import COLUMNS, Header, parse_header
from accord.exchange.known import InstrumentNames
from accord.exchange.lines import Block, read_blocks, split_line, split_lines
from accord.exchange.quick import columns_of
from accord.exchange.reading import BadCell, BadRows, FindUnknown, Progress, Reading, Scorer
from accord.exchange.table import finished
from accord.exchange.written import write_columns
from accord.records import RATERS, InputError, Instrument, Ratings


def read_ratings(
    path: str | Path,
    *,
    instruments: Mapping[str, Instrument],
    skip_bad: bool = False,
    progress: Progress | None = None,
    unknown: FindUnknown | None = None,
    score: Scorer | None = None,
) -> Reading:
    """Read a ratings file. Rows are lines of the file, the header being line 1.

    `unknown` is asked for an instrument the mapping lacks; `score` makes scores of item columns (without
    it items are checked and kept, not scored). Raises InputError at the first bad row, or with `skip_bad`
    leaves bad rows out and returns them; what is no ratings file at all is refused in either case.
    """
    place = Path(path)
    bad = BadRows(str(path), skip_bad)
    blocks = read_blocks(place, bad, progress)
    first = next(blocks, None)
    if first is None or not first.text.strip():
        expected = f"a header with the columns {', '.join(COLUMNS)}"
        raise InputError(expected, file=bad.file, found="an empty file")
    delimiter, header = _read_header(first.lines[0], bad.file)
    parser = ColumnParser(header, bad, InstrumentNames(instruments, unknown), score)
    rest = first.without_first()
    for block in chain([rest] if rest else [], blocks):
        parser.take(_chunk(block, header, delimiter, bad))
    return finished(parser, bad, lambda rows: dict(_lines(place, rows)))


def _read_header(line: str, file: str) -> tuple[str, Header]:
    delimiter = ";" if line.count(";") > line.count(",") else ","
    names = split_line(line, delimiter)
    if names is None:
        raise InputError("a header on one line", file=file, row=1, found="a quote that is not closed")
    return delimiter, parse_header(names, file)


def _chunk(block: Block, header: Header, delimiter: str, bad: BadRows) -> Chunk:
    """The rows of a block as columns of texts; rows of another width are told and left out."""
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
    """Whether a row has as many cells as the header; if not, and it is no empty line, it is told."""
    if row is not None and len(row) == width:
        return True
    if row is None:
        told = "a quote or a line break inside a cell", "each row on a line of its own, quotes closed"
        bad.add(BadCell(first + at, "", *told, line))
    elif line.strip():
        cells = "1 cell" if len(row) == 1 else f"{len(row)} cells"
        bad.add(BadCell(first + at, "", cells, f"{width} cells, as in the header", line))
    return False


def _lines(path: Path, rows: set[int]) -> Iterator[tuple[int, str]]:
    """Some lines of a file that was read before, by a second walk through it."""
    for block in read_blocks(path, BadRows(str(path), skip=True)):
        inside = rows.intersection(range(block.first, block.first + len(block)))
        lines = block.lines if inside else []
        yield from ((row, lines[row - block.first]) for row in inside)


def write_ratings(path: str | Path, ratings: Ratings) -> None:
    """Write ratings so that `read_ratings` gives the same rows; a number is written without loss."""
    columns = [
        plain.named(ratings.clients, ratings.client),
        plain.named(ratings.clinicians, ratings.clinician),
        plain.numbers(ratings.session),
        plain.dates(ratings.day),
        plain.named(RATERS, ratings.rater),
        plain.named([i.id for i in ratings.instruments], ratings.instrument),
        plain.numbers(ratings.score),
    ]
    items = np.empty((len(ratings), 0)) if ratings.items is None else ratings.items
    columns += [plain.numbers(answers) for answers in items.T]
    names = [*COLUMNS, *(f"item_{number}" for number in range(1, items.shape[1] + 1))]
    write_columns(path, names, columns)
