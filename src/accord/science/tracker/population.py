"""Values that a programme's relationships have in common, towards which each course is shrunk.

All are on unit scales (0 worst, 1 best end of the followed instrument; a channel's own 0..1). Stated priors
stand in where a programme has few relationships; they are design values for an outpatient programme.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from accord.errors import InputError
from accord.records.ratings import Construct, Instrument

FORMAT = "accord-population/2"

# Shares of calm sessions for which the surprise they exceed is kept.
CALM_SHARES = (
    0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1, 0.075, 0.05, 0.04, 0.03, 0.025, 0.02, 0.015, 0.01, 0.0075, 0.005,
    0.0025, 0.001,
)  # fmt: skip

# A client's alliance of 3.7 (SD .6) on a 1-5 mean; within-person variance about half of that between persons.
PRIOR_LEVEL = {Construct.ALLIANCE: 0.675, Construct.OUTCOME: 0.5, Construct.OTHER: 0.5}
PRIOR_SD_LEVEL = 0.15
PRIOR_SD_WITHIN = 0.11
PRIOR_STATE_SHARE = 0.45


@dataclass(frozen=True, slots=True)
class Chance:
    """A channel that says yes or no: its chance of yes in calm and in a rupture."""

    calm: float
    rupture: float


@dataclass(frozen=True, slots=True)
class Reading:
    """A channel with a level of its own in each relationship, on its own 0..1 scale."""

    mean: float
    sd_level: float
    sd_noise: float
    shift: float  # in a rupture of the programme's mean depth; downwards is negative
    grain: float = 0.0


# Design values, as in the simulator: a "yes" to the probe, coming, a form left empty.
PRIOR_CHANCES = {
    "probe": Chance(0.03, 0.25),
    "attendance": Chance(0.85, 0.72),
    "form": Chance(0.15, 0.24),
}
PRIOR_READINGS = {
    "urge": Reading(0.08, 0.14, 0.16, 0.25, 0.2),
    "clinician": Reading(0.6, 0.15, 0.11, -0.08),
}


@dataclass(frozen=True, slots=True)
class Population:
    """Values of one programme for one instrument."""

    instrument: str
    low: float
    high: float
    lower_is_better: bool
    mean_level: float
    mean_slope: float = 0.018  # per log week
    sd_level: float = PRIOR_SD_LEVEL
    sd_slope: float = 0.02
    sd_drift: float = 0.01  # per square root of a week
    sd_within: float = PRIOR_SD_WITHIN  # of ratings about the own level in calm
    state_share: float = PRIOR_STATE_SHARE  # of that variance: true change, which lasts; the rest is noise
    ar: float = 0.3  # what is left of such a change a week later
    outliers: float = 0.01  # share of ratings whose noise is OUTLIER times as wide
    onset: float = 0.05  # chance per session that a rupture begins
    exit: float = 0.4  # chance per session that it ends: it lasts 2.5 sessions on average
    depth: float = 1.5  # mean depth of a rupture in within-SD
    grain: float = 0.0  # step of the scale, where all ratings are whole numbers
    chances: Mapping[str, Chance] = field(default_factory=lambda: dict(PRIOR_CHANCES))
    readings: Mapping[str, Reading] = field(default_factory=lambda: dict(PRIOR_READINGS))
    calm_surprise: tuple[float, ...] = ()  # exceeded by the CALM_SHARES of calm sessions
    relationships: int = 0  # learned from
    ratings: int = 0
    assumed: bool = False  # the instrument's reliability is a prior that nobody has checked

    @classmethod
    def prior(cls, instrument: Instrument, noise_sd: float | None = None, assumed: bool = False) -> Self:
        """The stated priors; `noise_sd` is the instrument's standard error in its own units, where known."""
        scale = (instrument.id, instrument.low, instrument.high, instrument.lower_is_better)
        stated = cls(*scale, PRIOR_LEVEL[instrument.construct], assumed=assumed)
        if noise_sd is None:
            return stated
        noise = noise_sd / (instrument.high - instrument.low)
        within = math.hypot(noise, PRIOR_SD_WITHIN * math.sqrt(PRIOR_STATE_SHARE))
        return replace(stated, sd_within=within, state_share=1 - (noise / within) ** 2)

    def fits(self, instrument: Instrument) -> bool:
        return (self.instrument.casefold(), self.low, self.high, self.lower_is_better) == (
            instrument.id.casefold(), instrument.low, instrument.high, instrument.lower_is_better,
        )  # fmt: skip

    def to_unit(self, score: NDArray[np.float64]) -> NDArray[np.float64]:
        share = (score - self.low) / (self.high - self.low)
        return 1 - share if self.lower_is_better else share

    def from_unit(self, value: NDArray[np.float64]) -> NDArray[np.float64]:
        share = 1 - value if self.lower_is_better else value
        return self.low + share * (self.high - self.low)

    def alarm_line(self, alarm_rate: float) -> float:
        """The surprise that a share `alarm_rate` of calm sessions passes."""
        shares = np.log(CALM_SHARES[::-1])
        return float(np.interp(math.log(alarm_rate), shares, self.calm_surprise[::-1]))

    def with_line(self, calm_surprise: NDArray[np.float64]) -> Population:
        """The same values with the line drawn from the surprises of simulated calm sessions."""
        line = np.quantile(calm_surprise, 1 - np.array(CALM_SHARES))
        return replace(self, calm_surprise=tuple(np.maximum.accumulate(line).tolist()))

    def to_json(self) -> dict[str, Any]:
        return {"format": FORMAT, **asdict(self)}

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(self.to_json(), indent=1) + "\n", encoding="utf-8")

    @classmethod
    def from_json(cls, values: Mapping[str, Any], file: str = "") -> Self:
        """Read the values that `to_json` wrote; InputError names one that is missing or no number."""
        if values.get("format") != FORMAT:
            raise InputError(
                f"a population file of format {FORMAT}", file=file, found=str(values.get("format"))
            )
        names = cls.__dataclass_fields__
        _check_names(set(values) - {"format"}, set(names), file)
        checked = {name: _checked(name, values[name], file) for name in names}
        if not checked["low"] < checked["high"]:
            raise InputError("low below high", file=file, column="low", found=str(checked["low"]))
        return cls(**checked)


