"""Backups made while check-ins arrive, each restored and compared row by row; and changed ones, all refused.

Every fact that the site held right before a backup must be in the restored database, and every one in it
must be, to the byte, in the site right after; its log must end where its head says, as only one moment's
does. Changed ones: a bit turned, cut off, lengthened, another key, and a row left out or doubled by somebody
who encrypts it properly again. What this does not show: PostgreSQL, and a backup that goes bad where it is
kept.
"""

from __future__ import annotations

import io
import os
import random
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import pyrage

from tests.proofs import programme, stored, telling
from tests.proofs.server import Server
from tests.proofs.traffic import Ledger, Traffic
from tests.support.postgres import free_port

LONG = 100
CLIENTS, FEW = 240, 30
BETWEEN = (5, 25)  # check-ins thanked for between two backups
# What a check-in changes in place; sessions and what jobs wait for pass, and are in no backup.
CHANGES = {"clinic_engagement", "clinic_flag", "clinic_audithead", "clinic_heartbeat"}
PASSES = {"clinic_cache", "clinic_jobstate", "clinic_worker", "django_session"}
TORN = (
    "SELECT count(*) FROM clinic_audithead h WHERE h.sequence IS NOT (SELECT max(sequence) "
    "FROM clinic_auditevent e WHERE e.organisation_id = h.organisation_id)"
)


class Trial:
    """A site under traffic, and a place of its own to restore into."""

    def __init__(self, folder: Path, scratch: Path, traffic: Traffic, chance: random.Random) -> None:
        self.live, self.scratch, self.traffic, self.chance = (
            folder / "accord.sqlite3",
            scratch,
            traffic,
            chance,
        )
        self.place, self.path = scratch / "restored.sqlite3", scratch / "one.accord"
        self.identity = pyrage.x25519.Identity.generate()
        self.meanwhile = 0  # check-ins thanked for while backups were made

    def try_once(self) -> int:
        """One backup, restored and compared. How many things were wrong."""
        ledger = self.traffic.ledger
        self.traffic.wait_for(len(ledger.thanked) + self.chance.randint(*BETWEEN))
        before, thanked = self._copied("before"), set(ledger.thanked)
        self._make()
        self.meanwhile += len(ledger.thanked) - len(thanked)
        after = self._copied("after")
        self.restore(self.path, self.identity)
        result = stored.judge(stored.in_sqlite(self.place), Ledger(dict(ledger.sent), thanked))
        wrong = result.bad + _lacking(before, self.place) + _lacking(self.place, after) + _torn(self.place)
        self.place.unlink()
        return wrong

    def _make(self) -> None:
        from accord.clinic.site.backup import creation

        creation.make(self.path, str(self.identity.to_public()))

    def _copied(self, name: str) -> Path:
        path = self.scratch / name
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(self.live)) as live, closing(sqlite3.connect(path)) as copy:
            live.backup(copy)
        return path

    def restore(self, path: Path, identity: Any) -> None:
        from django.db import connection

        from accord.clinic.site.backup import restoration

        connection.close()
        connection.settings_dict["NAME"] = str(self.place)
        try:
            with self.traffic.paused():  # the site has no part in it
                restoration.restore(path, identity)
        finally:
            connection.close()
            connection.settings_dict["NAME"] = str(self.live)

    def takes(self, kind: Changing) -> bool:
        """Whether the last backup, changed in this way, is restored, whole or in part."""
        from accord.clinic.site.backup.archive import BadBackup
        from accord.clinic.site.backup.creation import BadKey

        changed = self.scratch / "changed.accord"
        key = kind(self, changed)
        beside = set(self.scratch.iterdir())
        try:
            self.restore(changed, key)
        except (BadBackup, BadKey):
            return set(self.scratch.iterdir()) != beside
        self.place.unlink()
        return True


def _lacking(some: Path, whole: Path) -> int:
    """Rows of facts in one database that are not, to the byte, in the other."""
    with closing(sqlite3.connect(some)) as both:
        both.execute("ATTACH ? AS whole", [str(whole)])
        result = both.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'").fetchall()
        names = {name for (name,) in result if not name.startswith("sqlite_")} - CHANGES - PASSES
        queries = (
            f'SELECT count(*) FROM (SELECT * FROM main."{name}" EXCEPT SELECT * FROM whole."{name}")'
            for name in sorted(names)
        )
        return sum(both.execute(query).fetchone()[0] for query in queries)


def _torn(place: Path) -> int:
    with closing(sqlite3.connect(place)) as restored:
        return int(restored.execute(TORN).fetchone()[0])


def a_bit(trial: Trial, changed: Path) -> Any:
    whole = bytearray(trial.path.read_bytes())
    whole[trial.chance.randrange(len(whole))] ^= 1 << trial.chance.randrange(8)
    changed.write_bytes(whole)
    return trial.identity


