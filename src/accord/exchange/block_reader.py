"""The lines of a text file in blocks, of which only one is in memory at a time."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from accord.errors import InputError
from accord.errors import message as _
from accord.exchange.reading import BadCell, BadRows, Progress

BLOCK_BYTES = 2**22  # about 80,000 rows
LINE_BYTES = 2**16  # no ratings row is longer; a file without line ends is refused here
_KNOWN_STARTS = {
    b"\x89PNG": _("a PNG picture"),
    b"%PDF": _("a PDF file"),
    b"PK\x03\x04": _("a zip archive or an Excel workbook"),
    b"\x1f\x8b": _("a gzip archive"),
    b"\xff\xfe": _("UTF-16 text"),
    b"\xfe\xff": _("UTF-16 text"),
    b"\xd0\xcf\x11\xe0": _("an old Excel workbook"),
    b"SQLite format 3": _("a SQLite database"),
    b"PAR1": _("a Parquet file"),
}
_EXPECTED = _("a CSV file in UTF-8")


@dataclass(frozen=True, slots=True)
class Block:
    """Lines without their ends; `first` is the number of the first of them, the header being 1."""

    first: int
    text: str  # the lines, without the end of the last one
    plain: bool  # no quote and no carriage return in any of them

    def __len__(self) -> int:
        return self.text.count("\n") + 1

    @property
    def lines(self) -> list[str]:
        return self.text.split("\n")

    def without_first(self) -> Block | None:
        """All lines but the first; None where there is no other."""
        _, end, rest = self.text.partition("\n")
        return Block(self.first + 1, rest, self.plain) if end else None


def open_file(path: Path) -> BinaryIO:
    try:
        if path.is_dir():
            raise InputError(_EXPECTED, file=str(path), found=_("a folder"))
        return path.open("rb")
    except FileNotFoundError:
        raise InputError(_EXPECTED, file=str(path), found=_("no such file")) from None
    except PermissionError:
        raise InputError(_EXPECTED, file=str(path), found=_("a file this account may not read")) from None
    except (OSError, ValueError) as error:
        raise InputError(
            _EXPECTED, file=str(path), found=_("a file that cannot be opened (%(reason)s)", reason=error)
        ) from None


def read_blocks(path: Path, bad: BadRows, progress: Progress | None = None) -> Iterator[Block]:
    """Read blocks of whole lines. InputError for bytes that are no text or a line above `LINE_BYTES`."""
    with open_file(path) as handle:
        size, done, row, rest = os.fstat(handle.fileno()).st_size, 0, 1, b""
        while True:
            chunk = _read(handle, path)
            if row == 1 and not rest:
                chunk = _start_of_text(chunk, path)
            done += len(chunk)
            whole, rest = _cut(rest + chunk, last=not chunk)
            _refuse_long(rest, row + whole.count(b"\n"), path)
            if whole:
                block = _decoded(whole, row, bad)
                row += len(block)
                yield block
            if progress:
                progress(done, max(size, done))
            if not chunk:
                return


def _read(handle: BinaryIO, path: Path) -> bytes:
    try:
        return handle.read(BLOCK_BYTES)
    except OSError as error:
        raise InputError(
            _EXPECTED, file=str(path), found=_("a file that cannot be read (%(reason)s)", reason=error)
        ) from None


def _start_of_text(chunk: bytes, path: Path) -> bytes:
    for start, name in _KNOWN_STARTS.items():
        if chunk.startswith(start):
            raise InputError(_EXPECTED, file=str(path), found=name)
    return chunk.removeprefix(b"\xef\xbb\xbf")


def _cut(content: bytes, *, last: bool) -> tuple[bytes, bytes]:
    if last:
        return content, b""
    end = content.rfind(b"\n") + 1
    return content[:end], content[end:]


def _refuse_long(rest: bytes, row: int, path: Path) -> None:
    if len(rest) > LINE_BYTES:
        raise InputError(
            _("lines of at most %(n)s bytes", n=f"{LINE_BYTES:,}"),
            file=str(path),
            row=row,
            found=_("a longer line"),
        )


def _decoded(content: bytes, first: int, bad: BadRows) -> Block:
    if b"\x00" in content:
        row = first + content[: content.index(b"\x00")].count(b"\n")
        raise InputError(
            _EXPECTED, file=bad.file, row=row, found=_("a NUL byte, as in files that are not text")
        )
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        text = _without_bad_lines(content, first, bad)
    text = text.replace("\r\n", "\n").removesuffix("\n").removesuffix("\r")
    block = Block(first, text, plain='"' not in text and "\r" not in text)
    _refuse_long_inside(content, block, bad)
    return block


def _refuse_long_inside(content: bytes, block: Block, bad: BadRows) -> None:
    ends = np.flatnonzero(np.frombuffer(content, dtype=np.uint8) == ord("\n"))
    if np.diff(ends, prepend=-1, append=len(content)).max() <= LINE_BYTES:
        return
    lines = block.lines
    longest = max(lines, key=len)
    if len(longest) > LINE_BYTES:
        _refuse_long(b"x" * (LINE_BYTES + 1), block.first + lines.index(longest), Path(bad.file))


def _without_bad_lines(content: bytes, first: int, bad: BadRows) -> str:
    """The block, with lines that are not UTF-8 reported and left empty so that line numbers stay."""
    kept = []
    for offset, line in enumerate(content.split(b"\n")):
        try:
            kept.append(line.decode("utf-8"))
        except UnicodeDecodeError:
            shown = line.rstrip(b"\r").decode("utf-8", errors="replace")
            bad.add(BadCell(first + offset, "", _("bytes that are not UTF-8"), _("text in UTF-8"), shown))
            kept.append("")
    return "\n".join(kept)


def split_line(line: str, delimiter: str) -> list[str] | None:
    """The cells of one line, or None where a quote is not closed on it or a line break is in it."""
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True), [])
    except csv.Error:
        return None


def split_lines(lines: list[str], delimiter: str) -> list[list[str] | None]:
    """`split_line` of each line; all at once where no quote goes on to the next line."""
    with suppress(csv.Error):
        rows: list[list[str] | None] = list(csv.reader(lines, delimiter=delimiter, strict=True))
        if len(rows) == len(lines):
            return rows
    return [split_line(line, delimiter) for line in lines]
