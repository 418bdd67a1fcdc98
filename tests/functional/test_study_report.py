"""The report of a study in a browser: accessible, nothing cut off, nothing asked of anybody else."""

from __future__ import annotations

from dataclasses import replace

import pytest

from accord.study.models.analyses import run_analyses
from accord.study.report.document import document
from tests.support.browser import SIZES, accessibility_violations, context
from tests.support.study_frame import MadePlan, Truth, made

ORIGIN = "http://localhost"


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    frame = made(Truth(arms=("CTBE", "DBT")), clients=60, periods=6, seed=1)
    plan = MadePlan(outcomes=("outcome", "left"))
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(document(run_analyses(replace(frame, plan=plan))), encoding="utf-8")
    return path.as_uri()


@pytest.mark.parametrize("size", SIZES)
def test_the_report_is_accessible_and_fits(browser, report, size):
    page = context(browser, ORIGIN, size).new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(report)
    assert accessibility_violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert asked == [report]
    page.context.close()