def cut(trial: Trial, changed: Path) -> Any:
    whole = trial.path.read_bytes()
    changed.write_bytes(whole[: trial.chance.randrange(len(whole))])
    return trial.identity


def lengthened(trial: Trial, changed: Path) -> Any:
    more = trial.chance.randbytes(trial.chance.randint(1, 5000))
    changed.write_bytes(trial.path.read_bytes() + more)
    return trial.identity


def another_key(trial: Trial, changed: Path) -> Any:
    shutil.copy(trial.path, changed)
    return pyrage.x25519.Identity.generate()


def without_a_row(trial: Trial, changed: Path) -> Any:
    return _written_again(trial, changed, 0)


def with_a_row_twice(trial: Trial, changed: Path) -> Any:
    return _written_again(trial, changed, 2)


def _written_again(trial: Trial, changed: Path, times: int) -> Any:
    """With the line of one check-in's audit row so many times."""
    text, sealed = io.BytesIO(), io.BytesIO()
    with trial.path.open("rb") as file:
        pyrage.decrypt_io(file, text, [trial.identity])
    lines = text.getvalue().splitlines(keepends=True)
    at = trial.chance.choice([at for at, line in enumerate(lines) if b"checkin.submit" in line])
    lines[at : at + 1] = [lines[at]] * times
    pyrage.encrypt_io(io.BytesIO(b"".join(lines)), sealed, [trial.identity.to_public()])
    changed.write_bytes(sealed.getvalue())
    return trial.identity


Changing = Callable[[Trial, Path], Any]
KINDS: tuple[Changing, ...] = (a_bit, cut, lengthened, another_key, without_a_row, with_a_row_twice)


class Forgetful(Trial):
    """Planted: one event of the log is in no backup, and the backup tells nothing of it."""

    def _make(self) -> None:
        from accord.clinic.site.backup import tables

        rows = tables.SQLite.rows

        def fewer(self: Any, table: str, columns: list[str]) -> Iterator[bytes]:
            result = list(rows(self, table, columns))
            return iter(result[:-1] if table == "clinic_auditevent" else result)

        with mock.patch.object(tables.SQLite, "rows", fewer):
            super()._make()


@contextmanager
def under_traffic(folder: Path, tokens: list[str]) -> Iterator[Traffic]:
    port = free_port()
    server = Server(programme.environment(folder, port), port, folder / "log")
    traffic = Traffic(port, tokens, people=3)
    server.start()
    try:
        traffic.start()
        yield traffic
        traffic.stop()
    finally:
        server.stop()


@contextmanager
def loaded(clients: int) -> Iterator[tuple[Path, Traffic]]:
    """The folder of a site under traffic, which this process can make backups of, as `accord backup` does."""
    with programme.prepared(clients) as made:
        os.environ.update(programme.environment(made.folder, free_port()))
        from accord.clinic.site.commands import site

        site.load()
        with under_traffic(made.folder, made.tokens) as traffic:
            yield made.folder, traffic


def _takes_blindly(trial: Trial) -> bool:
    """Planted: digests are not compared."""
    from accord.clinic.site.backup import restoration

    with mock.patch.object(restoration, "compare"):
        return trial.takes(without_a_row)


def prove(n: int, few: int, progress: telling.Progress) -> telling.Proof:
    progress.can_end_early()
    with (
        loaded(CLIENTS if n > FEW else FEW) as (folder, traffic),
        tempfile.TemporaryDirectory(prefix="accord-proof-") as scratch,
    ):
        there = (folder, Path(scratch), traffic, random.Random(n))
        trial, wrong, taken = Trial(*there), 0, 0
        for number in progress.trials(n):
            wrong += trial.try_once() > 0
            taken += sum(trial.takes(kind) for kind in KINDS)
            progress(f"{number} of {n} backups, {len(traffic.ledger.thanked)} check-ins thanked for")
        seen = {
            "digests are not compared": any(_takes_blindly(trial) for _ in range(few)),
            "a row is left out unsaid": any(Forgetful(*there).try_once() for _ in range(few)),
        }
    return telling.Proof(
        name="backups under load",
        promise="each restored without a difference; every changed one refused, with nothing restored",
        bad=wrong + taken,
        of=number,
        unit="backups",
        figures={"changed backups": number * len(KINDS), "of them taken": taken,
                 "acknowledged in all": len(traffic.ledger.thanked),
                 "acknowledged while backups were made": trial.meanwhile},
        planted=seen,
    )  # fmt: skip


if __name__ == "__main__":
    telling.finish(telling.run(prove, name="backups", n=LONG, few=3))
