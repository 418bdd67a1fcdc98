"""Answers to an instrument's items, checked against its options."""

from __future__ import annotations

from collections.abc import Mapping

from accord.errors import InputError
from accord.records.ratings import Instrument, Item, Ships


def may_be_offered(instrument: Instrument) -> bool:
    """Whether people may fill this form here: the project's own wording, and no safety item.

    A safety answer needs somebody who is notified of it; until that is built no such form is offered.
    """
    return instrument.ships is Ships.WORDING and bool(instrument.items) and not instrument.safety_items


def accepted(instrument: Instrument, given: Mapping[int, float]) -> dict[str, float]:
    """The answers to store, by item number as text. Any question may be left out.

    An answer to a question that another answer made moot is dropped. Raises `InputError` for an unknown item
    or a value that is no option.
    """
    items = {item.number: item for item in instrument.items}
    for number, value in given.items():
        if number not in items:
            raise InputError(f"an item of {instrument.id}", found=str(number))
        if value not in [option.value for option in items[number].options]:
            raise InputError(f"an option of item {number} of {instrument.id}", found=str(value))
    return {str(number): float(value) for number, value in given.items() if _asked(items[number], given)}


def _asked(item: Item, given: Mapping[int, float]) -> bool:
    return item.asked_if is None or given.get(item.asked_if, 0) > 0
