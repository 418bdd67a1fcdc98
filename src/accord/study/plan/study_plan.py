"""The plan of a study: questions to the data, fixed before any result is seen.

A plan is a small TOML file. Keys that it leaves out get defaults from the data, and the plan as used is
written beside the results, so that it can be read, argued with and used again.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from accord.errors import InputError
from accord.exchange.block_reader import open_file
from accord.exchange.csv_cells import BadCellError, event_kind
from accord.instruments.keys import Keys
from accord.records.care import EndReason
from accord.records.ratings import Rater

FEWEST_PEOPLE = 10  # in any cell that is shown; a plan may ask for more, never for less
PERIOD_DAYS, SEED, LEAVING = 28, 2015, (EndReason.LEFT.value,)
LONGEST_PERIOD, LONGEST_LAG = 366, 12
LARGEST_PLAN = 100_000  # bytes
SCORE, LEFT, NONE = "outcome", "left", "none"  # words of a plan beside the kinds of events
_EXPECTED = "a plan in TOML, such as the plan.toml that a study writes"


class Centring(StrEnum):
    """How a rating is split into between and within; see `science.multilevel.centring`."""

    PERSON_MEAN = "person-mean"
    DETRENDED = "detrended"
    LATENT_MEAN = "latent-mean"


class Rates(StrEnum):
    """Who may rate an alliance."""

    CLIENT = Rater.CLIENT.value
    CLINICIAN = Rater.CLINICIAN.value
    OBSERVER = Rater.OBSERVER.value


class Leaves(StrEnum):
    """Ends that a plan may count as leaving."""

    LEFT = EndReason.LEFT.value
    AGREED = EndReason.AGREED.value
    TRANSFER = EndReason.TRANSFER.value
    HOSPITAL = EndReason.HOSPITAL.value
    DISCHARGED = EndReason.DISCHARGED.value


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole plan.

    `alliance`: the instrument of each rater; `outcome`: id of the outcome instrument; `outcomes`: those
    related to the alliance, kinds of events and the words `outcome` and `left`; `lag` in periods.
    """

    alliance: Mapping[str, str]
    facets: tuple[str, ...]
    outcome: str | None
    outcomes: tuple[str, ...]
    events: tuple[str, ...]
    arms: tuple[str, ...]
    record_ends: date
    period_days: int = PERIOD_DAYS
    lag: int = 1
    centring: Centring = Centring.PERSON_MEAN
    minimum_cell: int = FEWEST_PEOPLE
    leaving: tuple[str, ...] = LEAVING
    seed: int = SEED

    @property
    def raters(self) -> tuple[str, ...]:
        return tuple(self.alliance)


@dataclass(frozen=True, slots=True)
class PlanRequest:
    """A plan file as read, each value of its kind; None for keys that are left out."""

    file: str = ""
    alliance: Mapping[str, str] | None = None
    facets: tuple[str, ...] | None = None
    outcome: str | None = None
    outcomes: tuple[str, ...] | None = None
    events: tuple[str, ...] | None = None
    arms: tuple[str, ...] | None = None
    record_ends: date | None = None
    period_days: int | None = None
    lag: int | None = None
    centring: Centring | None = None
    minimum_cell: int | None = None
    leaving: tuple[str, ...] | None = None
    seed: int | None = None

    def refusal(self, key: str, expected: str, found: str) -> InputError:
        return InputError(expected, file=f"{self.file or 'plan'}, key {key}", found=found)


def read_plan(path: str | Path) -> PlanRequest:
    """Read a plan. InputError names the key, what was found and what was expected."""
    values, file = _toml(Path(path)), str(path)
    keys = Keys(values, file)
    asked = PlanRequest(
        file=file,
        alliance=_alliance(keys),
        facets=_words(keys, "facets"),
        outcome=keys.text("outcome") if "outcome" in keys else None,
        outcomes=_words(keys, "outcomes"),
        events=_kinds(keys),
        arms=_words(keys, "arms"),
        record_ends=keys.date_or_none("record_ends"),
        period_days=_whole(keys, "period_days", 1, LONGEST_PERIOD),
        lag=_whole(keys, "lag", 1, LONGEST_LAG),
        centring=keys.choice("centring", Centring) if "centring" in keys else None,
        minimum_cell=_whole(keys, "minimum_cell", FEWEST_PEOPLE, 1_000_000),
        leaving=keys.choices("leaving", Leaves) if "leaving" in keys else None,
        seed=_whole(keys, "seed", 0, 2**31 - 1),
    )
    keys.finish()
    return asked


def _toml(path: Path) -> dict[str, Any]:
    with open_file(path) as handle:
        content = handle.read(LARGEST_PLAN + 1)
    if len(content) > LARGEST_PLAN:
        raise InputError(_EXPECTED, file=str(path), found="a much larger file")
    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(_EXPECTED, file=str(path), found=f"“{error}”") from None


def _alliance(keys: Keys) -> dict[str, str] | None:
    table = keys.table("alliance")
    if table is None:
        return None
    by_rater = {str(rater): table.text(rater) for rater in Rates if rater in table}
    table.finish()
    if not by_rater:
        raise keys.refusal("alliance", 'an instrument for a rater, such as client = "SRS"', "an empty table")
    return by_rater


def _words(keys: Keys, key: str) -> tuple[str, ...] | None:
    if key not in keys:
        return None
    words = keys.texts(key)
    if not words or len(set(words)) != len(words):
        raise keys.refusal(key, "a list of words, at least one and each once", list(words))
    return words


def _kinds(keys: Keys) -> tuple[str, ...] | None:
    if "events" not in keys:
        return None
    words = keys.texts("events")
    try:
        kinds = tuple(map(event_kind, words))
    except BadCellError as error:
        raise keys.refusal("events", f"a list of kinds: {error}", list(words)) from None
    if len(set(kinds)) != len(kinds):
        raise keys.refusal("events", "each kind once", list(words))
    return kinds


def _whole(keys: Keys, key: str, low: int, high: int) -> int | None:
    if key not in keys:
        return None
    value = keys.value(key)
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        expected = f"a whole number from {low}" + (f" to {high}" if high < 1_000_000 else " on")
        raise keys.refusal(key, expected, value)
    return value
