"""The ground truth of a simulated programme, and its file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from accord.simulator.dropout import Chances

COLUMNS = (
    "client", "clinician", "session", "date", "in_rupture", "onset", "depth", "level", "state", "kind",
    "repaired", "noticed", "form_missing", "left",
)  # fmt: skip
KINDS = ("", "withdrawal", "confrontation")  # kind codes in columns are positions in this tuple
ROWS_AT_ONCE = 50_000  # turned into text together, so that a large file needs little memory


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """One row per client, clinician and session that took place or should have, ordered by these three."""

    clients: tuple[str, ...]
    clinicians: tuple[str, ...]
    client: NDArray[np.int32]
    clinician: NDArray[np.int32]
    session: NDArray[np.int32]
    day: NDArray[np.int32]  # days since 1970-01-01
    in_rupture: NDArray[np.int8]
    onset: NDArray[np.int8]  # first session of a rupture
    depth: NDArray[np.float64]  # within-SD below the own course now; above 0 after a rupture until recovered
    level: NDArray[np.float64]  # own course in the followed instrument's units; may lie beyond its scale
    state: NDArray[np.float64]  # true deviation from the own course, ruptures apart, in the same units
    kind: NDArray[np.int8]  # of the rupture: position in KINDS
    repaired: NDArray[np.int8]  # this rupture will be repaired
    noticed: NDArray[np.int8]  # the clinician notices this rupture
    form_missing: NDArray[np.int8]  # the client's form about this session
    left: NDArray[np.int8]  # last session before the client left treatment early
    chances: Chances  # of leaving; not in the file

    def __len__(self) -> int:
        return len(self.client)


def write_truth(path: Path, truth: Truth) -> None:
    """Write the truth as CSV, beside its name first and then renamed: half a file never carries the name."""
    beside = path.with_name(f".{path.name}.part")
    try:
        with beside.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(COLUMNS)
            for begin in range(0, len(truth), ROWS_AT_ONCE):
                writer.writerows(_rows(truth, slice(begin, begin + ROWS_AT_ONCE)))
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _rows(truth: Truth, part: slice) -> Iterator[tuple[object, ...]]:
    days = truth.day[part].tolist()
    text_of = {day: (date(1970, 1, 1) + timedelta(days=day)).isoformat() for day in set(days)}
    numbers = (getattr(truth, name)[part] for name in ("depth", "level", "state"))
    depth, level, state = (np.round(column, 4).tolist() for column in numbers)
    return zip(
        [truth.clients[code] for code in truth.client[part].tolist()],
        [truth.clinicians[code] for code in truth.clinician[part].tolist()],
        truth.session[part].tolist(),
        [text_of[day] for day in days],
        truth.in_rupture[part].tolist(),
        truth.onset[part].tolist(),
        depth,
        level,
        state,
        [KINDS[code] for code in truth.kind[part].tolist()],
        truth.repaired[part].tolist(),
        truth.noticed[part].tolist(),
        truth.form_missing[part].tolist(),
        truth.left[part].tolist(),
        strict=True,
    )
