"""From answers to a score: the key, reversed items and the rule for missing answers. Pure.

Answers left out are replaced by the mean of the person's other answers in the same score ("prorating"),
as long as the instrument's share `min_answered` of its items is there; below it there is no score.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from accord.records.ratings import Instrument, Item, Scoring

Number = TypeVar("Number", float, NDArray[np.float64])


def score(instrument: Instrument, answers: Mapping[int, float]) -> float | None:
    """The score in the instrument's units, from answers by item number; NaN counts as not answered.

    None: too few of the scored items are answered. Raises ValueError for an answer that is no option of
    its item, for an unknown item, and for an instrument that comes as a total.
    """
    return _combined(instrument, instrument.scored, _keyed(instrument, answers))


def subscales(instrument: Instrument, answers: Mapping[int, float]) -> dict[str, float | None]:
    """The subscales by name, each built as the score is and under the same rule for missing answers."""
    keyed = _keyed(instrument, answers)
    return {subscale.name: _combined(instrument, subscale.items, keyed) for subscale in instrument.subscales}


def score_columns(instrument: Instrument, items: NDArray[np.float64]) -> NDArray[np.float64]:
    """`score` for many forms at once: `items` is (rows, k), column j holding item j + 1, NaN not answered.

    Returns (rows,), NaN where too few items are answered. Fewer columns than items are items nobody
    answered; columns beyond the last item have to be empty. Raises ValueError as `score` does.
    """
    _check_has_items(instrument)
    given = _matrix(instrument, items)
    total = np.zeros(len(given))
    answered = np.zeros(len(given), dtype=np.int64)
    for item in instrument.items[: given.shape[1]]:
        column = given[:, item.number - 1]
        known = ~np.isnan(column)
        _check_column(item, column, known)
        if item.number in instrument.scored:
            # One column at a time: a million forms need no second copy of the whole table.
            total += np.where(known, _turned(item, column), 0.0)
            answered += known
    count = len(instrument.scored)
    factor = 1 if instrument.scoring is Scoring.MEAN else count
    enough = answered >= needed(instrument, count)
    return np.where(enough, total * factor / np.maximum(answered, 1), np.nan)


def needed(instrument: Instrument, count: int) -> int:
    """Number of `count` items that must be answered: the share `min_answered`, rounded up, at least one."""
    return max(1, math.ceil(instrument.min_answered * count - 1e-9))


def _combined(instrument: Instrument, numbers: tuple[int, ...], keyed: Mapping[int, float]) -> float | None:
    values = [keyed[number] for number in numbers if number in keyed]
    if len(values) < needed(instrument, len(numbers)):
        return None
    factor = 1 if instrument.scoring is Scoring.MEAN else len(numbers)
    return sum(values) * factor / len(values)


def _keyed(instrument: Instrument, answers: Mapping[int, float]) -> dict[int, float]:
    """The given answers, checked, with reversed items turned."""
    _check_has_items(instrument)
    items = {item.number: item for item in instrument.items}
    keyed = {}
    for number, value in answers.items():
        if number not in items:
            raise ValueError(f"{instrument.id} has no item {number}; its items are 1 to {len(items)}")
        if value != value:  # NaN
            continue
        if value not in _values(items[number]):
            raise ValueError(_no_option(items[number], value))
        keyed[number] = float(_turned(items[number], value))
    return keyed


def _turned(item: Item, value: Number) -> Number:
    if not item.reversed:
        return value
    return item.options[0].value + item.options[-1].value - value


def _values(item: Item) -> list[float]:
    return [option.value for option in item.options]


def _no_option(item: Item, value: object) -> str:
    allowed = ", ".join(f"{option:g}" for option in _values(item))
    return f"item {item.number} ({item.about}) was answered {value}; it takes {allowed}"


def _check_has_items(instrument: Instrument) -> None:
    if not instrument.items:
        raise ValueError(f"{instrument.id} comes as a total; it has no items to score")


def _check_column(item: Item, column: NDArray[np.float64], known: NDArray[np.bool_]) -> None:
    wrong = known & ~np.isin(column, _values(item))
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(f"row {row}: {_no_option(item, f'{column[row]:g}')}")


def _matrix(instrument: Instrument, items: NDArray[np.float64]) -> NDArray[np.float64]:
    given = np.asarray(items, dtype=np.float64)
    if given.ndim != 2:
        raise ValueError(f"items must have two dimensions (forms, items), not {given.ndim}")
    beyond = ~np.isnan(given[:, len(instrument.items) :])
    if beyond.any():
        number = len(instrument.items) + 1 + int(np.argmax(beyond.any(axis=0)))
        raise ValueError(f"{instrument.id} has no item {number}; its items are 1 to {len(instrument.items)}")
    return given
