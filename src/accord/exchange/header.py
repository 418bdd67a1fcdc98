"""The header of a table: the positions of its columns."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from accord.errors import InputError
from accord.errors import message as _
from accord.exchange.csv_cells import shown

COLUMNS = ("client", "clinician", "session", "date", "rater", "instrument", "score")
REQUIRED = ("client", "session", "instrument")
FOR_THE_SITE = ("check",)  # what recognises a person besides the code: read where people are made known
NAMED = 10  # of the columns that are not read
MOST_ITEMS = 500  # far above any questionnaire; a wider table is some other file

_ITEM = re.compile(r"item_([1-9][0-9]{0,5})")
_EXPECTED = _("the columns %(names)s (or item_1, item_2, ... for score)", names=", ".join(COLUMNS))


@dataclass(frozen=True, slots=True)
class Header:
    """Positions of the known columns; `items` in the order of their numbers, item_1 first."""

    width: int
    position: dict[str, int]
    items: tuple[int, ...]
    ignored: tuple[str, ...]

    def notes(self) -> tuple[str, ...]:
        if not self.ignored:
            return ()
        names = ", ".join(shown(name) for name in self.ignored[:NAMED])
        if len(self.ignored) > NAMED:
            more = len(self.ignored) - NAMED
            return (
                _(
                    "not read, because accord knows no such column: %(names)s and %(more)s more",
                    names=names,
                    more=more,
                ),
            )
        return (_("not read, because accord knows no such column: %(names)s", names=names),)


def parse_header(names: Sequence[str], file: str) -> Header:
    """Find the columns. Names are compared without case; unknown columns are left out and named in a note."""
    clean = [name.strip().casefold() for name in names]
    _refuse_twice(clean, file)
    position = {name: place for place, name in enumerate(clean) if name in COLUMNS}
    items = {int(match[1]): place for place, name in enumerate(clean) if (match := _ITEM.fullmatch(name))}
    _refuse_missing(position, items, file)
    known = {*position.values(), *items.values()}
    known |= {place for place, name in enumerate(clean) if name in FOR_THE_SITE}
    ignored = tuple(name.strip() or "(no name)" for at, name in enumerate(names) if at not in known)
    return Header(len(clean), position, tuple(items[n] for n in sorted(items)), ignored)


def parse_names(names: Sequence[str], file: str, columns: Sequence[str], needed: Sequence[str]) -> Header:
    """Find the columns of a table that has named columns and no items."""
    clean = [name.strip().casefold() for name in names]
    _refuse_twice(clean, file)
    position = {name: place for place, name in enumerate(clean) if name in columns}
    for name in needed:
        if name not in position:
            expected = _("the columns %(names)s", names=", ".join(columns))
            raise InputError(expected, file=file, row=1, column=name, found=_("no such column"))
    known = set(position.values())
    ignored = tuple(name.strip() or "(no name)" for at, name in enumerate(names) if at not in known)
    return Header(len(clean), position, (), ignored)


def _refuse_twice(names: list[str], file: str) -> None:
    seen: set[str] = set()
    for name in names:
        if name and name in seen:
            raise InputError(
                _("each column once"), file=file, row=1, column=name, found=_("this column twice")
            )
        seen.add(name)


def _refuse_missing(position: dict[str, int], items: dict[int, int], file: str) -> None:
    for name in REQUIRED:
        if name not in position:
            raise InputError(_EXPECTED, file=file, row=1, column=name, found=_("no such column"))
    if "score" not in position and not items:
        raise InputError(_EXPECTED, file=file, row=1, column="score", found=_("no such column"))
    if sorted(items) != list(range(1, len(items) + 1)) or len(items) > MOST_ITEMS:
        missing = next(n for n in range(1, MOST_ITEMS + 2) if n not in items)
        expected = _("item_1 to item_n without a gap, at most %(most)s", most=MOST_ITEMS)
        raise InputError(expected, file=file, row=1, column=f"item_{missing}", found=_("no such column"))
