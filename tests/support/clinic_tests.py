"""Loads the clinic for tests, on SQLite or, with --postgres, on a PostgreSQL server of the tests' own."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from pytest_django.plugin import blocking_manager_key

from tests.support import clinic_environment, jobs, postgres, ready_made

loaded = pytest.StashKey[bool]()


def pytest_configure(config: pytest.Config) -> None:
    """Hook of the folders of tests that need the clinic; loads it once for all of them."""
    if config.stash.get(loaded, False):
        return
    config.stash[loaded] = True
    # Here and not in a fixture: test modules import the models, and Django reads its settings then.
    cluster = postgres.start() if config.getoption("--postgres") else None
    if cluster is not None:
        config.add_cleanup(cluster.stop)
    folder = Path(clinic_environment.apply(cluster.url if cluster else None))
    config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
    with config.stash[blocking_manager_key].unblock():
        _load_django(folder, cluster is None)
    config.option.reuse_db = cluster is None  # a copy of a database that is ready; it goes with the folder


def _load_django(folder: Path, on_sqlite: bool) -> None:
    import django
    from django.conf import settings
    from django.db import connection

    # Slow on purpose where people sign in; here it would only make every test slow.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # A file and not memory, so that journal, synchronisation and locks are those of a real site.
    own = {"NAME": str(folder / "tests.sqlite3")} if on_sqlite else {"TEMPLATE": postgres.DATABASE}
    settings.DATABASES = {"default": {**settings.DATABASES["default"], "TEST": own}}
    django.setup()
    _let_tests_empty_their_tables()
    from accord.clinic.encryption import rings

    rings.make_missing(folder)
    # Pages name their styles by hash, as on a served site, so a missing file fails here too.
    if on_sqlite:
        shutil.copy(ready_made.prepare(), folder / "tests.sqlite3")
    else:
        ready_made.prepare_on_postgres()
        connection.close()  # a template is copied only while nobody is connected to it


def _let_tests_empty_their_tables() -> None:
    """A test that commits is followed by emptying every table, which the guards of facts would refuse."""
    from django.core.management.commands import flush
    from django.db import connections

    from accord.clinic.models import guards as append_only

    whole = flush.Command.handle

    def handle(self: Any, **options: Any) -> Any:
        append_only.take_down(connections[options["database"]])
        return whole(self, **options)  # it ends as a migration does, which puts the guards up again

    flush.Command.handle = handle  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def runs_on_the_database_that_was_asked_for(request: pytest.FixtureRequest) -> None:
    from django.db import connection

    asked = "postgresql" if request.config.getoption("--postgres") else "sqlite"
    assert connection.vendor == asked


@pytest.fixture(autouse=True)
def jobs_are_done_after_each_act(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a served site a moment later; `no_worker` marks tests of that moment and of the worker."""
    if not request.node.get_closest_marker("no_worker"):
        jobs.done_after_each_act(monkeypatch)
