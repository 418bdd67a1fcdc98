"""Simulated programmes, each made once for all the tests that look at it."""

from __future__ import annotations

from functools import cache

import pytest

from accord.instruments.catalogue import catalogue
from accord.simulator.generate import simulate


@cache
def _simulated(scenario, clients, sessions, seed):
    return simulate(scenario, clients=clients, sessions=sessions, seed=seed, instruments=catalogue())


@pytest.fixture(scope="session")
def run():
    """simulate() with the catalogue's instruments: run(scenario, clients, sessions, seed=1)."""

    def running(scenario, clients, sessions, seed=1):
        return _simulated(scenario, clients, sessions, seed)

    return running
