"""Records the statements by which a real site stores check-ins, to be said again to a disk that loses power.

In a process of its own, whose environment names the site: python -m tests.proofs.recording COUNT FILE
writes the database as it was before, and each transaction after it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.proofs import programme
from tests.support import jobs

Statement = tuple[str, list[Any]]
READS = ("SELECT", "PRAGMA", "EXPLAIN")


@dataclass(frozen=True)
class Transaction:
    """Statements from BEGIN to COMMIT; `checkin` is the id of the check-in they store, or empty."""

    statements: list[Statement]
    checkin: str


@dataclass(frozen=True)
class Recording:
    before: bytes
    transactions: list[Transaction]


def record(environment: Mapping[str, str], count: int, folder: Path) -> Recording:
    """So many check-ins of a new site, by a process that loads Django."""
    command = [sys.executable, "-m", "tests.proofs.recording", str(count), str(folder)]
    done = subprocess.run(command, env=dict(environment), cwd=programme.ROOT, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-3000:])
    content = json.loads((folder / "transactions.json").read_text(encoding="utf-8"))
    transactions = [
        Transaction([(sql, values) for sql, values in entry["said"]], entry["checkin"]) for entry in content
    ]
    return Recording((folder / "before.sqlite3").read_bytes(), transactions)


def _recorded(count: int, folder: Path) -> None:
    from django.conf import settings
    from django.db import connection

    from accord.clinic.models import Engagement

    programme.made(1)
    engagement = Engagement.objects.select_related("client").get(client__name="client 0")
    connection.close()
    shutil.copy(settings.DATABASES["default"]["NAME"], folder / "before.sqlite3")
    result = [entry for number in range(count) for entry in _said(engagement, number)]
    (folder / "transactions.json").write_text(json.dumps(result, default=str), encoding="utf-8")


def _said(engagement: Any, number: int) -> list[dict[str, Any]]:
    """The transactions of one check-in: it and its audit row, then what the assessment writes."""
    from django.db import connection

    from accord.clinic.client.checkins import actions as checkins
    from accord.clinic.models import Contact
    from accord.clinic.models.actors import Link
    from accord.instruments.catalogue import get
    from accord.records.ratings import Rater

    contact = Contact.objects.get(engagement=engagement)
    said: list[list[Statement]] = []
    name = uuid.UUID(int=number + 1, version=4)
    with connection.execute_wrapper(_listening(said)):
        checkins.submit(
            checkin_id=name, contact=contact, rater=Rater.CLIENT, instrument=get("session-checkin"),
            answers={1: 1 + number % 7, 2: 4}, by=Link(engagement.client),
        )  # fmt: skip
        jobs.after_facts()
    kept = [
        entry
        for entry in said
        if any(not sql.startswith(("BEGIN", "SAVEPOINT", "RELEASE")) for sql, _ in entry)
    ]
    return [{"said": entry, "checkin": name.hex if at == 0 else ""} for at, entry in enumerate(kept)]


def _listening(said: list[list[Statement]]) -> Callable[..., Any]:
    def listen(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("BEGIN"):
            said.append([])
        if not sql.startswith(READS):
            for values in params if many else [params]:
                said[-1].append((sql.replace("%s", "?"), list(values or ())))
        return execute(sql, params, many, context)

    return listen


def main() -> None:
    programme.set_up()
    _recorded(int(sys.argv[1]), Path(sys.argv[2]))


if __name__ == "__main__":
    main()
