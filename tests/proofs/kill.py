"""kill -9 of the real web server under real HTTP traffic: what it thanked for is there, once, and audited.

What this shows: an entry is acknowledged after its commit and never before, and the commit holds entry and
audit row together. What it does not show: anything about lost power, since the system keeps what a killed
process wrote (`tests.proofs.power` is for that).
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import partial

from tests.proofs import programme, stored, telling
from tests.proofs.server import REAL, Server
from tests.proofs.traffic import Ledger, Traffic
from tests.support.postgres import free_port

LONG = 200
CLIENTS, FEW = 240, 30
BETWEEN, SOON = (35, 75), (10, 25)  # check-ins thanked for between two kills
HOW_OFTEN_ALL = 4  # every fourth kill takes the master too

FAULTS = {
    "thanks before the commit": "tests.proofs.planted:acknowledges_first()",
    "audits after the commit": "tests.proofs.planted:audits_later()",
    "forgets the phone's id": "tests.proofs.planted:forgets_the_id()",
}


@dataclass(frozen=True)
class Ran:
    kills: int
    thanked: int
    tries: int
    odd: int
    verdict: stored.Verdict


def run(
    made: programme.Made,
    kills: int,
    progress: telling.Progress,
    application: str = REAL,
    between: tuple[int, int] = BETWEEN,
) -> Ran:
    """So many kills of a new site, then the count."""
    port = free_port()
    with made.copied() as folder:
        server = Server(programme.environment(folder, port), port, folder / "log", application)
        done, ledger = _killed(server, made.tokens, kills, progress, between)
        result = stored.judge(stored.in_sqlite(folder / "accord.sqlite3"), ledger)
    return Ran(done, len(ledger.thanked), ledger.tries, len(ledger.odd), result)


def _killed(
    server: Server, tokens: list[str], kills: int, progress: telling.Progress, between: tuple[int, int]
) -> tuple[int, Ledger]:
    """How often it was killed, and what was thanked for."""
    chance = random.Random(kills)
    traffic = Traffic(server.port, tokens, seed=kills)
    server.start()
    try:
        traffic.start()
        for number in progress.trials(kills):
            traffic.wait_for(len(traffic.ledger.thanked) + chance.randint(*between))
            _kill(server, number, chance)
            progress(f"{number} of {kills} kills, {len(traffic.ledger.thanked)} thanked for")
        traffic.stop()
    finally:
        server.stop()
    return number, traffic.ledger


def _kill(server: Server, number: int, chance: random.Random) -> None:
    workers = server.workers()
    if number % HOW_OFTEN_ALL and workers:
        server.kill_worker(chance.choice(workers))
        return
    server.kill_all()
    server.start()


def _breaks(made: programme.Made, few: int, fault: str, application: str) -> bool:
    return run(made, few, telling.Progress(fault), application, SOON).verdict.bad > 0


def prove(n: int, few: int, progress: telling.Progress) -> telling.Proof:
    progress.can_end_early()
    with programme.prepared(CLIENTS if n > FEW else FEW) as made:
        ran = run(made, n, progress, between=BETWEEN if n > FEW else SOON)
        seen = {
            fault: telling.seen_within(partial(_breaks, made, few, fault, application))
            for fault, application in FAULTS.items()
        }
    verdict = ran.verdict
    return telling.Proof(
        name="kill -9 of workers and master",
        promise="no acknowledged entry lost, changed, doubled or without its audit row",
        bad=verdict.bad + ran.odd,
        of=ran.kills,
        unit="kills",
        figures={"acknowledged": ran.thanked, "sent, with repeats": ran.tries, "lost": verdict.lost,
                 "changed": verdict.changed, "doubled": verdict.doubled, "unaudited": verdict.unaudited},
        planted=seen,
    )  # fmt: skip


if __name__ == "__main__":
    telling.finish(telling.run(prove, name="kill", n=LONG, few=4))
