"""Immediate stops of PostgreSQL under real traffic: what the site thanked for is there, once, and audited.

The server is stopped at once or its master killed, while check-ins are acknowledged, and started again;
nobody touches the site, which must thank again by itself. What this does not show: anything about lost
power, since the system keeps what a killed process wrote.
"""

from __future__ import annotations

import random
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tests.proofs import programme, stored, telling
from tests.proofs.server import REAL, Server
from tests.proofs.traffic import Ledger, Traffic
from tests.support import postgres
from tests.support.postgres import Cluster, free_port

LONG = 100
CLIENTS, FEW = 240, 30
BETWEEN, SOON = (35, 75), (8, 15)  # check-ins thanked for between two stops
WAYS = (signal.SIGQUIT, signal.SIGKILL)

# A commit waits for the log, as it does by itself; the log is written so much later that a commit which does
# not wait is told and not yet in it. Nothing waits for the disk: the system keeps what a killed process did.
SETTINGS = {**postgres.SETTINGS, "synchronous_commit": "on", "wal_writer_delay": "10s"}
FORGETS = "SET synchronous_commit = off"

FAULTS = {
    "commits that do not wait": (FORGETS, REAL),
    "thanks before the commit": ("", "tests.proofs.planted:acknowledges_first()"),
}


@dataclass(frozen=True)
class Ran:
    """`silent`: stops after which the site did not thank again by itself."""

    stops: int
    ledger: Ledger
    silent: int
    verdict: stored.Verdict

    @property
    def bad(self) -> int:
        return self.verdict.bad + self.silent + len(self.ledger.odd)


@dataclass(frozen=True)
class Made:
    """A programme on a cluster of its own, made once, to be copied for each run."""

    cluster: Cluster
    folder: Path
    tokens: list[str]

    def run(self, stops: int, progress: telling.Progress, planted: str = "", application: str = REAL) -> Ran:
        """So many stops of a copy, then the count. `planted`: what the copy is told of itself."""
        url = self.cluster.copy(f"copy_{progress.began:.6f}".replace(".", "_"))
        if planted:
            self._tell(url, planted)
        chance, silent = random.Random(stops), 0
        between = BETWEEN if len(self.tokens) > FEW else SOON
        with self._served(url, application) as port:
            traffic = Traffic(port, self.tokens, seed=stops)
            traffic.start()
            for number in progress.trials(stops):
                silent += not traffic.wait_for(len(traffic.ledger.thanked) + chance.randint(*between))
                self.cluster.crash(WAYS[number % len(WAYS)])
                self.cluster.start_again()
                progress(f"{number} of {stops} stops, {len(traffic.ledger.thanked)} thanked for")
            silent += not traffic.wait_for(len(traffic.ledger.thanked) + 1)
            traffic.stop()
        return Ran(number, traffic.ledger, silent, stored.judge(stored.in_postgres(url), traffic.ledger))

    def loses(self, few: int, fault: str, planted: str, application: str) -> bool:
        """Whether something thanked for is gone. A page of the log that fills up saves the commits on it."""
        return self.run(few, telling.Progress(fault), planted, application).verdict.lost > 0

    def _tell(self, url: str, planted: str) -> None:
        import psycopg

        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f'ALTER DATABASE "{connection.info.dbname}" {planted}')

    @contextmanager
    def _served(self, url: str, application: str) -> Iterator[int]:
        port = free_port()
        settings = programme.environment(self.folder, port, url)
        server = Server(settings, port, self.folder / "log", application)
        server.start()
        try:
            yield port
        finally:
            server.stop()


@contextmanager
def prepared(clients: int) -> Iterator[Made]:
    """A programme with so many clients, on PostgreSQL."""
    with (
        postgres.running(SETTINGS) as cluster,
        tempfile.TemporaryDirectory(prefix="accord-proof-", ignore_cleanup_errors=True) as scratch,
    ):
        folder = Path(scratch) / "site"
        tokens = programme.make(programme.environment(folder, 8000, cluster.url), clients)
        yield Made(cluster, folder, tokens)


def prove(n: int, few: int, progress: telling.Progress) -> telling.Proof:
    progress.can_end_early()
    with prepared(CLIENTS if n > FEW else FEW) as made:
        ran = made.run(n, progress)
        seen = {
            fault: telling.seen_within(partial(made.loses, few, fault, planted, application))
            for fault, (planted, application) in FAULTS.items()
        }
    verdict = ran.verdict
    return telling.Proof(
        name="immediate stops of PostgreSQL",
        promise="no acknowledged entry lost, changed, doubled or unaudited; the site thanks again by itself",
        bad=ran.bad,
        of=ran.stops,
        unit="stops",
        figures={"acknowledged": len(ran.ledger.thanked), "sent, with repeats": ran.ledger.tries,
                 "lost": verdict.lost, "changed": verdict.changed, "doubled": verdict.doubled,
                 "unaudited": verdict.unaudited, "not thanking again": ran.silent},
        planted=seen,
    )  # fmt: skip


if __name__ == "__main__":
    telling.finish(telling.run(prove, name="postgres", n=LONG, few=3))
