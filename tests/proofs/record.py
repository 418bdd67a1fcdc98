"""Random tampering with the log of a real site, all of which `accord audit verify` must see.

The kinds of tampering, and what none of them shows, are in `tests.proofs.tampering`. This one is on SQLite;
`make prove` does the same on PostgreSQL with `tests/clinic/audit/test_audit_chain.py`.
"""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any
from unittest import mock

from tests.proofs import programme, telling
from tests.support.postgres import free_port

LONG = 1_000
LEFT_OUT = {"actor_id", "client_id", "at"}  # planted: columns that no digest holds


def unseen(times: int) -> Counter[str]:
    """Tamperings with the log of a new organisation that went unseen, by kind."""
    from django.db import transaction

    from tests.proofs import tampering
    from tests.support.world import World

    with transaction.atomic():
        world = World()
        result = tampering.run(times, [world.lind, world.ito, world.ana, world.ben])
        transaction.set_rollback(True)
    return result


def unseen_by_a_digest_with_holes(times: int) -> Counter[str]:
    from accord.clinic.audit import chain

    whole = chain.columns

    def fewer(event: Any) -> dict[str, Any]:
        return {name: value for name, value in whole(event).items() if name not in LEFT_OUT}

    with mock.patch.object(chain, "columns", fewer):
        return unseen(times)


def prove(n: int, few: int, progress: telling.Progress) -> telling.Proof:
    with tempfile.TemporaryDirectory(prefix="accord-proof-") as scratch:
        os.environ.update(programme.environment(Path(scratch) / "site", free_port()))
        programme.set_up()
        missed = unseen(n)
        progress(f"{n} tamperings, {missed.total()} of them unseen")
        blind = unseen_by_a_digest_with_holes(few)
    return telling.Proof(
        name="tampering with the audit log",
        promise="every change, removal, insertion, reordering, cut and remade end is seen",
        bad=missed.total(),
        of=n,
        unit="tamperings",
        figures={f"unseen, {kind}": count for kind, count in missed.items()},
        planted={"columns are left out of the digest": blind["change"] > 0},
    )


if __name__ == "__main__":
    telling.finish(telling.run(prove, name="record", n=LONG, few=120))
