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
def fits_in_r():
    return json.loads((HERE / "fits.json").read_text(encoding="utf-8"))


def fit(fits, name):
    return next(fit for fit in fits["fits"] if fit["name"] == name)


@pytest.mark.parametrize(("outcome", "close"), [(SCORE, 1e-3), (INJURY, 2e-2)])
def test_each_association_is_that_of_r(panel, fits_in_r, outcome, close):
    """Estimates within a share of their standard errors, errors within 1 %, the same rows and people."""
    r = fit(fits_in_r, outcome.column)
    lines = [
        answer
        for answer in answers(panel, replace(asked(outcome, "alliance", "client"), slope=False))
        if answer.main
    ]
    assert len(lines) == 4
    for line in lines:
        name = f"arm{line.arm}:{line.term}"
        assert line.numbers.estimate == pytest.approx(r["beta"][name], abs=close * r["se"][name])
        assert line.numbers.error == pytest.approx(r["se"][name], rel=0.02)
        assert (line.rows, line.people) == (r["rows"], r["people"])


def test_the_zero_inflated_count_is_that_of_r_and_so_is_akaikes_criterion(panel, fits_in_r):
    r = fit(fits_in_r, "self_injury zero-inflated")
    result = side_by_side(panel, asked(INJURY, "alliance", "client"))
    inflated = [fit for fit in result if fit.model is CountModel.INFLATED]
    assert len(inflated) == 4
    for model in inflated:
        name = f"arm{model.arm}:{model.term}"
        assert model.numbers.estimate == pytest.approx(r["beta"][name], abs=0.03 * r["se"][name])
    plain = next(fit for fit in result if fit.model is CountModel.PLAIN)
    assert plain.aic == pytest.approx(fits_in_r["aic"], abs=0.02)


def test_the_shares_of_variance_are_those_of_r(panel, fits_in_r):
    result = shares(panel, "alliance", "client", None)
    assert [result.share[part] for part in PARTS] == pytest.approx(fits_in_r["variance"], abs=1e-4)
