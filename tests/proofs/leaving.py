"""Whether a forecast of leaving is as good as knowing the truth: simulated programmes, held out.

    python -m tests.proofs.leaving --n 2000

A forecast is learned from one simulated programme and judged on others of n clients. It is held against two
who know more than anybody can: one who knows each client's true hazard as it is that day, and one who knows
the alliance that is still to come as well, whom nobody can beat who does not know who leaves. This asks for
programmes in which nothing but the hazard tells who leaves; where contacts and forms are missed before
leaving, as in the plain scenario, those signs may tell more than the hazard.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from accord.science.dropout import scoring
from accord.science.dropout.calibration import calibrate
from accord.science.dropout.definition import Definition
from accord.science.dropout.model import Model, learn, prepare
from accord.science.dropout.record import OUTPATIENT
from accord.simulator.scenarios import SCENARIOS, Scenario
from tests.support.dropout_records import WITHOUT_SIGNS, programme, record_of

LONG = 5000
HELD_OUT = 4  # programmes of so many clients
BEHIND = 0.03
SLOPE = (0.9, 1.1)
FIRST_SEED = 2


@dataclass(frozen=True)
class Held:
    """One programme held out: AUC of the forecast, of the true hazard that day, and of the true chance."""

    auc: float
    today: float
    ahead: float
    slope: float
    expected: float
    rows: int
    leavers: int


def hold_out(model: Model, clients: int, seed: int, scenario: Scenario) -> Held:
    simulated = programme(clients, seed, scenario)
    of = prepare(record_of(simulated), model.definition, model.setting, model.basis)
    rows, chances = of.rows, simulated.truth.chances
    who = scoring.seen(rows.days, rows.status, model.setting.horizon)
    chance = model.chance(of.x)
    return Held(
        scoring.auc(chance, who),
        scoring.auc(chances.hazard(rows.client, rows.day), who),
        scoring.auc(chances.within(rows.client, rows.day, model.setting.horizon), who),
        calibrate(chance, who, rows.client).slope,
        scoring.expected_over_observed(chance, who),
        len(rows),
        of.base.leavers,
    )


def held_out(clients: int, times: int, scenario: Scenario) -> list[Held]:
    """Learned from as many clients as each programme held out has."""
    model = learn(record_of(programme(clients, 1, scenario)), Definition(), OUTPATIENT).model
    seeds = tqdm(range(FIRST_SEED, FIRST_SEED + times), desc="held out", leave=False)
    return [hold_out(model, clients, seed, scenario) for seed in seeds]


def misses(result: list[Held], *, signs: bool, chance: float = 0.0) -> list[str]:
    """What does not hold on average; `chance` is what small programmes may be off by it."""
    auc, today, ahead, slope = (
        float(np.mean([getattr(model, key) for model in result]))
        for key in ("auc", "today", "ahead", "slope")
    )
    asked = {
        "at most .03 behind the true hazard of the day": auc >= today - BEHIND - chance,
        "at most .03 behind the true chance": auc >= ahead - BEHIND - chance,
        "calibration slope from .9 to 1.1": SLOPE[0] - 10 * chance <= slope <= SLOPE[1] + 10 * chance,
        "no better than the true chance": signs or auc <= ahead + chance,
    }
    return [what for what, holds in asked.items() if not holds]


def report(result: list[Held]) -> Iterator[str]:
    for model in result:
        yield (
            f"  {model.leavers} left, {model.rows} rows: AUC {model.auc:.3f}; knowing the hazard of the day "
            f"{model.today:.3f}, and what is to come {model.ahead:.3f}; slope {model.slope:.2f}; "
            f"expected for each who left {model.expected:.2f}"
        )


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.leaving")
    parser.add_argument("--n", type=int, default=LONG, help="clients of each simulated programme")
    clients = parser.parse_args().n
    chance = 0.0 if clients >= LONG else 1.0 / np.sqrt(clients)
    bad = []
    for name, scenario, signs in (
        ("the hazard alone tells", WITHOUT_SIGNS, False),
        ("signs before leaving", SCENARIOS["programme"], True),
    ):
        result = held_out(clients, HELD_OUT, scenario)
        missed = misses(result, signs=signs, chance=chance)
        print("\n".join([f"{name}:", *report(result)]))
        print(f"  does not hold: {'; '.join(missed)}" if missed else "  all that is asked holds", flush=True)
        bad += missed
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
