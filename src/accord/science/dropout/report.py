"""Quality of a programme's forecast on people and times that it was not fitted to.

Two splits: by time, with everything learned from before a day and judged after it; and by clinician, with
each person's chance from a model of other clinicians' clients. Intervals resample clients.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from accord.arrays import Floats, Ints
from accord.science.dropout import scoring
from accord.science.dropout.calibration import calibrate
from accord.science.dropout.covariates import NAMES
from accord.science.dropout.definition import Definition, run_outcomes
from accord.science.dropout.model import Learned, Model, Prepared, learn, prepare
from accord.science.dropout.record import Record, Setting
from accord.science.dropout.risk_set import Rows
from accord.science.dropout.sample_size import TooLittle
from accord.science.dropout.scoring import Seen, Tenth

DRAWS = 200
SUSPICIOUS = 0.85  # an AUC above it is more likely a leak than a discovery
BEFORE = 0.5  # share of the rows before the day of the time split
FALSE_ALARMS = 0.05
THRESHOLDS = (0.02, 0.05, 0.1, 0.15, 0.2, 0.25)

Interval = tuple[float, float, float]  # value, low, high


@dataclass(frozen=True, slots=True)
class Benefit:
    """Net benefit of reaching out to all with a chance of `threshold` or more, and to everybody."""

    threshold: float
    chosen: float
    everybody: float


@dataclass(frozen=True, slots=True)
class ForecastQuality:
    """Quality on one split. Intervals are (value, low, high); AUC also by days ahead and treatment time."""

    rows: int
    people: int
    leavers: int
    base: float  # share who leave within the horizon
    auc: Interval
    auc_by_days: tuple[tuple[int, float], ...]
    auc_early: float
    auc_later: float
    brier: Interval
    brier_same: float  # of giving everybody the base rate
    slope: Interval
    intercept: float
    expected: Interval  # leavers expected for each one who left
    tenths: tuple[Tenth, ...]
    benefit: tuple[Benefit, ...]
    line: float  # the chance that FALSE_ALARMS of those who do not leave lie above
    sensitivity: float  # share of those who leave above it
    predictive_value: float

    @property
    def suspicious(self) -> bool:
        return self.auc[0] > SUSPICIOUS


@dataclass(frozen=True, slots=True)
class Report:
    """`by_time` is None where too few left before the split's day to learn from."""

    by_clinician: ForecastQuality
    by_time: ForecastQuality | None
    split_day: int
    runs: tuple[tuple[int, int, int, int], ...]  # missed in a row, reached, came back, left

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def suspicion(self) -> str:
        """Why these figures are too good to be believed; empty if they are not."""
        if any(quality is not None and quality.suspicious for quality in (self.by_clinician, self.by_time)):
            return f"AUC above {SUSPICIOUS}: suspect that something knows the future before anybody uses this"
        return ""


def report(record: Record, learned: Learned, *, seed: int = 0) -> Report:
    """Judge a programme's forecast; the time split learns a model of its own."""
    model, whole = learned.model, learned.whole
    rng = np.random.default_rng(seed)
    put_right = model.calibration.put_right(learned.held_out_chances)
    day = int(np.quantile(whole.rows.day, BEFORE))
    runs = run_outcomes(record, whole.followed, model.definition.missed)
    return Report(
        judge(whole, put_right, model.setting, rng),
        _by_time(record, model.definition, model.setting, day, rng),
        day,
        tuple((run.missed, run.reached, run.came_back, run.left) for run in runs),
    )


def _by_time(
    record: Record, definition: Definition, setting: Setting, day: int, rng: np.random.Generator
) -> ForecastQuality | None:
    try:
        model, later = split_by_time(record, definition, setting, day)
        return judge(later, model.chance(later.x), setting, rng)
    except (TooLittle, ArithmeticError):
        return None


def split_by_time(
    record: Record, definition: Definition, setting: Setting, day: int
) -> tuple[Model, Prepared]:
    """Learn a model from what was known on a day; return it with the rows from then on to judge it by."""
    model = learn(record.as_known(day), definition, setting, strict=False).model
    return model, prepare(record, definition, setting, model.basis).since(day)


def judge(of: Prepared, chance: Floats, setting: Setting, rng: np.random.Generator) -> ForecastQuality:
    """Judge chances (rows,) by what happened. ArithmeticError where nobody left."""
    rows, x = of.rows, of.x
    who = scoring.seen(rows.days, rows.status, setting.horizon)
    fitted = calibrate(chance, who, rows.client)
    base = scoring.share(who)
    drawn = scoring.resampled(rows.client, DRAWS, rng)
    early = x[:, NAMES.index("early")] == 1
    line = scoring.line_at(chance, who, FALSE_ALARMS)
    sensitivity = scoring.sensitivity(chance, who, line)
    return ForecastQuality(
        len(rows),
        of.base.people,
        of.base.leavers,
        base,
        _interval(scoring.auc, chance, who, drawn),
        _by_days(rows, chance, setting),
        scoring.auc(chance[early], who.chosen(early)),
        scoring.auc(chance[~early], who.chosen(~early)),
        _interval(scoring.brier, chance, who, drawn),
        scoring.brier(np.full(len(chance), base), who),
        (fitted.slope, *fitted.slope_interval),
        fitted.intercept,
        _interval(scoring.expected_over_observed, chance, who, drawn),
        scoring.tenths(chance, who),
        tuple(_benefit(chance, who, threshold) for threshold in THRESHOLDS),
        line,
        sensitivity,
        scoring.predictive_value(sensitivity, FALSE_ALARMS, base),
    )


def _by_days(rows: Rows, chance: Floats, setting: Setting) -> tuple[tuple[int, float], ...]:
    """AUC over time: of leaving within a quarter, half, three quarters and all of the horizon."""
    ahead = sorted({max(1, setting.horizon * k // 4) for k in (1, 2, 3, 4)})
    return tuple((days, scoring.auc(chance, scoring.seen(rows.days, rows.status, days))) for days in ahead)


def _benefit(chance: Floats, who: Seen, threshold: float) -> Benefit:
    everybody = np.ones(len(chance))
    return Benefit(
        threshold,
        scoring.net_benefit(chance, who, threshold),
        scoring.net_benefit(everybody, who, threshold),
    )


def _interval(
    of: Callable[[Floats, Seen], float], chance: Floats, who: Seen, drawn: Sequence[Ints]
) -> Interval:
    values = [of(chance[at], who.chosen(at)) for at in drawn]
    low, high = np.nanquantile(values, (0.025, 0.975))
    return of(chance, who), float(low), float(high)
