"""How well a statistic finds ruptures, judged against known truth. Small pure functions.

Every array has shape (sessions,) and lies in order of relationship and session, one row for each session.
A statistic is higher where things look worse, and NaN where it is undefined; such a session gives no alarm.
Calm sessions lie outside of ruptures and of what is left of them.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from accord.arrays import Bools, Floats, Ints

MEDIAN = 0.5
MONTH = 365.25 / 12  # days
TENTHS = 10
FAR_APART = 10**6  # days between one client's sessions and the next one's, on one line


class Episodes(NamedTuple):
    """Ruptures as stretches of rows: from `start` up to, not including, `end`. Shape (episodes,)."""

    start: Ints
    end: Ints


class Tenth(NamedTuple):
    """Sessions whose probability lies in one tenth of 0..1; NaN where there are none."""

    sessions: int
    predicted: float  # mean probability
    observed: float  # share really in a rupture


class Lead(NamedTuple):
    """Alarms in the days before people left."""

    leavers: int
    warned: float  # share of them with an alarm in the horizon
    days: float  # median from the first of these alarms to the last contact
    by_chance: float  # share of the sessions of those who stayed with an alarm in such a stretch before


def auc(statistic: Floats, state: Bools) -> float:
    """Chance that a session in the state has the higher statistic, ties counting half. NaN without both.

    `statistic` must not hold NaN. By ranks (Mann and Whitney, 1947).
    """
    inside, outside = int(state.sum()), int((~state).sum())
    if not inside or not outside:
        return math.nan
    _, place, count = np.unique(statistic, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[place]
    return float((rank[state].sum() - inside * (inside + 1) / 2) / (inside * outside))


def untied(statistic: Floats, rng: np.random.Generator) -> Floats:
    """Ranks in place of values, equal ones in random order, so that any rate of alarms can be spent whole."""
    order = np.lexsort((rng.random(len(statistic)), statistic))
    rank = np.empty(len(statistic))
    rank[order] = np.arange(len(statistic))
    return np.where(np.isnan(statistic), np.nan, rank)


def line_for(statistic: Floats, calm: Bools, rate: float) -> float:
    """The line that at most a share `rate` of all calm sessions passes, silent sessions counted too."""
    known = np.sort(statistic[calm & ~np.isnan(statistic)])[::-1]
    allowed = math.floor(rate * int(calm.sum()) + 1e-9)
    return float(known[allowed]) if allowed < len(known) else -math.inf


def alarms(statistic: Floats, line: float) -> Bools:
    return np.where(np.isnan(statistic), -np.inf, statistic) > line


def episodes(onset: Bools, in_rupture: Bools, relationship: Ints) -> Episodes:
    """Ruptures from their onset to the last session in a row of the same relationship still in one."""
    start = np.flatnonzero(onset)
    goes_on = np.zeros(len(onset) + 1, dtype=bool)
    goes_on[1:-1] = in_rupture[1:] & ~onset[1:] & (relationship[1:] == relationship[:-1])
    breaks = np.flatnonzero(~goes_on)
    return Episodes(start, breaks[np.searchsorted(breaks, start, side="right")])


def delays(alarm: Bools, ruptures: Episodes) -> Floats:
    """Sessions from each onset to the first alarm inside the rupture, 0 at once; infinite without one."""
    at = np.append(np.flatnonzero(alarm), len(alarm) + 1)
    first = at[np.searchsorted(at, ruptures.start)]
    return np.where(first < ruptures.end, first - ruptures.start, np.inf)


def share_within(delay: Floats, sessions: float) -> float:
    """Share of ruptures with an alarm at most so many sessions after the onset, while they last."""
    return float((delay <= sessions).mean()) if len(delay) else math.nan


def median_delay(delay: Floats, ruptures: Episodes) -> float:
    """Median sessions to the alarm; a rupture that ends without one is censored there. NaN: not reached.

    Kaplan and Meier (1958): the first delay at which the share still without an alarm is a half or less.
    """
    length = ruptures.end - ruptures.start
    without = 1.0
    for sessions in range(int(length.max(initial=0))):
        at_risk = int(((length > sessions) & (delay >= sessions)).sum())
        without *= 1 - int((delay == sessions).sum()) / at_risk if at_risk else 1.0
        if without <= MEDIAN:
            return float(sessions)
    return math.nan


def false_alarms(alarm: Bools, calm: Bools) -> float:
    """Alarms per calm session."""
    return float(alarm[calm].mean()) if calm.any() else math.nan


def false_alarms_to_find(statistic: Floats, calm: Bools, ruptures: Episodes, share: float) -> float:
    """Alarms per calm session at the highest line by which at least `share` of the ruptures are found."""
    if not len(ruptures.start):
        return math.nan
    value = np.append(np.where(np.isnan(statistic), -np.inf, statistic), -np.inf)
    bounds = np.column_stack(ruptures).ravel()
    highest = np.sort(np.maximum.reduceat(value, bounds)[::2])[::-1]
    needed = math.ceil(share * len(highest) - 1e-9)
    if needed == 0:
        return 0.0
    return false_alarms((value[:-1] >= highest[needed - 1]) & ~np.isnan(statistic), calm)


def flags(alarm: Bools, relationship: Ints) -> Bools:
    """First alarm of each run of alarms: nobody is alerted again in every session of a run."""
    before = np.zeros(len(alarm), dtype=bool)
    before[1:] = alarm[:-1] & (relationship[1:] == relationship[:-1])
    return alarm & ~before


def per_client_month(flag: Bools, client: Ints, day: Ints) -> float:
    """Flags per client and month from their first contact to a week after their last, all relationships."""
    if not len(flag):
        return math.nan
    _, place = np.unique(client, return_inverse=True)
    first, last = np.full(place.max() + 1, day.max()), np.full(place.max() + 1, day.min())
    np.minimum.at(first, place, day)
    np.maximum.at(last, place, day)
    return float(flag.sum() / ((last - first + 7).sum() / MONTH))


def any_false(alarm: Bools, calm: Bools, group: Ints) -> float:
    """Share of groups (courses, or clients over all their courses) with an alarm in a calm session."""
    if not calm.any():
        return math.nan
    _, place = np.unique(group[calm], return_inverse=True)
    return float((np.bincount(place, alarm[calm]) > 0).mean())


def run_length(alarm: Bools, calm: Bools, relationship: Ints) -> float:
    """Calm sessions per first false alarm of a course (ARL0). A course without one counts up to its end.

    Sessions followed over events seen: for censored runs the estimate of maximum likelihood where the
    chance is the same in each session. Infinite without any false alarm.
    """
    rows = np.flatnonzero(calm)
    if not len(rows):
        return math.nan
    course, hit = relationship[rows], alarm[rows]
    starts = np.flatnonzero(np.append(True, course[1:] != course[:-1]))
    earlier: Ints = np.cumsum(hit) - hit
    still: Bools = earlier == np.repeat(earlier[starts], np.diff(np.append(starts, len(rows))))
    events = int((hit & still).sum())
    return int(still.sum()) / events if events else math.inf


def calibration(probability: Floats, state: Bools) -> list[Tenth]:
    """Tenths of the probability. `probability` must not hold NaN."""
    place = np.minimum((probability * TENTHS).astype(np.int64), TENTHS - 1)
    count = np.bincount(place, minlength=TENTHS)
    sums = [np.bincount(place, value, minlength=TENTHS) for value in (probability, state)]
    nan = math.nan
    return [
        Tenth(n, float(predicted / n), float(observed / n)) if n else Tenth(0, nan, nan)
        for n, predicted, observed in zip(count.tolist(), *sums, strict=True)
    ]


def brier(probability: Floats, state: Bools) -> float:
    """Mean squared distance of the probability from the truth (Brier, 1950); 0 is perfect."""
    return float(((probability - state) ** 2).mean()) if len(state) else math.nan


def missed_in_a_row(missed: Bools, relationship: Ints, least: int) -> Bools:
    """Missed contacts that are at least the `least`-th in a row of their relationship."""
    run = missed.copy()
    for back in range(1, least):
        earlier = np.zeros(len(missed), dtype=bool)
        earlier[back:] = missed[:-back] & (relationship[back:] == relationship[:-back])
        run &= earlier
    return run


def clients_since(row: Bools, client: Ints, day: Ints, last_contact: Bools, horizon: int) -> Ints:
    """Clients with such a row in the `horizon` days up to their last contact, or after it."""
    who = np.unique(client[last_contact])
    left = np.array([day[last_contact & (client == leaver)].max() for leaver in who], dtype=np.int64)
    begin = np.full(int(client.max(initial=0)) + 1, np.iinfo(np.int64).max)
    begin[who] = left - horizon
    clients: Ints = np.unique(client[row & (day > begin[client])])
    return clients


def days_before_leaving(alarm: Bools, client: Ints, day: Ints, last_contact: Bools, horizon: int) -> Floats:
    """Days from the first alarm to the last contact of each client who left, in order of client.

    Alarms of the `horizon` days up to that contact count, over all relationships; NaN without any.

    `last_contact` marks sessions of those who left; the last of a client's counts. Rows in any order.
    """
    at, rung, who = _on_one_line(alarm, client, day, last_contact)
    left = np.array([at[last_contact & (client == leaver)].max() for leaver in who], dtype=np.int64)
    first = rung[np.searchsorted(rung, left - horizon, side="right")]
    return np.where(first <= left, left - first, np.nan)


def lead_to_leaving(alarm: Bools, client: Ints, day: Ints, last_contact: Bools, horizon: int) -> Lead:
    """Summary of the alarms before leaving, and how often clients who stayed have such alarms."""
    at, rung, who = _on_one_line(alarm, client, day, last_contact)
    days = days_before_leaving(alarm, client, day, last_contact, horizon)
    warned = ~np.isnan(days)
    stayed = at[~np.isin(client, who)]
    recent = rung[np.searchsorted(rung, stayed - horizon, side="right")] <= stayed
    return Lead(
        len(who),
        float(warned.mean()) if len(who) else math.nan,
        float(np.median(days[warned])) if warned.any() else math.nan,
        float(recent.mean()) if len(stayed) else math.nan,
    )


def _on_one_line(alarm: Bools, client: Ints, day: Ints, last_contact: Bools) -> tuple[Ints, Ints, Ints]:
    """Sessions and alarms of all clients on one line of days, far apart; and who left."""
    at = client.astype(np.int64) * FAR_APART + (day - day.min(initial=0))
    return at, np.append(np.sort(at[alarm]), np.iinfo(np.int64).max), np.unique(client[last_contact])
