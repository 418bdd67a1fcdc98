"""A scratch programme for the proofs: one clinician, many clients, and a check-in link for each.

Run in a process of its own, whose environment names the site: python -m tests.proofs.programme CLIENTS
prints the links' tokens as JSON.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support import clinic_environment, ready_made

ROOT = Path(__file__).resolve().parents[2]
KEY = "Zk3jd8sLq0wPx7vN2mB5cR9tY4uI6oA1eFhGjKzXyWqVbTnMlC"


def environment(folder: Path, port: int, database_url: str | None = None) -> dict[str, str]:
    """Of a site of real use on this machine."""
    result = {
        **clinic_environment.variables(database_url, str(folder)),
        "ACCORD_USE": "real",
        "ACCORD_SECRET_KEY": KEY,
        "ACCORD_CRISIS_NUMBERS": "Emergency: 112",
        "ACCORD_URL": f"http://localhost:{port}",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
    return clinic_environment.without_accord(dict(os.environ)) | result


@dataclass(frozen=True)
class Made:
    """A site on SQLite that was made once, to be copied for each trial."""

    folder: Path
    tokens: list[str]

    @contextmanager
    def copied(self) -> Iterator[Path]:
        """The folder of a copy, gone afterwards."""
        with tempfile.TemporaryDirectory(prefix="accord-proof-", ignore_cleanup_errors=True) as scratch:
            yield Path(shutil.copytree(self.folder, Path(scratch) / "site"))


@contextmanager
def prepared(clients: int) -> Iterator[Made]:
    """A programme with so many clients, on SQLite."""
    with tempfile.TemporaryDirectory(prefix="accord-proof-") as scratch:
        folder = Path(scratch) / "site"
        yield Made(folder, make(environment(folder, 8000), clients))


def make(environment: Mapping[str, str], clients: int) -> list[str]:
    """The tokens of a new programme with so many clients."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.proofs.programme", str(clients)],
        env=dict(environment), cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-3000:])
    tokens: list[str] = json.loads(done.stdout.splitlines()[-1])
    return tokens


def made(clients: int) -> list[str]:
    from django.db import transaction

    from accord.clinic.client.checkins import actions as checkins
    from tests.support.world import World, days_ago

    with transaction.atomic():
        world = World()
        people = [world.client_person(f"client {number}") for number in range(clients)]
        relationships = [world.engage(person, world.lind, world.first) for person in people]
        return [
            checkins.ask(engagement=relationship, day=days_ago(0), by=world.lind)[1]
            for relationship in relationships
        ]


def set_up() -> None:
    """Loads Django, and makes the new site that this process's environment names."""
    from accord.clinic.site.commands import site

    site.load()
    from django.conf import settings
    from django.db import connection

    from accord.clinic.encryption import rings

    site.make_folder(settings.ACCORD.folder, with_key=False)
    rings.make_missing(settings.ACCORD.folder)
    if connection.vendor == "sqlite":
        ready_made.prepare()
    else:
        ready_made.prepare_on_postgres()


def main() -> None:
    set_up()
    print(json.dumps(made(int(sys.argv[1]))))


if __name__ == "__main__":
    main()
