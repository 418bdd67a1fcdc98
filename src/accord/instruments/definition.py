"""One instrument definition: TOML text in, a consistent `Instrument` out, or an error naming the key."""

from __future__ import annotations

import re
import tomllib
from itertools import pairwise
from typing import Any

from accord.errors import InputError
from accord.instruments.definition_checks import check
from accord.instruments.keys import Keys
from accord.records.ratings import (
    Band,
    Construct,
    Instrument,
    Item,
    Option,
    Rater,
    Reliability,
    Scoring,
    Ships,
    Subscale,
)

ID = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,39}")
VERSION = re.compile(r"[1-9][0-9]{0,3}")


def parse(text: str, file: str = "definition") -> Instrument:
    """The instrument that `text` defines. `file` is the name used in errors.

    Raises InputError with file and key for anything unknown, missing, of a wrong kind or inconsistent.
    """
    keys = Keys(_toml(text, file), file)
    instrument = _instrument(keys)
    keys.finish()
    check(instrument, keys.refusal)
    return instrument


def _toml(text: str, file: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError("a TOML document", file=file, found=str(error)) from None


def _instrument(keys: Keys) -> Instrument:
    scoring = keys.choice("scoring", Scoring)
    has_items = scoring is not Scoring.TOTAL
    return Instrument(
        id=_matching(keys, "id", ID, "a letter, then at most 39 letters, digits or hyphens"),
        version=_matching(keys, "version", VERSION, 'a whole number from "1" to "9999", in quotes'),
        name=keys.text("name"),
        construct=keys.choice("construct", Construct),
        low=keys.number("low"),
        high=keys.number("high"),
        raters=keys.choices("raters", Rater),
        lower_is_better=keys.flag("lower_is_better", False),
        scoring=scoring,
        items=_items(keys),
        scored=keys.wholes("scored") if has_items else (),
        subscales=tuple(_subscale(table) for table in keys.tables("subscales")),
        min_answered=keys.number("min_answered") if has_items else 1.0,
        bands=tuple(_band(table) for table in keys.tables("bands")),
        bands_source=keys.text("bands_source", ""),
        reliability=_reliability(keys.table("reliability")),
        validated=keys.flag("validated", True),
        ships=keys.choice("ships", Ships),
        licence=keys.text("licence"),
        citation=keys.text("citation"),
    )


def _matching(keys: Keys, key: str, pattern: re.Pattern[str], expected: str) -> str:
    value = keys.text(key)
    if not pattern.fullmatch(value):
        raise keys.refusal(key, expected, value)
    return value


def _items(keys: Keys) -> tuple[Item, ...]:
    scales = {name: _options(table) for name, table in keys.named_tables("scales").items()}
    used: set[str] = set()
    items = tuple(_item(table, scales, used) for table in keys.tables("items"))
    for name in scales:
        if name not in used:
            raise keys.refusal(f"scales.{name}", "an item that uses this scale", "none")
    return items


def _options(table: Keys) -> tuple[Option, ...]:
    values = table.numbers("values")
    labels = table.texts("labels") if "labels" in table else ("",) * len(values)
    table.finish()
    if len(values) < 2 or any(b <= a for a, b in pairwise(values)):
        raise table.refusal("values", "two or more values, each above the one before", list(values))
    if len(labels) != len(values):
        raise table.refusal("labels", f"{len(values)} labels, one for each value", len(labels))
    said = [label for label in labels if label]
    if len(set(said)) != len(said):
        raise table.refusal("labels", "a different label for each value", said)
    return tuple(Option(value, label) for value, label in zip(values, labels, strict=True))


def _item(table: Keys, scales: dict[str, tuple[Option, ...]], used: set[str]) -> Item:
    scale = table.text("scale")
    if scale not in scales:
        raise table.refusal("scale", f"a scale of this file ({', '.join(scales) or 'none yet'})", scale)
    used.add(scale)
    item = Item(
        number=table.whole("number"),
        about=table.text("about"),
        options=scales[scale],
        wording=table.text("wording", ""),
        reversed=table.flag("reversed", False),
        safety=table.flag("safety", False),
        asked_if=table.whole("asked_if") if "asked_if" in table else None,
    )
    table.finish()
    return item


def _subscale(table: Keys) -> Subscale:
    subscale = Subscale(table.text("name"), table.wholes("items"))
    table.finish()
    return subscale


def _band(table: Keys) -> Band:
    band = Band(table.number("up_to"), table.text("label"))
    table.finish()
    return band


def _reliability(table: Keys | None) -> Reliability:
    if table is None:
        return Reliability()
    if "checked" not in table:
        raise table.refusal("checked", "true where the primary source was read, else false", "nothing")
    reliability = Reliability(
        alpha=table.number_or_none("alpha"),
        retest=table.number_or_none("retest"),
        sd=table.number_or_none("sd"),
        checked=table.flag("checked", False),
        source=table.text("source"),
    )
    table.finish()
    return reliability
