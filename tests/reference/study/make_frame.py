"""Makes frame.csv: a made-up programme of two arms, for fit_in_r.R.

python -m tests.reference.study.make_frame
"""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from tests.support.study_frame import Truth, made

HERE = Path(__file__).parent
COLUMNS = (
    "client", "arm", "clinician", "period", "days", "left", "self_injury", "attempt", "outcome",
    "alliance_client", "alliance_client_between", "alliance_client_within", "alliance_client_within_lag",
)  # fmt: skip


def main() -> None:
    truth = Truth(injury=(-0.4, -0.5), score=(-0.15, -0.1), attempt=(-0.5, -0.4), leaving=(0.0, -0.4),
                  attempts_a_year=1.2, arms=("CTBE", "DBT"))  # fmt: skip
    columns = made(truth, seed=11, clients=101, clinicians=12).columns
    with (HERE / "frame.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        for row in zip(*(columns[name] for name in COLUMNS), strict=True):
            writer.writerow(
                ["" if _gap(value) else value if isinstance(value, str) else f"{value:.10g}" for value in row]
            )


def _gap(value: object) -> bool:
    return value is None or (isinstance(value, float) and bool(np.isnan(value)))


if __name__ == "__main__":
    main()
