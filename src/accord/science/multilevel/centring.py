"""Splits of a predictor into a part between people and a part within them.

Which one to take:

person_mean   the usual split, where people have many sessions and no common trend
detrended     where everybody's alliance grows: else "more than usual" mostly means "later" (Curran and Bauer,
              2011)
latent_mean   where people have few sessions: their observed mean is then mostly noise, and the between effect
              comes out too small (Luedtke et al., 2008)
so_far        where the outcome ends a person's record (leaving): a mean over the whole record would know
              how long it became, and an alliance that grows would then seem to keep people
lagged        wherever the outcome could move the alliance: the predictor of the session before, beside the
              outcome of the session before

Arrays are (rows,); NaN where nothing is known.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from accord.arrays import Floats, Ints


class Split(NamedTuple):
    """A predictor in two parts, (rows,) each; their sum is the predictor, about its mean over people."""

    between: Floats
    within: Floats


def person_mean(value: Floats, person: Ints) -> Split:
    """The person's mean, less the mean over people, and deviations from it (Raudenbush and Bryk, 2002)."""
    mean = _means(value, person)
    known = mean[~np.isnan(mean)]
    overall = float(known.mean()) if len(known) else np.nan
    return Split(mean[person] - overall, value - mean[person])


def detrended(value: Floats, person: Ints, time: Floats) -> Split:
    """The person's mean, and deviations from the person's straight line over time.

    A person with fewer than three values has no line of their own; deviations are then from the mean.
    """
    split = person_mean(value, person)
    known = ~np.isnan(value)
    about = np.where(known, time, np.nan)
    about = about - _means(about, person)[person]
    squares = _sums(np.where(known, about**2, 0.0), person)
    products = _sums(np.where(known, about * split.within, 0.0), person)
    enough = (_sums(known.astype(np.float64), person) >= 3) & (squares > 0)
    slope = np.where(enough, products / np.where(enough, squares, 1.0), 0.0)
    return Split(split.between, split.within - slope[person] * about)


def latent_mean(value: Floats, person: Ints) -> Split:
    """The person's mean, shrunk towards the mean over people by its reliability.

    Reliability is the variance between people over itself plus the variance within over the own number of
    values, by the analysis of variance (Searle, Casella and McCulloch, 1992, section 3.6). Deviations stay
    those from the observed mean.
    """
    split = person_mean(value, person)
    count = _sums((~np.isnan(value)).astype(np.float64), person)
    between, within = _components(value, person, split.within, count)
    noise = within / np.maximum(count, 1)
    trust = between / (between + noise) if between > 0 else np.zeros(len(count))
    return Split(trust[person] * split.between, split.within)


def _components(value: Floats, person: Ints, deviation: Floats, count: Floats) -> tuple[float, float]:
    """Variances between and within people."""
    people, values = int((count > 0).sum()), float(count.sum())
    if people < 2 or values <= people:
        return 0.0, 0.0
    within = float(np.nansum(deviation**2)) / (values - people)
    mean = np.nan_to_num(_means(value, person))
    spread = float((count * (mean - float(count @ mean) / values) ** 2).sum()) / (people - 1)
    usual = (values - float(count @ count) / values) / (people - 1)
    return max((spread - within) / usual, 0.0), within


def lagged(value: Floats, person: Ints, session: Ints) -> Floats:
    """The value one session earlier; NaN where the session before is not in the data.

    Sessions of a person are distinguished by number: a gap in the numbers is a gap, not the session before.
    """
    if len(value) == 0:
        return value.copy()
    order = np.lexsort((session, person))
    before = np.full(len(value), np.nan)
    earlier, later = order[:-1], order[1:]
    follows = (person[earlier] == person[later]) & (session[later] == session[earlier] + 1)
    before[later[follows]] = value[earlier[follows]]
    return before


def so_far(value: Floats, person: Ints, session: Ints) -> Split:
    """The mean before the last known value and that value's deviation, from earlier sessions of each row.

    With one earlier value that is the level and the deviation is 0; with none both are NaN. The level is
    about the mean of people's first values, which is known when they begin.
    """
    level, step = np.full(len(value), np.nan), np.full(len(value), np.nan)
    order = np.lexsort((session, person))
    firsts: list[float] = []
    before: list[float] = []
    who = -1
    for row in order.tolist():
        if person[row] != who:
            who, before = int(person[row]), []
        if before:
            level[row] = np.mean(before[:-1]) if len(before) > 1 else before[0]
            step[row] = before[-1] - level[row]
        if not np.isnan(value[row]):
            if not before:
                firsts.append(value[row])
            before.append(value[row])
    return Split(level - (float(np.mean(firsts)) if firsts else np.nan), step)


def _sums(value: Floats, person: Ints) -> Floats:
    size = int(person.max(initial=-1)) + 1
    return np.asarray(np.bincount(person, np.nan_to_num(value), size), dtype=np.float64)


def _means(value: Floats, person: Ints) -> Floats:
    """Mean of each person's known values, NaN where there are none."""
    count = _sums((~np.isnan(value)).astype(np.float64), person)
    return np.where(count > 0, _sums(value, person) / np.maximum(count, 1), np.nan)
