"""Forecasts of leaving on people they were not learned from: simulated ones, and real log-ins."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from accord.science.dropout import scoring
from accord.science.dropout.covariates import NAMES
from accord.science.dropout.definition import Definition
from accord.science.dropout.model import prepare
from accord.science.dropout.record import CAME, OUTPATIENT, End, Record
from accord.science.dropout.report import BEFORE, split_by_time
from tests.proofs.leaving import held_out, misses
from tests.support.dropout_records import WITHOUT_SIGNS
from tests.support.shared_data import folder_or_skip

FEW = 1200
CHANCE = 1 / np.sqrt(FEW)  # what a programme of so few may be off; `make prove` looks at many more


@pytest.fixture(scope="module")
def held_out_figures():
    return held_out(FEW, 2, WITHOUT_SIGNS)


def test_a_forecast_is_hardly_behind_one_who_knows_the_true_hazard_and_is_calibrated(held_out_figures):
    assert misses(held_out_figures, signs=False, chance=CHANCE) == []


@pytest.mark.parametrize(
    "fault",
    [
        {"auc": 0.55},  # hardly tells anybody apart
        {"slope": 0.5},  # chances twice too far apart
        {"auc": 0.80},  # knows who will leave
    ],
)
def test_a_forecast_that_is_worse_or_knows_too_much_would_be_noticed(held_out_figures, fault):
    assert misses([replace(figure, **fault) for figure in held_out_figures], signs=False, chance=CHANCE)


def log_ins() -> Record:
    """342 people in guided internet treatment: a contact for each day with a log-in, and who stayed."""
    path = folder_or_skip() / "real" / "gicbt_adherence.csv"
    people: dict[str, tuple[int, set[int]]] = {}
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            day = (date.fromisoformat(row["sessionlogtimestampstart"][:10]) - date(1970, 1, 1)).days
            people.setdefault(row["Anonymized ID"], (int(row["Label"]), set()))[1].add(day)
    result = [(client, day) for client, (_, days) in enumerate(people.values()) for day in sorted(days)]
    client, days_on = (np.array(column, dtype=np.int64) for column in zip(*result, strict=True))
    end = np.array([End.COMPLETED if stayed else End.LEFT for stayed, _ in people.values()])
    end_day = np.array([max(days) for _, days in people.values()])
    rows = len(days_on)
    nothing, yes, no = np.full(rows, np.nan), np.ones(rows, dtype=bool), np.zeros(rows, dtype=bool)
    return Record(
        int(days_on.max()), client, np.zeros(rows, dtype=np.int64), days_on, np.full(rows, CAME), yes, no,
        nothing, nothing, days_on, end, end_day,
    )  # fmt: skip


def test_on_real_log_ins_it_beats_the_rule_of_the_last_gap_in_times_it_was_not_learned_from():
    record = log_ins()
    day = int(np.quantile(prepare(record, Definition(), OUTPATIENT).rows.day, BEFORE))
    model, later = split_by_time(record, Definition(), OUTPATIENT, day)
    who = scoring.seen(later.rows.days, later.rows.status, OUTPATIENT.horizon)
    chance, gap = model.chance(later.x), later.x[:, NAMES.index("gap")]
    drawn = scoring.resampled(later.rows.client, 500, np.random.default_rng(1))
    better = [scoring.auc(chance[at], who.chosen(at)) - scoring.auc(gap[at], who.chosen(at)) for at in drawn]
    low, high = np.quantile(better, (0.025, 0.975))
    print(f"AUC {scoring.auc(chance, who):.3f}, of the last gap {scoring.auc(gap, who):.3f}")
    print(f"better by {low:.3f} to {high:.3f}")
    assert low > 0
