"""The alarm rate from a site's budget: one false flag per client in so many weeks.

A rate per session hides the burden: the same 3 % gives a client with one weekly session a false flag in half
a year, and a client in residence with four people and daily contacts several a month. So the rate follows
from all contacts a client has now, in whatever relationship.
"""

from __future__ import annotations

from collections.abc import Iterable

WEEKS = 8  # between two false flags of one client, unless a site says otherwise
RAREST, MOST = (
    0.001,
    0.125,
)  # false alarms per calm session that are never passed, however few or many contacts


def alarm_rate(weeks: float, contacts_per_week: Iterable[float]) -> float:
    """False alarms per calm session that give one client one false flag in `weeks` weeks.

    `contacts_per_week` holds one value for each of the client's relationships. With `r` the rate and `n`
    contacts a week in all, `weeks * n * r` false alarms are expected in that time; a flag lasts until ratings
    are back, so flags are at most as many. Where contacts are rare the rate stays at `MOST`: beyond it a flag
    says too little.
    """
    contacts = weeks * sum(contacts_per_week)
    return min(MOST, max(RAREST, 1 / contacts)) if contacts > 0 else MOST


def flags_per_week(weeks: float, contacts_per_week: Iterable[float]) -> float:
    """Expected false flags of one client in a week under that rate."""
    contacts = list(contacts_per_week)
    return sum(contacts) * alarm_rate(weeks, contacts)