def _check_names(names: set[str], expected: set[str], file: str) -> None:
    for name in sorted(expected - names):
        raise InputError("this value", file=file, column=name, found="nothing")
    for name in sorted(names - expected):
        raise InputError("no such value", file=file, column=name, found=name)


AS_WRITTEN = "a value as `--save-population` writes it"
PROBABILITIES = {"state_share", "ar", "outliers", "onset", "exit", "calm", "rupture"}


def _checked(name: str, value: Any, file: str) -> Any:
    kinds: dict[str, type] = {"instrument": str, "lower_is_better": bool, "assumed": bool}
    if name in ("chances", "readings"):
        return _channels(name, value, file)
    good = isinstance(value, kinds[name]) if name in kinds else _is_good_number(name, value)
    if name == "calm_surprise":
        good = _is_line(value)
        value = tuple(value) if good else value
    if not good:
        raise InputError(AS_WRITTEN, file=file, column=name, found=repr(value))
    return value


def _channels(name: str, value: Any, file: str) -> dict[str, Any]:
    kind, stated = (Chance, PRIOR_CHANCES) if name == "chances" else (Reading, PRIOR_READINGS)
    if not isinstance(value, Mapping) or set(value) != set(stated):
        raise InputError(f"values for {', '.join(stated)}", file=file, column=name, found=repr(value))
    wanted = {field.name for field in fields(kind)}
    for channel, numbers in value.items():
        values = numbers if isinstance(numbers, Mapping) else {}
        if set(values) != wanted or not all(_is_good_number(key, values[key]) for key in wanted):
            raise InputError(AS_WRITTEN, file=file, column=f"{name}.{channel}", found=repr(numbers))
    # Channels keep the order of the stated ones, since beliefs about readings are kept by position.
    return {channel: kind(**value[channel]) for channel in stated}


def _is_good_number(name: str, value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return False
    if name in PROBABILITIES:
        return 0 < value < 1
    return value > 0 or not name.startswith(("sd_", "depth"))


def _is_line(value: Any) -> bool:
    numbers = isinstance(value, list | tuple) and all(_is_good_number("", number) for number in value)
    return numbers and len(value) == len(CALM_SHARES) and list(value) == sorted(value)
