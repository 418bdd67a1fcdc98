"""Small programmes, simulated once."""

from __future__ import annotations

import pytest

from accord.benchmark.case import Case, draw
from accord.simulator.scenarios import SCENARIOS


@pytest.fixture(scope="session")
def textbook() -> Case:
    return draw(SCENARIOS["textbook"], 40, 12, 1, 2)


@pytest.fixture(scope="session")
def channels() -> Case:
    return draw(SCENARIOS["channels"], 40, 12, 1, 2)
