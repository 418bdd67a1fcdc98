"""What a programme's relationships have in common: the values each own course is shrunk towards.

All on the unit scale (0 worst, 1 best end of the instrument). Stated priors stand in where a programme has
few relationships; they are design values for an outpatient programme, written as shares of the scale.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from accord.records import Construct, InputError, Instrument

FORMAT = "accord-population/1"

# Shares of calm sessions for which the surprise they exceed is kept.
CALM_SHARES = (
    0.5, 0.4, 0.3, 0.25, 0.2, 0.15, 0.1, 0.075, 0.05, 0.04, 0.03, 0.025, 0.02, 0.015, 0.01, 0.0075, 0.005,
    0.0025, 0.001,
)  # fmt: skip

# Priors: a client's alliance of 3.7 (SD .6) on a 1-5 mean; within-person variance about half of between.
PRIOR_LEVEL = {Construct.ALLIANCE: 0.675, Construct.OUTCOME: 0.5, Construct.OTHER: 0.5}
PRIOR_SLOPE = 0.018  # per log week
PRIOR_SD_LEVEL = 0.15
PRIOR_SD_SLOPE = 0.02
PRIOR_SD_DRIFT = 0.01  # per square root of a week
PRIOR_SD_WITHIN = 0.11
STATE_SHARE = 0.25  # variance of true session-to-session change, as a share of the variance between clients


@dataclass(frozen=True, slots=True)
class Population:
    """Values of one programme for one instrument."""

    instrument: str
    low: float
    high: float
    lower_is_better: bool
    mean_level: float
    mean_slope: float
    sd_level: float
    sd_slope: float
    sd_drift: float
    sd_within: float
    calm_surprise: tuple[float, ...] = ()  # exceeded by the CALM_SHARES of calm sessions
    relationships: int = 0  # learned from
    ratings: int = 0
    assumed: bool = False  # the instrument's reliability is a prior that nobody has checked

    @classmethod
    def prior(cls, instrument: Instrument, noise_sd: float | None = None, assumed: bool = False) -> Self:
        """The stated priors; `noise_sd` is the instrument's standard error in its own units, where known."""
        width = instrument.high - instrument.low
        within = PRIOR_SD_WITHIN
        if noise_sd is not None:
            within = math.hypot(noise_sd / width, PRIOR_SD_LEVEL * math.sqrt(STATE_SHARE))
        return cls(
            instrument.id, instrument.low, instrument.high, instrument.lower_is_better,
            PRIOR_LEVEL[instrument.construct], PRIOR_SLOPE, PRIOR_SD_LEVEL, PRIOR_SD_SLOPE, PRIOR_SD_DRIFT,
            within, assumed=assumed,
        )  # fmt: skip

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

    def one_in(self, surprise: NDArray[np.float64]) -> NDArray[np.float64]:
        """About one calm session in so many is at least this surprising; beyond the table, its last value."""
        shares = np.interp(surprise, self.calm_surprise, np.log(CALM_SHARES))
        return np.where(np.isnan(surprise), np.nan, np.exp(-shares))

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
        """Read what `to_json` wrote; InputError names what is missing or no number."""
        if values.get("format") != FORMAT:
            raise InputError(
                f"a population file of format {FORMAT}", file=file, found=str(values.get("format"))
            )
        names = cls.__dataclass_fields__
        _check_names(set(values) - {"format"}, set(names), file)
        fields = {name: _checked(name, values[name], file) for name in names}
        if not fields["low"] < fields["high"]:
            raise InputError("low below high", file=file, column="low", found=str(fields["low"]))
        return cls(**fields)


def _check_names(found: set[str], expected: set[str], file: str) -> None:
    for name in sorted(expected - found):
        raise InputError("this value", file=file, column=name, found="nothing")
    for name in sorted(found - expected):
        raise InputError("no such value", file=file, column=name, found=name)


def _checked(name: str, value: Any, file: str) -> Any:
    kinds: dict[str, type] = {"instrument": str, "lower_is_better": bool, "assumed": bool}
    if name in kinds:
        good = isinstance(value, kinds[name])
    elif name == "calm_surprise":
        good = _is_line(value)
        value = tuple(value) if good else value
    else:
        good = _is_number(value) and (value > 0 or not name.startswith("sd_"))
    if not good:
        raise InputError(
            "a value as `--save-population` writes it", file=file, column=name, found=repr(value)
        )
    return value


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _is_line(value: Any) -> bool:
    numbers = isinstance(value, list | tuple) and all(map(_is_number, value))
    return numbers and len(value) == len(CALM_SHARES) and list(value) == sorted(value)
