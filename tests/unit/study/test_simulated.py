"""From simulated programmes to associations: what was put in comes out; of nothing comes nothing."""

from __future__ import annotations

import numpy as np
import pytest

from accord.instruments.catalogue import catalogue
from accord.simulator.generate import simulate
from accord.study.frame.study_frame import build
from accord.study.models.answers import answers
from accord.study.models.question import asked
from accord.study.models.study_panel import Panel
from accord.study.plan.resolve_plan import Material, resolved_plan
from accord.study.plan.study_plan import PlanRequest


def associations(scenario, seed):
    """Each outcome and part of the client's alliance: estimate over its standard error, and p."""
    simulated = simulate(scenario, instruments=catalogue(), clients=101, sessions=52, seed=seed)
    material = Material(simulated.ratings, simulated.episodes, simulated.events)
    frame, _ = build(material, None, resolved_plan(PlanRequest(), material)[0])
    panel = Panel(frame)
    return {
        (outcome.column, answer.term): answer.numbers
        for outcome in panel.outcomes()
        for answer in answers(panel, asked(outcome, "alliance", "client"))
        if answer.numbers
    }


@pytest.fixture(scope="module")
def null():
    return [associations("null", seed) for seed in range(1000, 1008)]


@pytest.fixture(scope="module")
def programme():
    return [associations("programme", seed) for seed in range(1, 9)]


def test_in_programmes_without_an_effect_few_associations_have_a_small_p(null):
    """Of about 48, one in twenty; nine or more would happen once in a thousand."""
    p = [answer.p for result in null for answer in result.values()]
    assert len(p) >= 40
    assert sum(value < 0.05 for value in p) <= 8
    assert sum(value < 0.001 for value in p) <= 1


def test_leaving_follows_the_level_of_the_alliance_where_it_does_and_only_there(null, programme):
    """The simulator's hazard is 1.6 times as high for one SD less: -.47; error in the ratings takes some."""
    level = ("left", "between")
    real = [result[level].estimate for result in programme if level in result]
    none = [result[level].estimate for result in null if level in result]
    assert -0.75 < np.mean(real) < -0.15
    assert abs(np.mean(none)) < 0.25
