"""Simulated power cuts under the site's own database settings and the very statements by which it stores.

The statements of a real site's check-ins are recorded once and said again to SQLite on a disk in memory
that loses its power at a random moment. After each cut the database is opened anew: every check-in whose
COMMIT had returned must be there with its audit row, the one under way must be there whole or not at all,
and the file must be sound.

What it does not show: a disk that lies about having written, and several processes at once (APSW's file
systems have no shared memory, so the write-ahead log is driven by one connection in exclusive mode).
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import apsw

from accord.clinic import environment
from tests.proofs import programme, recording, telling
from tests.proofs.disk import NAME, Disk, FileSystem, Held, PowerCut
from tests.support.postgres import free_port

AUDITED = "SELECT subject_id FROM clinic_auditevent WHERE action = 'checkin.submit'"
FILE = "site.sqlite3"
LONG = 10_000
CHECKINS = 12
OLD, NEW = (3, 40, 1), (3, 51, 3)  # SQLite before and after the repair of its write-ahead log


def settings_of(version: tuple[int, ...]) -> list[str]:
    """What the site tells each new connection, with that version of SQLite."""
    result = environment.database(f"sqlite:////{FILE}", version)["OPTIONS"]["init_command"]
    return [part for part in result.split(";") if part.strip()]


def weaker(settings: Sequence[str], level: str) -> list[str]:
    kept = [setting for setting in settings if "synchronous" not in setting]
    return [*kept, f"PRAGMA synchronous={level}"]


@dataclass(frozen=True)
class Cut:
    """What one cut came to: acknowledged and gone, stored in part, the file unsound."""

    acknowledged: int
    lost: int
    halved: int
    unsound: bool

    @property
    def bad(self) -> bool:
        return bool(self.lost or self.halved or self.unsound)


@dataclass(frozen=True)
class Moments:
    """`steps`: how many changes of the disk there are; `thanked`: after which of them a COMMIT returned."""

    steps: int
    thanked: Sequence[int]

    def draw(self, chance: random.Random) -> int:
        """Half of the cuts come right after somebody was thanked, the rest at any time."""
        return chance.choice((chance.randint(1, self.steps), chance.choice(self.thanked) + 1))


class Site:
    """The recorded statements, and the disk to say them to."""

    def __init__(self, recorded: recording.Recording) -> None:
        self.recorded = recorded
        self.system = FileSystem()

    def moments(self, settings: Sequence[str]) -> Moments:
        """When the power can go."""
        self._fresh()
        thanked: list[int] = []
        self._play(settings, [], thanked)
        return Moments(self.system.current.steps, thanked)

    def cut(self, settings: Sequence[str], moments: Moments, chance: random.Random) -> Cut:
        """One cut at a random moment, and what is found afterwards."""
        self._fresh()
        self.system.current.cut_at = moments.draw(chance)
        acknowledged: list[str] = []
        with suppress(PowerCut):
            self._play(settings, acknowledged)
        self.system.current = self.system.current.after_a_cut(chance)
        return self._found(settings, acknowledged)

    def _fresh(self) -> None:
        self.system.current = Disk()
        before = self.recorded.before
        self.system.current.files[FILE] = Held(bytearray(before), bytearray(before), [], name_is_safe=True)

    @contextmanager
    def _open(self, settings: Sequence[str]) -> Iterator[apsw.Connection]:
        exclusive = ["PRAGMA locking_mode=EXCLUSIVE"] if any("WAL" in setting for setting in settings) else []
        with closing(apsw.Connection(FILE, vfs=NAME)) as connection:
            for outcome in [*exclusive, *settings]:
                connection.execute(outcome)
            yield connection

    def _play(
        self, settings: Sequence[str], acknowledged: list[str], thanked: list[int] | None = None
    ) -> None:
        with self._open(settings) as connection:
            for transaction in self.recorded.transactions:
                for sql, values in transaction.statements:
                    connection.execute(sql, values)
                connection.execute("COMMIT")
                if self.system.current.is_off:
                    raise PowerCut  # nobody was there any more to be thanked
                if transaction.checkin:
                    acknowledged.append(transaction.checkin)
                    if thanked is not None:
                        thanked.append(self.system.current.steps)

    def _found(self, settings: Sequence[str], acknowledged: list[str]) -> Cut:
        try:
            with self._open(settings) as connection:
                unsound = connection.execute("PRAGMA quick_check").fetchone() != ("ok",)
                stored = {name for (name,) in connection.execute("SELECT id FROM clinic_checkin")}
                audited = {name for (name,) in connection.execute(AUDITED)}
        except apsw.Error:
            return Cut(len(acknowledged), 0, 0, unsound=True)
        lost = sum(name not in stored for name in acknowledged)
        return Cut(len(acknowledged), lost, len(stored ^ audited), unsound)


@dataclass
class Count:
    cuts: int = 0
    bad: int = 0
    acknowledged: int = 0
    lost: int = 0
    unsound: int = 0

    def add(self, cut: Cut) -> None:
        self.cuts += 1
        self.bad += cut.bad
        self.acknowledged += cut.acknowledged
        self.lost += cut.lost
        self.unsound += cut.unsound


def count(site: Site, settings: Sequence[str], cuts: int, progress: telling.Progress, seed: int = 1) -> Count:
    """So many cuts under these settings, at moments that the seed decides."""
    chance, result = random.Random(seed), Count()
    moments = site.moments(settings)
    for _ in range(cuts):
        result.add(site.cut(settings, moments, chance))
        progress(f"{result.cuts} of {cuts} cuts, {result.lost} of {result.acknowledged} acknowledged lost")
    return result


def prove(n: int, few: int, progress: telling.Progress) -> telling.Proof:
    folder = Path(tempfile.mkdtemp(prefix="accord-power-"))
    try:
        recorded = recording.record(programme.environment(folder / "site", free_port()), CHECKINS, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    site = Site(recorded)
    rollback, wal = settings_of(OLD), settings_of(NEW)
    halves = [count(site, rollback, n - n // 2, progress), count(site, wal, n // 2, progress)]
    weak = {
        "rollback journal at FULL": count(site, weaker(rollback, "FULL"), few, progress),
        "write-ahead log at NORMAL": count(site, weaker(wal, "NORMAL"), few, progress),
        "write-ahead log at OFF": count(site, weaker(wal, "OFF"), few, progress),
        "rollback journal at OFF": count(site, weaker(rollback, "OFF"), few, progress),
    }
    return telling.Proof(
        name="simulated power cuts",
        promise="no acknowledged check-in lost, none in part, the file sound",
        bad=sum(halve.bad for halve in halves),
        of=sum(halve.cuts for halve in halves),
        unit="cuts",
        figures={
            "acknowledged": sum(halve.acknowledged for halve in halves),
            "lost": sum(halve.lost for halve in halves),
            **{
                f"lost by {name}, of {outcome.acknowledged} in {outcome.cuts} cuts": outcome.lost
                for name, outcome in weak.items()
            },
            **{f"unsound files by {name}": outcome.unsound for name, outcome in weak.items()},
        },
        planted={name: outcome.bad > 0 for name, outcome in weak.items()},
    )


if __name__ == "__main__":
    telling.finish(telling.run(prove, name="power", n=LONG, few=300))
