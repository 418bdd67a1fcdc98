"""Consistency checks between the parts of a definition, one rule per function."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import pairwise
from typing import Protocol

from accord.errors import InputError
from accord.records.ratings import Instrument, Item, Scoring, Ships


class Refusal(Protocol):
    """Makes the error for a key from what was expected and what was found."""

    def __call__(self, key: str, expected: str, found: object = None) -> InputError: ...


def check(instrument: Instrument, refusal: Refusal) -> None:
    """Raise the refusal of the first rule that the instrument breaks."""
    for rule in (_range, _carried, _items, _key, _reach, _subscales, _wording, _bands, _reliability):
        rule(instrument, refusal)


def _range(instrument: Instrument, refusal: Refusal) -> None:
    if instrument.low >= instrument.high:
        raise refusal("high", f"a number above low ({instrument.low:g})", instrument.high)


def _carried(instrument: Instrument, refusal: Refusal) -> None:
    total = instrument.scoring is Scoring.TOTAL
    if total != (instrument.ships is Ships.TOTAL):
        raise refusal("ships", 'ships = "total" with scoring = "total", and only then', instrument.ships)
    if total and instrument.items:
        raise refusal("items", 'no items where scoring = "total"', len(instrument.items))
    if not total and not instrument.items:
        raise refusal("items", "one item or more", "none")


def _items(instrument: Instrument, refusal: Refusal) -> None:
    for place, item in enumerate(instrument.items, 1):
        if item.number != place:
            raise refusal(f"items[{place}].number", f"{place}: items count up from 1", item.number)
        _condition(instrument, item, refusal)
        _safety(item, refusal)


def _condition(instrument: Instrument, item: Item, refusal: Refusal) -> None:
    if item.asked_if is None:
        return
    key = f"items[{item.number}].asked_if"
    if item.asked_if >= item.number:
        raise refusal(key, "the number of an earlier item", item.asked_if)
    # "Above 0" decides; a scale that starts above 0 would always ask, one without such values never.
    values = [option.value for option in instrument.items[item.asked_if - 1].options]
    if values[0] > 0 or values[-1] <= 0:
        raise refusal(key, "an item that can be answered with 0 and with more", item.asked_if)


def _safety(item: Item, refusal: Refusal) -> None:
    # A person reads every answer above 0 on a safety item: it has to mean that, and always be asked.
    if item.safety and (item.options[0].value != 0 or item.reversed or item.asked_if is not None):
        raise refusal(
            f"items[{item.number}].safety", "an item that starts at 0, is not reversed and is always asked"
        )


def _key(instrument: Instrument, refusal: Refusal) -> None:
    if not instrument.items:
        return
    if not 0 < instrument.min_answered <= 1:
        raise refusal("min_answered", "a share above 0 and up to 1", instrument.min_answered)
    _ascending_items(instrument, "scored", instrument.scored, refusal)
    for number in instrument.scored:
        if instrument.items[number - 1].asked_if is not None:
            raise refusal("scored", "only items that are always asked", number)
    for item in instrument.items:
        if item.reversed and item.number not in instrument.scored:
            raise refusal(f"items[{item.number}].reversed", "false: the item is not scored", "true")


def _ascending_items(instrument: Instrument, key: str, numbers: tuple[int, ...], refusal: Refusal) -> None:
    if not numbers or any(b <= a for a, b in pairwise(numbers)):
        raise refusal(key, "item numbers, each above the one before", list(numbers))
    if numbers[-1] > len(instrument.items):
        raise refusal(key, f"numbers of the {len(instrument.items)} items", numbers[-1])


def _reach(instrument: Instrument, refusal: Refusal) -> None:
    if not instrument.items:
        return
    options = [instrument.items[number - 1].options for number in instrument.scored]
    share = 1 if instrument.scoring is Scoring.SUM else 1 / len(options)
    lowest = share * math.fsum(item[0].value for item in options)
    highest = share * math.fsum(item[-1].value for item in options)
    for key, stated, given in (("low", instrument.low, lowest), ("high", instrument.high, highest)):
        if not math.isclose(stated, given, abs_tol=1e-9):
            raise refusal(key, f"{given:g}, what the scored items can give", stated)


def _subscales(instrument: Instrument, refusal: Refusal) -> None:
    for place, subscale in enumerate(instrument.subscales, 1):
        _ascending_items(instrument, f"subscales[{place}].items", subscale.items, refusal)
        outside = sorted(set(subscale.items) - set(instrument.scored))
        if outside:
            raise refusal(f"subscales[{place}].items", "items that are scored", outside)
    _once((subscale.name for subscale in instrument.subscales), "subscales", refusal)


def _once(names: Iterable[str], key: str, refusal: Refusal) -> None:
    listed = list(names)
    if len(set(listed)) != len(listed):
        raise refusal(key, "a different name for each", listed)


def _wording(instrument: Instrument, refusal: Refusal) -> None:
    ours = instrument.ships is Ships.WORDING
    for item in instrument.items:
        key = f"items[{item.number}]"
        if ours and not item.wording:
            raise refusal(f"{key}.wording", 'wording, because ships = "wording"', "nothing")
        if ours and not (item.options[0].label and item.options[-1].label):
            raise refusal(f"{key}.scale", "a scale with labels at both ends", "none")
        if not ours and (item.wording or any(option.label for option in item.options)):
            raise refusal(f"{key}", 'neither wording nor labels, unless ships = "wording"', "some")


def _bands(instrument: Instrument, refusal: Refusal) -> None:
    if bool(instrument.bands) != bool(instrument.bands_source):
        raise refusal("bands_source", "a source where there are bands, and only there")
    ends = [band.up_to for band in instrument.bands]
    for place, (before, end) in enumerate(pairwise([instrument.low, *ends]), 1):
        if end <= before:
            raise refusal(f"bands[{place}].up_to", f"a number above {before:g}", end)
    if ends and ends[-1] != instrument.high:
        expected = f"{instrument.high:g}: the last band ends at high"
        raise refusal(f"bands[{len(ends)}].up_to", expected, ends[-1])
    _once((band.label for band in instrument.bands), "bands", refusal)


def _reliability(instrument: Instrument, refusal: Refusal) -> None:
    stored = instrument.reliability
    for key, value in (("alpha", stored.alpha), ("retest", stored.retest)):
        if value is not None and not 0 < value < 1:
            raise refusal(f"reliability.{key}", "a number between 0 and 1", value)
    if stored.sd is not None and not 0 < stored.sd < instrument.high - instrument.low:
        raise refusal("reliability.sd", "a number above 0 and below the width of the range", stored.sd)
