"""Associations and variance components of a made-up programme against lme4 and glmmTMB (fit_in_r.R)."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from accord.study.models.answers import answers
from accord.study.models.question import Kind, Outcome, asked
from accord.study.models.study_panel import Panel
from accord.study.models.variance import PARTS, shares
from accord.study.models.zeros import CountModel, side_by_side
from tests.support.study_frame import MadeFrame

HERE = Path(__file__).parent
TEXTS = ("client", "arm", "clinician")
SCORE, INJURY = Outcome("outcome", Kind.SCORE), Outcome("self_injury", Kind.COUNT)


@pytest.fixture(scope="module")
def panel():
    with (HERE / "frame.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    columns = {
        name: np.array([row[name] for row in rows], dtype=object) if name in TEXTS
        else np.array([float(row[name]) if row[name] else np.nan for row in rows])
        for name in rows[0]
    }  # fmt: skip
    return Panel(MadeFrame(columns, raters=("client",)))


@pytest.fixture(scope="module")
def told():
    return json.loads((HERE / "fits.json").read_text(encoding="utf-8"))


def fit(told, name):
    return next(one for one in told["fits"] if one["name"] == name)


@pytest.mark.parametrize(("outcome", "close"), [(SCORE, 1e-3), (INJURY, 2e-2)])
def test_each_association_is_that_of_r(panel, told, outcome, close):
    """Estimates within a share of their standard errors, errors within 1 %, the same rows and people."""
    r = fit(told, outcome.column)
    lines = [
        one for one in answers(panel, replace(asked(outcome, "alliance", "client"), slope=False)) if one.main
    ]
    assert len(lines) == 4
    for one in lines:
        name = f"arm{one.arm}:{one.term}"
        assert one.numbers.estimate == pytest.approx(r["beta"][name], abs=close * r["se"][name])
        assert one.numbers.error == pytest.approx(r["se"][name], rel=0.02)
        assert (one.rows, one.people) == (r["rows"], r["people"])


def test_the_zero_inflated_count_is_that_of_r_and_so_is_akaikes_criterion(panel, told):
    r = fit(told, "self_injury zero-inflated")
    found = side_by_side(panel, asked(INJURY, "alliance", "client"))
    inflated = [one for one in found if one.model is CountModel.INFLATED]
    assert len(inflated) == 4
    for one in inflated:
        name = f"arm{one.arm}:{one.term}"
        assert one.numbers.estimate == pytest.approx(r["beta"][name], abs=0.03 * r["se"][name])
    plain = next(one for one in found if one.model is CountModel.PLAIN)
    assert plain.aic == pytest.approx(told["aic"], abs=0.02)


def test_the_shares_of_variance_are_those_of_r(panel, told):
    found = shares(panel, "alliance", "client", None)
    assert [found.share[part] for part in PARTS] == pytest.approx(told["variance"], abs=1e-4)
