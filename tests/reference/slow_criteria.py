"""The obvious slow versions: one relationship as a list of ratings, None where there is none, plain Python.

Written from the definitions, apart from the arrays, so that the two can disagree.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from itertools import pairwise

Course = Sequence[float | None]
D2 = 1.128


def earlier(course: Course, k: int) -> tuple[list[int], list[float]]:
    """Sessions and ratings before session `k`."""
    rated = [(j, value) for j, value in enumerate(course[:k]) if value is not None]
    return [j for j, _ in rated], [value for _, value in rated]


def reference(name: str, course: Course, k: int) -> float | None:
    sessions, ratings = earlier(course, k)
    if name == "previous":
        return ratings[-1] if ratings else None
    if name == "own_mean":
        return statistics.fmean(ratings) if ratings else None
    if len(ratings) < 3:
        return None
    line = statistics.linear_regression(sessions, ratings)
    return line.intercept + line.slope * k


def own_scale(name: str, course: Course, k: int) -> float | None:
    _, ratings = earlier(course, k)
    if name == "own_difference_sd":
        ratings = [b - a for a, b in pairwise(ratings)]
    return statistics.stdev(ratings) if len(ratings) >= 2 else None


def family(course: Course, ref: str, scale: str | float, least: int, floor: float) -> list[float | None]:
    return [part and part[0] for part in _family(course, ref, scale, least, floor)]


def _family(
    course: Course, ref: str, scale: str | float, least: int, floor: float
) -> list[tuple[float, float, float] | None]:
    """Statistic, R and S of each session."""
    result: list[tuple[float, float, float] | None] = []
    for k, value in enumerate(course):
        r = reference(ref, course, k)
        s = own_scale(scale, course, k) if isinstance(scale, str) else scale
        s = max(s, floor) if s is not None else None
        too_few = len(earlier(course, k)[1]) < least
        if value is None or r is None or s is None or s <= 1e-9 or too_few:
            result.append(None)
        else:
            result.append(((r - value) / s, r, s))
    return result


def marks(
    course: Course, ref: str, scale: str | float, least: int, floor: float, c: float, w: int, f: float
) -> tuple[list[int], list[int], dict[int, str]]:
    """Sessions at which ruptures begin, at which ratings are back, and each rupture's outcome."""
    begins: list[int] = []
    backs: list[int] = []
    outcome: dict[int, str] = {}
    waiting: tuple[int, float] | None = None
    result = _family(course, ref, scale, least, floor)
    for k, value in enumerate(course):
        if waiting and k > waiting[0] + w:
            outcome[waiting[0]], waiting = "unresolved", None
        if waiting and value is not None and value >= waiting[1]:
            outcome[waiting[0]], waiting = "back", None
            backs.append(k)
        item = result[k]
        if item and not waiting and item[0] >= c:
            waiting = (k, item[1] - (1 - f) * (c * item[2]))
            begins.append(k)
    if waiting:
        over = len(course) - 1 >= waiting[0] + w
        outcome[waiting[0]] = "unresolved" if over else "open"
    return begins, backs, outcome


def chart(course: Course, least: int, floor: float) -> list[float | None]:
    result: list[float | None] = []
    for k, value in enumerate(course):
        _, ratings = earlier(course, k)
        ranges = [abs(b - a) for a, b in pairwise(ratings)]
        sigma = max(statistics.fmean(ranges) / D2, floor) if ranges else 0.0
        silent = value is None or len(ratings) < max(least, 2) or sigma <= 0
        result.append(None if silent else (statistics.fmean(ratings) - value) / sigma)
    return result


def cusum(course: Course, shift: float, restart_above: float) -> list[float | None]:
    result: list[float | None] = []
    w = 0.0
    for z in course:
        if z is None:
            result.append(None)
            continue
        w = max(0.0, (0.0 if w > restart_above else w) - shift * z - shift**2 / 2)
        result.append(w)
    return result


def shiryaev(course: Course, shift: float, onset: float) -> list[float | None]:
    """Posterior probability by Bayes' rule, session by session; nothing begins before the first value."""
    result: list[float | None] = []
    p, begun = 0.0, False
    for z in course:
        begun = begun or z is not None
        p = p + (1 - p) * onset * begun
        if z is None:
            result.append(None)
            continue
        fallen, calm = math.exp(-((z + shift) ** 2) / 2), math.exp(-(z**2) / 2)
        p = p * fallen / (p * fallen + (1 - p) * calm)
        result.append(p)
    return result


def within_correlation(dyads: Sequence[Sequence[tuple[int, float, float]]], lag: int) -> float:
    """Pooled correlation of deviations from own means; `lag` 1: first side with the second's next session."""
    xy = xx = yy = 0.0
    for dyad in dyads:
        x_mean, y_mean = (statistics.fmean(row[side] for row in dyad) for side in (1, 2))
        for session, x, _ in dyad:
            for other, _, y in dyad:
                if other == session + lag:
                    xy += (x - x_mean) * (y - y_mean)
                    xx += (x - x_mean) ** 2
                    yy += (y - y_mean) ** 2
    return xy / math.sqrt(xx * yy)


def jackknifed_correlation(dyads: Sequence[Sequence[tuple[int, float, float]]], lag: int) -> float:
    early = [dyad[: len(dyad) // 2] for dyad in dyads]
    late = [dyad[len(dyad) // 2 :] for dyad in dyads]
    whole, first, second = (within_correlation(part, lag) for part in (dyads, early, late))
    return 2 * whole - (first + second) / 2


def sudden(course: Course, points: float, share: float, lower_is_better: bool) -> list[str | None]:
    """The word gain or loss, or none, for the change after each session; None where it cannot be said."""
    t = {2: 4.302652729696142, 3: 3.182446305284263, 4: 2.7764451051977987}  # two-sided 5 %, by freedom
    result: list[str | None] = []
    for k in range(len(course)):
        before = [value for value in course[max(0, k - 2) : k + 1] if value is not None]
        after = [value for value in course[k + 1 : k + 4] if value is not None]
        here, there = course[k], course[k + 1] if k + 1 < len(course) else None
        if here is None or there is None or len(before) < 2 or len(after) < 2:
            result.append(None)
            continue
        free = len(before) + len(after) - 2
        squares = sum((v - statistics.fmean(side)) ** 2 for side in (before, after) for v in side)
        bar = t[free] * math.sqrt(squares / free)
        fall, shift = here - there, statistics.fmean(before) - statistics.fmean(after)
        falls = fall >= points and fall >= share * here and shift > bar
        rises = -fall >= points and -fall >= share * here and -shift > bar
        better, worse = (falls, rises) if lower_is_better else (rises, falls)
        result.append("gain" if better else "loss" if worse else "")
    return result


def channel_sum(
    channels: Sequence[Course], pools: Sequence[tuple[float, float]], worse: Sequence[int], weight: float
) -> list[float | None]:
    """Sum of deviations towards worse (`worse` +1 or -1) from own means; `pools` are means and SDs."""
    result: list[float | None] = []
    for k in range(len(channels[0])):
        terms = []
        for course, (mean, sd), sign in zip(channels, pools, worse, strict=True):
            _, past = earlier(course, k)
            now = course[k]
            if now is not None and len(past) + weight > 0:
                own = (sum(past) + weight * mean) / (len(past) + weight)
                terms.append(sign * (now - own) / sd)
        result.append(sum(terms) if terms else None)
    return result
