"""What a database holds after the trouble, read past the site's code, beside the senders' ledger."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from tests.proofs.traffic import Ledger

CHECKINS = "SELECT id, answers FROM clinic_checkin"
AUDITED = "SELECT subject_id FROM clinic_auditevent WHERE action = 'checkin.submit'"


@dataclass(frozen=True)
class Stored:
    """Each stored check-in with its answers, and how many audit rows name it."""

    checkins: Mapping[str, Mapping[str, float]]
    audited: Mapping[str, int]
    whole: str  # what the database says of itself; "ok" is the only good answer


@dataclass(frozen=True)
class Verdict:
    """How many entries broke which promise."""

    lost: int
    changed: int
    doubled: int
    unaudited: int
    broken: int

    @property
    def bad(self) -> int:
        return self.lost + self.changed + self.doubled + self.unaudited + self.broken


def in_sqlite(path: Path) -> Stored:
    connection = sqlite3.connect(path)
    try:
        whole = connection.execute("PRAGMA integrity_check").fetchone()[0]
        checkins = {str(UUID(name)): json.loads(result) for name, result in connection.execute(CHECKINS)}
        audited = Counter(str(UUID(name)) for (name,) in connection.execute(AUDITED))
    finally:
        connection.close()
    return Stored(checkins, audited, whole)


def in_postgres(url: str) -> Stored:
    import psycopg

    with psycopg.connect(url, connect_timeout=30) as connection:
        checkins = {str(name): result for name, result in connection.execute(CHECKINS)}
        audited = Counter(str(name) for (name,) in connection.execute(AUDITED))
    return Stored(checkins, audited, "ok")


def judge(stored: Stored, ledger: Ledger) -> Verdict:
    """Thanked for and absent is lost, present and never sent a double, stored and not named unaudited."""
    kept = stored.checkins
    return Verdict(
        lost=len(ledger.thanked - set(kept)),
        changed=sum(kept[name] != ledger.sent[name] for name in set(kept) & set(ledger.sent)),
        doubled=len(set(kept) - set(ledger.sent)),
        unaudited=sum(stored.audited.get(name, 0) != 1 for name in kept)
        + len(set(stored.audited) - set(kept)),
        broken=int(stored.whole != "ok"),
    )
