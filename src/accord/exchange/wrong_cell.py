"""Explanations of bad rows: the wrong cell, and the expectation it does not meet."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from accord.errors import message as _
from accord.exchange import csv_cells
from accord.exchange.header import Header
from accord.exchange.instrument_lookup import InstrumentNames
from accord.exchange.reading import BadCell
from accord.records.ratings import Instrument, Item

SCORE_TOLERANCE = 0.0051  # a score printed with two decimals may differ so much from its items

_PARSERS: dict[str, Callable[[str], object]] = {
    "client": csv_cells.client_id,
    "clinician": csv_cells.person_id,
    "session": csv_cells.session,
    "date": csv_cells.day,
    "rater": csv_cells.rater,
    "score": csv_cells.number,
}


def explain(
    header: Header, known: InstrumentNames, texts: Sequence[str], computed: float, row: int, line: str
) -> BadCell:
    """The first wrong cell of a row, read from the left; then contradictions between its cells."""
    column, expected = (
        _unreadable(header, known, texts)
        or _out_of_place(header, known, texts)
        or ("score", _("%(score)s, the score of its items", score=plain(computed)))
    )
    place = header.position.get(column)
    if place is None:
        place = header.items[int(column.removeprefix("item_")) - 1]
    return BadCell(row, column, texts[place][:200], expected, line)


def plain(value: float) -> str:
    return f"{value:.10g}"


def _unreadable(header: Header, known: InstrumentNames, texts: Sequence[str]) -> tuple[str, str] | None:
    places = [(place, name) for name, place in header.position.items()]
    places += [(place, f"item_{number}") for number, place in enumerate(header.items, start=1)]
    for place, name in sorted(places):
        if name == "instrument":
            if known[texts[place]] < 0:
                return name, known.expected()
            continue
        try:
            _PARSERS.get(name, csv_cells.number)(texts[place])
        except csv_cells.BadCellError as error:
            return name, error.expected
    return None


def _out_of_place(header: Header, known: InstrumentNames, texts: Sequence[str]) -> tuple[str, str] | None:
    instrument = known.instruments[known[texts[header.position["instrument"]]]]
    items = {item.number: item for item in instrument.items}
    for number, place in enumerate(header.items, start=1):
        answer = csv_cells.number(texts[place])
        if not math.isnan(answer) and not _is_option(items.get(number), answer):
            return f"item_{number}", _options(instrument, items.get(number))
    if "score" not in header.position:
        return None
    score = csv_cells.number(texts[header.position["score"]])
    if score < instrument.low or score > instrument.high:
        return "score", (
            _(
                "a number from %(low)s to %(high)s (%(instrument)s)",
                low=plain(instrument.low),
                high=plain(instrument.high),
                instrument=instrument.id,
            )
        )
    return None


def _is_option(item: Item | None, answer: float) -> bool:
    return item is not None and any(option.value == answer for option in item.options)


def _options(instrument: Instrument, item: Item | None) -> str:
    if item is None:
        return _(
            "an empty cell, as accord knows %(n)s items of %(instrument)s",
            n=len(instrument.items),
            instrument=instrument.id,
        )
    values = ", ".join(plain(option.value) for option in item.options)
    return _("one of %(values)s (%(instrument)s), or an empty cell", values=values, instrument=instrument.id)
