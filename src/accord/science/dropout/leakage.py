"""A test for leakage: covariates are computed again from a record that ends where their row begins."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from accord.arrays import Floats, Ints
from accord.science.dropout.record import Record, Setting
from accord.science.dropout.risk_set import Rows

Build = Callable[[Record, Ints, Ints], Floats]  # record, client, day -> covariates (rows, k)
LOOKED_AT = 60  # rows


class Leak(Exception):
    """Covariates that change when the future is taken away. A forecast made with them is worth nothing."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"found covariates that know the future: {', '.join(names)}")
        self.names = tuple(names)


def refuse_leaks(
    build: Build, names: Sequence[str], record: Record, rows: Rows, setting: Setting, rng: np.random.Generator
) -> None:
    """Compare some rows of some clients with what was known then. Raises Leak where they differ."""
    chosen = rng.permutation(len(rows))[:LOOKED_AT]
    seen = np.zeros(len(names), dtype=bool)
    for row in chosen:
        client, day = int(rows.client[row]), int(rows.day[row])
        alone = record.of_clients(np.arange(record.clients) == client)
        at = np.zeros(1, dtype=np.int64), np.array([day])
        whole, then = build(alone, *at), build(alone.as_known(day, setting.grace), *at)
        seen |= ~np.isclose(whole, then, equal_nan=True)[0]
    if seen.any():
        raise Leak([name for name, leaks in zip(names, seen, strict=True) if leaks])
