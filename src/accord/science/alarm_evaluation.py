"""Alarms evaluated against ruptures that people or observers reported, never against the same scores.

The unit is the reported rupture. The tracker is run again without the channel that serves as the label: a
channel never judges itself. An alarm and a report match within `REACH` sessions of one relationship,
whichever came first: people may report after ratings fell, and ratings may fall after people reported.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from accord.arrays import Bools, Floats, Ints
from accord.records.ratings import RATERS, Instrument, Rater, Ratings
from accord.science import measures
from accord.science.drop_channels import drop_channels
from accord.science.tracker import assess
from accord.science.tracker.channels import CLINICIAN, PROBE, URGE, channel_columns, in_sessions
from accord.science.tracker.panel import Panel, lay_out
from accord.science.tracker.population import Population

REACH = 2  # sessions
LOUD_URGE = 4.0  # of 5
A_LOT = 2.0  # of the clinician's own check-in, item 6
CLINICIAN_FORM, TENSION_ITEM, PROBE_FORM = "session-checkin-clinician", 6, "rupture-probe"


class Truth(StrEnum):
    """The source of the labels."""

    PROBE = "probe"  # the client: a lot of tension or hurt between us
    URGE = "urge"  # the client: an urge of 4 or more to stop this treatment
    CLINICIAN = "clinician"  # the clinician: a lot of tension
    OBSERVER = "observer"


# The tracker's channel with the same source; an observer is not one of the channels.
ITS_CHANNEL = {Truth.PROBE: PROBE, Truth.URGE: URGE, Truth.CLINICIAN: CLINICIAN}


@dataclass(frozen=True, eq=False)
class AlarmOutcomes:
    """Sessions in order of relationship and session, shape (sessions,)."""

    client: Ints
    relationship: Ints
    alarm: Bools
    said: Bools
    asked: Bools  # a report on this session exists


class PerClient(NamedTuple):
    """Counts per client, for clients whose denominator is above 0. Arrays of shape (clients,)."""

    client: Ints
    yes: Floats
    of: Floats


def judge(
    ratings: Ratings,
    followed: Instrument,
    population: Population,
    truth: Truth,
    client: Ints,
    line: Floats,
    *,
    rater: Rater = Rater.CLIENT,
) -> AlarmOutcomes:
    """Run the tracker without the channel of `truth` and return its alarms beside that channel's reports.

    `client` holds a number for each of `ratings.clients`, and `line` the alarm threshold of each of them.
    """
    panel = lay_out(ratings, followed, rater)
    left_out = (ITS_CHANNEL[truth],) if truth in ITS_CHANNEL else ()
    alarm = alarms(ratings, panel, followed, population, line, left_out, rater)
    said, asked = labelled_ruptures(ratings, panel, truth)
    return AlarmOutcomes(client[panel.client], panel.relationship, alarm, said, asked)


def alarms(
    ratings: Ratings,
    panel: Panel,
    followed: Instrument,
    population: Population,
    line: Floats,
    left_out: Collection[str],
    rater: Rater = Rater.CLIENT,
) -> Bools:
    """Whether the tracker, run without the channels `left_out`, raises an alarm. Shape (sessions,)."""
    seen = drop_channels(ratings, left_out)
    alarm = np.zeros(len(panel.session), dtype=bool)
    if not len(seen):
        return alarm
    findings = assess.assess_all(seen, followed, population, rater=rater)
    wide = int(panel.session.max(initial=0)) + 1
    pairs = [table.client.astype(np.int64) * max(1, len(ratings.clinicians)) + table.clinician
             for table in (panel, findings)]  # fmt: skip
    place = np.searchsorted(pairs[0] * wide + panel.session, pairs[1] * wide + findings.session)
    alarm[place] = np.nan_to_num(findings.surprise, nan=-np.inf) > line[findings.client]
    return alarm


def labelled_ruptures(ratings: Ratings, panel: Panel, truth: Truth) -> tuple[Bools, Bools]:
    """Whether a rupture was reported, and whether any report exists. Shapes (sessions,), (sessions,)."""
    if truth in (Truth.PROBE, Truth.URGE):
        nothing = np.full(len(panel.session), np.nan)
        column = channel_columns(ratings, panel).get(ITS_CHANNEL[truth], nothing)
    else:
        score = _reported_tension(ratings, Rater(truth.value))
        column = in_sessions(ratings, panel, score, high_is_worse=True)
    asked = ~np.isnan(column)
    return asked & (np.nan_to_num(column) >= (LOUD_URGE if truth is Truth.URGE else 1.0)), asked


def _reported_tension(ratings: Ratings, rater: Rater) -> Floats:
    """Per row: 1 or more if the rater reported strong tension, less if not, NaN if not asked."""
    theirs = ratings.rater == RATERS.index(rater)
    said = np.where(theirs & _is_form(ratings, PROBE_FORM), ratings.score, np.nan)
    if ratings.items is None or ratings.items.shape[1] < TENSION_ITEM:
        return said
    mirrored = ratings.items[:, TENSION_ITEM - 1] / A_LOT
    return np.where(theirs & _is_form(ratings, CLINICIAN_FORM), mirrored, said)


def _is_form(ratings: Ratings, form: str) -> Bools:
    codes = [code for code, instrument in enumerate(ratings.instruments) if instrument.id.casefold() == form]
    return np.isin(ratings.instrument, codes)


def recall(judged: AlarmOutcomes) -> PerClient:
    """Reported ruptures (`of`), and those with an alarm near by (`yes`)."""
    earlier = _near(judged.said, judged.relationship, range(1, REACH + 1))
    begins = judged.said & ~earlier
    alarm = _near(judged.alarm, judged.relationship, range(-REACH, REACH + 1))
    return _per_client(judged.client, begins & alarm, begins)


def precision(judged: AlarmOutcomes) -> PerClient:
    """Flags with any report near by (`of`), and those with a reported rupture near by (`yes`).

    Flags without any report near by are excluded instead of being counted as false.
    """
    flag = measures.flags(judged.alarm, judged.relationship)
    around = range(-REACH, REACH + 1)
    known = flag & _near(judged.asked, judged.relationship, around)
    return _per_client(judged.client, known & _near(judged.said, judged.relationship, around), known)


def chance_level(judged: AlarmOutcomes) -> PerClient:
    """Calm sessions far from any reported rupture (`of`), and those with an alarm near by (`yes`).

    This is the recall of alarms that fall anywhere; read it beside `recall`.
    """
    around = range(-REACH, REACH + 1)
    calm = judged.asked & ~_near(judged.said, judged.relationship, around)
    return _per_client(judged.client, calm & _near(judged.alarm, judged.relationship, around), calm)


def _near(mask: Bools, relationship: Ints, steps: range) -> Bools:
    """Whether a row of `mask` in the same relationship lies any of `steps` before (after, where negative)."""
    near = np.zeros(len(mask), dtype=bool)
    for step in steps:
        if abs(step) >= len(mask) and step:
            continue
        here = slice(max(step, 0), len(mask) + min(step, 0))
        there = slice(max(-step, 0), len(mask) + min(-step, 0))
        near[here] |= mask[there] & (relationship[here] == relationship[there])
    return near


def _per_client(client: Ints, yes: Bools, of: Bools) -> PerClient:
    who, place = np.unique(client[of], return_inverse=True)
    count = np.bincount(place, yes[of], len(who)).astype(np.float64)
    return PerClient(who, count, np.bincount(place, minlength=len(who)).astype(np.float64))
