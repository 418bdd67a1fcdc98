"""Counts as they may be published: exact, or a range where the rest would be fewer than ten people.

Every model leaves out rows with gaps. Its own number of people or events, set against that of the whole
programme, would reveal those left out; so where these are few, it is replaced by a range of ten.
"""

from __future__ import annotations

from typing import NamedTuple


class Count(NamedTuple):
    low: int
    high: int

    def __str__(self) -> str:
        """The count as text, without a dash, which spreadsheets take for a date."""
        return f"{self.low:,}" if self.low == self.high else f"{self.low:,} to {self.high:,}"

    @property
    def brief(self) -> str:
        """The count for the narrow cell of a page."""
        return str(self).replace(" to ", "–")


def people(some: int, whole: int, fewest: int) -> Count:
    """A count of some of the people, exact unless the others are few."""
    if 0 < whole - some < fewest:
        return Count(whole - fewest + 1, whole - 1)
    return Count(some, some)


def events(some: int, others: int, fewest: int) -> Count:
    """A count of events in some rows; `others` is the number of people with events in the other rows."""
    if 0 < others < fewest:
        step = max(fewest, 10)
        return Count(some // step * step, some // step * step + step - 1)
    return Count(some, some)
