"""The forecast for one person: probability, its uncertainty, and the covariates that raise it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from accord.arrays import Floats
from accord.science.dropout.covariates import NAMES
from accord.science.dropout.hazard import chance_within
from accord.science.dropout.model import Model

DRAWS = 400
SEED = 1
LEVEL = (0.025, 0.975)
# The direction in which each covariate can be a reason. A covariate that by chance speaks for leaving in the
# other direction, as happens in a small programme, counts in the chance and is not given as a reason.
LOWER, HIGHER = -1, 1
REASONS = {
    "level": LOWER, "recent": LOWER, "missed": HIGHER, "unfilled": HIGHER, "urge": HIGHER, "gap": HIGHER,
    "met": LOWER,
}  # fmt: skip
TIME = ("early", "weeks")
WORTH_TELLING = math.log(1.2)  # times the hazard of the programme's mean
MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class Forecast:
    """A forecast. `reasons`: names of covariates, those of TIME as "time", the strongest first."""

    chance: float
    low: float
    high: float
    reasons: tuple[str, ...]


def forecast(model: Model, x: Floats) -> list[Forecast]:
    """Forecast each row of covariates (n, NAMES). The 95 % interval comes from draws of the coefficients; the
    same model and row give the same forecast."""
    rng = np.random.default_rng(SEED)
    betas = rng.multivariate_normal(model.leaving.beta, model.leaving.covariance, DRAWS)
    own = model.calibration
    both = rng.multivariate_normal((own.intercept, own.slope), own.covariance, DRAWS)
    drawn = own.put_right(chance_within(model.leaving, model.competing, x, model.setting, betas), both)
    low, high = np.quantile(drawn, LEVEL, axis=0)
    chance = model.chance(x)
    parts = model.leaving.beta[1:] * (x[:, _places(model)] - model.leaving.means) * own.slope
    return [
        Forecast(float(chance[row]), float(low[row]), float(high[row]), _reasons(model, x[row], parts[row]))
        for row in range(len(x))
    ]


def _places(model: Model) -> list[int]:
    return [NAMES.index(name) for name in model.leaving.names]


def _reasons(model: Model, x: Floats, parts: Floats) -> tuple[str, ...]:
    contributions: dict[str, float] = {}
    for name, part, mean in zip(model.leaving.names, parts, model.leaving.means, strict=True):
        if name in TIME:
            contributions["time"] = contributions.get("time", 0.0) + float(part)
        elif (x[NAMES.index(name)] - mean) * REASONS[name] > 0:
            contributions[name] = float(part)
    if not x[NAMES.index("early")]:
        contributions.pop("time", None)  # that it is late in treatment is nothing to act on
    strong = sorted(
        (name for name in contributions if contributions[name] > WORTH_TELLING),
        key=lambda name: -contributions[name],
    )
    return tuple(strong[:MOST_REASONS])
