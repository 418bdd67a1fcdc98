"""Small study frames with a known truth: one row for each client and period of 28 days."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

PERIOD = 28


@dataclass(frozen=True)
class MadePlan:
    """What the analyses read of a plan."""

    outcomes: tuple[str, ...] = ("attempt", "self-injury", "outcome", "left")
    lag: int = 1
    minimum_cell: int = 10
    period_days: int = PERIOD
    seed: int = 2015


@dataclass(frozen=True)
class MadeFrame:
    """What the analyses read of a frame."""

    columns: Mapping[str, np.ndarray]
    facets: tuple[str, ...] = ("alliance",)
    raters: tuple[str, ...] = ("client", "clinician")
    kinds: tuple[str, ...] = ("self_injury", "attempt", "skill", "contact_missed")
    outcome: str | None = "BSL-23"
    plan: MadePlan = MadePlan()


@dataclass(frozen=True)
class Truth:
    """True coefficients for one point of alliance (the client's): within by the period before, between."""

    injury: tuple[float, float] = (0.0, 0.0)
    attempt: tuple[float, float] = (0.0, 0.0)
    score: tuple[float, float] = (0.0, 0.0)
    leaving: tuple[float, float] = (0.0, 0.0)
    skill: float = 0.0  # on the log rate, by the alliance of the period before
    skill_to_score: float = 0.0  # by the log of one more than the skills of the period before
    attempts_a_year: float = 0.4
    arms: tuple[str, ...] = ("DBT",)
    only_in: str = ""  # the one arm in which these hold; all where empty


def made(truth: Truth = Truth(), *, clients: int = 101, periods: int = 13, clinicians: int = 9, seed: int = 1,
         gaps: float = 0.08) -> MadeFrame:  # fmt: skip
    """A programme's year. Alliance has SD 1 between clients and .6 within them, on a scale about 5."""
    rng = np.random.default_rng(seed)
    shape = (clients, periods)
    arm = np.array([truth.arms[k % len(truth.arms)] for k in range(clients)])
    holds = np.ones(clients) if not truth.only_in else (arm == truth.only_in).astype(float)
    clinician = rng.integers(0, clinicians, clients)
    own = rng.normal(0, 1.0, clients)
    felt = rng.normal(0, 0.6, shape)
    alliance = 5 + own[:, None] + felt + 0.03 * np.arange(periods)
    before = np.column_stack([np.zeros(clients), felt[:, :-1]])

    def eta(pair: tuple[float, float]) -> np.ndarray:
        return holds[:, None] * (pair[0] * before + pair[1] * own[:, None])

    level = {
        name: rng.normal(0, sd, clients)[:, None]
        for name, sd in (("injury", 1.0), ("score", 0.4), ("skill", 0.5))
    }
    by_clinician = {name: rng.normal(0, 0.2, clinicians)[clinician][:, None] for name in ("injury", "score")}
    month = np.arange(periods) / 13
    rate = np.exp(0.9 + eta(truth.injury) + level["injury"] + by_clinician["injury"] - 0.8 * month)
    injury = rng.poisson(rate * rng.gamma(0.6, 1 / 0.6, shape)).astype(float)
    hazard = truth.attempts_a_year / 13 * np.exp(eta(truth.attempt))
    attempt = (rng.random(shape) < -np.expm1(-hazard)).astype(float)
    skill = rng.poisson(
        np.exp(2.3 + holds[:, None] * truth.skill * before + level["skill"]) * rng.gamma(4, 1 / 4, shape)
    ).astype(float)
    skill_before = np.column_stack([skill[:, 0], skill[:, :-1]])
    score = 2.4 - 0.6 * month + eta(truth.score) + level["score"] + by_clinician["score"]
    score = score + truth.skill_to_score * np.log1p(skill_before) + rng.normal(0, 0.35, shape)
    leave = rng.random(shape) < -np.expm1(-0.03 * np.exp(eta(truth.leaving)))
    return _framed(rng, arm, clinician, alliance, injury, attempt, skill, score, leave, gaps, clinicians)


def _framed(
    rng, arm, clinician, alliance, injury, attempt, skill, score, leave, gaps, clinicians
) -> MadeFrame:
    periods = alliance.shape[1]
    first = np.where(leave.any(axis=1), leave.argmax(axis=1), periods)
    there = np.arange(periods) <= first[:, None]
    row, period = np.nonzero(there)
    last = np.r_[np.diff(row) != 0, True]
    left = leave[row, period].astype(float)
    columns: dict[str, np.ndarray] = {
        "client": np.array([f"C{k:03d}" for k in row], dtype=object),
        "arm": arm[row].astype(object),
        "clinician": np.array([f"T{k:02d}" for k in clinician[row]], dtype=object),
        "clinician_2": np.full(len(row), None, dtype=object),
        "clinician_3": np.full(len(row), None, dtype=object),
        "weight_1": np.ones(len(row)), "weight_2": np.zeros(len(row)), "weight_3": np.zeros(len(row)),
        "period": period.astype(float), "start_day": period * float(PERIOD),
        "days": np.where(left == 1, rng.integers(7, PERIOD, len(row)), PERIOD).astype(float),
        "left": left,
        "end_reason": np.where(last, np.where(left == 1, "left", "ongoing"), "").astype(object),
        "sessions": np.full(len(row), 4.0),
    }  # fmt: skip
    other = alliance - 0.5 + rng.normal(0, 0.6, alliance.shape)
    for rater, values in (("client", alliance), ("clinician", other)):
        told = values[row, period] + rng.normal(0, 0.1, len(row))
        told[rng.random(len(row)) < gaps] = np.nan
        columns |= split(f"alliance_{rater}", told, row, period)
    score = score[row, period]
    score[rng.random(len(row)) < gaps] = np.nan
    columns |= {"outcome": score, "outcome_lag": lag(score, row)}
    for name, value in (("self_injury", injury), ("attempt", attempt), ("skill", skill)):
        columns |= {name: value[row, period], f"{name}_lag": lag(value[row, period], row)}
    missed = rng.poisson(0.6, len(row)).astype(float)
    rupture = (rng.random(len(row)) < 0.2).astype(float)
    unrepaired = rupture * (rng.random(len(row)) < 0.4)
    for name, value in (("contact_missed", missed), ("rupture", rupture), ("unrepaired", unrepaired)):
        columns |= {name: value, f"{name}_lag": lag(value, row)}
    columns["missing_forms"] = rng.poisson(0.3, len(row)).astype(float)
    return MadeFrame(columns)


def split(name: str, value: np.ndarray, client: np.ndarray, period: np.ndarray) -> dict[str, np.ndarray]:
    """A rating with its person-mean split, in the plainest way."""
    mean = np.array([np.nanmean(value[client == one]) if np.isfinite(value[client == one]).any() else np.nan
                     for one in client])  # fmt: skip
    return {
        name: value, f"{name}_between": mean - np.nanmean(mean), f"{name}_within": value - mean,
        f"{name}_within_lag": lag(value - mean, client),
    }  # fmt: skip


def lag(value: np.ndarray, client: np.ndarray) -> np.ndarray:
    return np.array([value[k - 1] if k and client[k] == client[k - 1] else np.nan for k in range(len(value))])
