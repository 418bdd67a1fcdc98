"""Fixtures for every kind of test. The heavy ones (a server, a browser) start on first use."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.support import postgres, shared_data, thorough

# A process that a test starts would otherwise compile all that it imports anew: four seconds for a site's.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# The same cases in every run, so that a failure is the change's and not chance's. `make prove` looks further.
SLOW_MACHINES = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile(
    "check", derandomize=True, deadline=None, max_examples=60, suppress_health_check=SLOW_MACHINES
)
settings.register_profile(
    "proof", deadline=None, max_examples=2000, print_blob=True, suppress_health_check=SLOW_MACHINES
)
settings.load_profile(thorough.PROFILE)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--postgres", action="store_true", help="run the clinic's tests on an own PostgreSQL server"
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--postgres"):
        return
    only_there = [item for item in items if item.get_closest_marker("postgres")]
    if only_there:
        config.hook.pytest_deselected(items=only_there)
        items[:] = [item for item in items if item not in only_there]


def pytest_collection_finish() -> None:
    """Leave what is loaded now out of every search for garbage: it stays until the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


@pytest.fixture(scope="session")
def shared_data_folder() -> Path:
    """Real data that cannot be in the repository; the test is skipped, with a message, where it is absent."""
    return shared_data.folder_or_skip()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """DATABASE_URL of a PostgreSQL server of the tests' own."""
    with postgres.running() as cluster:
        yield cluster.url
