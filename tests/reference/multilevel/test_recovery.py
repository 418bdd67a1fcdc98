"""Intervals hold what they promise in simulated programmes; `make prove` looks at many more."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.proofs.recovery import Study, both, misses


@pytest.fixture(scope="module")
def studies() -> tuple[Study, Study]:
    return both(300, seed=11)


def test_intervals_cover_the_truth_and_no_effect_is_seldom_taken_for_one(studies):
    assert misses(*studies) == []


@pytest.mark.parametrize("wrong", [0.6, 1.6])
def test_wrong_standard_errors_would_be_noticed(studies, wrong):
    real, null = (replace(study, errors=study.errors * wrong) for study in studies)
    assert misses(real, null)


def test_estimates_drawn_towards_zero_would_be_noticed(studies):
    real, null = studies
    assert misses(replace(real, estimates=real.estimates * 0.8), null)
