"""From ratings and days to pixels, and the few places worth a tick."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight line from values to pixels; values outside are drawn at the edge."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        if self.high <= self.low:
            return (self.start + self.end) / 2
        share = (value - self.low) / (self.high - self.low)
        return self.start + min(1.0, max(0.0, share)) * (self.end - self.start)


def finite(value: float | None) -> float | None:
    """The value, or None where it is missing, NaN or infinite."""
    return value if value is not None and math.isfinite(value) else None


def drawn_range(values: Sequence[float], low: float, high: float) -> tuple[float, float]:
    """The part of the instrument's range that is drawn: the ratings and a margin, at least half the range.

    A course that moves by a tenth of the range would look flat over the whole of it, and like a
    catastrophe on its own.
    """
    if high <= low:
        return low - 1.0, low + 1.0
    inside = [min(high, max(low, value)) for value in values] or [low, high]
    step = nice_step((high - low) / 8)
    bottom = max(low, math.floor((min(inside) - step / 2) / step) * step)
    top = min(high, math.ceil((max(inside) + step / 2) / step) * step)
    missing = (high - low) / 2 - (top - bottom)
    if missing > 0:
        bottom = max(low, bottom - missing)
        top = min(high, bottom + (high - low) / 2) if bottom == low else top
    return bottom, top


def nice_step(rough: float) -> float:
    """The smallest 1, 2 or 5 times a power of ten that is not smaller than `rough` (> 0)."""
    power: float = 10.0 ** math.floor(math.log10(rough))
    return next(power * lead for lead in (1, 2, 5, 10) if power * lead >= rough * (1 - 1e-9))


def value_ticks(low: float, high: float, at_most: int = 5) -> list[float]:
    """At most so many round values within low..high."""
    if high <= low:
        return [low]
    step = nice_step((high - low) / (at_most - 1))
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [count * step for count in range(first, last + 1)]


def day_ticks(first: date, last: date, at_most: int) -> list[date]:
    """Firsts of months, or days for a short course; at most so many."""
    choices = (_months(first, last, months) for months in (1, 2, 3, 6, 12, 24, 60, 120, 600, 6000))
    ticks = next((days for days in choices if len(days) <= at_most), [])
    if len(ticks) >= 2:
        return ticks
    span = (last - first).days
    step = max(1, math.ceil(span / max(1, at_most - 1)))
    return [first + timedelta(days=days) for days in range(0, span + 1, step)]


def _months(first: date, last: date, step: int) -> list[date]:
    """First days of every `step`-th month within first..last, counted from January."""
    month = first.year * 12 + first.month - 1 + (first.day > 1)
    month += -month % step
    days = []
    while month // 12 <= 9999 and (day := date(month // 12, month % 12 + 1, 1)) <= last:
        days.append(day)
        month += step
    return days
