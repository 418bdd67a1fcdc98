"""Each feature of the clinic, in the folders of the code, on SQLite or, with --postgres, on PostgreSQL."""

from tests.support.clinic_tests import (
    jobs_are_done_after_each_act,
    pytest_configure,
    runs_on_the_database_that_was_asked_for,
)

__all__ = [
    "jobs_are_done_after_each_act",
    "pytest_configure",
    "runs_on_the_database_that_was_asked_for",
]
