"""Frames of any size for the tests of what may be shown: columns drawn from a seed."""

from __future__ import annotations

from datetime import date

import numpy as np

from accord.records.care import END_REASONS
from accord.study.frame.study_frame import CLINICIANS, WEIGHTS, Frame
from accord.study.plan.study_plan import Plan

ENDS = [str(end) for end in END_REASONS]


def drawn(seed, sizes, *, periods=8, clinicians=9, k=10, lengths=None):
    """A frame with so many people in each arm; `sizes`: by arm."""
    rng = np.random.default_rng(seed)
    arm = np.repeat(np.array(list(sizes), dtype=object), list(sizes.values()))
    people = len(arm)
    length = rng.integers(1, periods + 1, people) if lengths is None else np.array(lengths)
    person = np.repeat(np.arange(people), length)
    period = np.arange(len(person)) - np.repeat(np.cumsum(length) - length, length)
    last = period == length[person] - 1
    reason = np.array([ENDS[code] for code in rng.integers(0, len(ENDS), people)], dtype=object)
    columns = {
        "client": np.array([f"client-{who:04d}" for who in person], dtype=object),
        "arm": arm[person],
        "period": period.astype(float),
        "start_day": 28.0 * period,
        "days": np.where(last, rng.integers(1, 29, len(person)), 28).astype(float),
        "end_reason": np.where(last, reason[person], "").astype(object),
        "sessions": rng.integers(0, 5, len(person)).astype(float),
        "forms": rng.integers(3, 9, len(person)).astype(float),
        "missing_forms": rng.integers(0, 3, len(person)).astype(float),
    }
    columns["left"] = (columns["end_reason"] == "left").astype(float)
    for place, name in enumerate(CLINICIANS):
        named = [f"clinician-{code}" for code in rng.integers(0, clinicians, len(person))]
        columns[name] = np.array(named, dtype=object)
        columns[WEIGHTS[place]] = np.full(len(person), 1 / 3)
    columns |= _measured(rng, person)
    plan = Plan(
        {"client": "SRS"}, ("alliance",), "BSL-23", ("attempt", "left"), ("attempt", "self-injury"),
        tuple(sizes), date(2025, 12, 31), minimum_cell=k,
    )  # fmt: skip
    return Frame(columns, ("alliance",), ("client",), ("attempt", "self_injury"), "BSL-23", plan)


def _measured(rng, person):
    rows = len(person)
    rated = rng.normal(30, 4, rows)
    rated[(rng.random(rows) < 0.1) | np.isin(person, np.flatnonzero(rng.random(person.max() + 1) < 0.1))] = (
        np.nan
    )
    names = [
        "alliance_client",
        "alliance_client_between",
        "alliance_client_within",
        "alliance_client_within_lag",
    ]
    result = {name: rated.copy() for name in names}
    for name in ("outcome", "rupture", "unrepaired"):
        result[name] = np.where(rng.random(rows) < 0.2, np.nan, rng.integers(0, 2, rows).astype(float))
    result["attempt"] = (rng.random(rows) < 0.02).astype(float)
    result["self_injury"] = rng.poisson(2.0 * (person % 3 == 0)).astype(float)
    for name in ("outcome", "rupture", "unrepaired", "attempt", "self_injury"):
        result[f"{name}_lag"] = result[name]
    return result
