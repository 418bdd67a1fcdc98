"""Draws the entries of ends.csv: durations in days with ties, three kinds of end, some people twice."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

COLUMNS = ("person", "duration", "code")


def main() -> None:
    rng = np.random.default_rng(4)
    latent = np.round(rng.exponential((150, 260, 900), (90, 3))).astype(int)
    first, code = latent.min(axis=1), latent.argmin(axis=1) + 1
    known = rng.integers(20, 365, 90)
    rows = zip(np.arange(90) % 75, np.minimum(first, known), np.where(first <= known, code, 0), strict=True)
    with Path(__file__).with_name("ends.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)


if __name__ == "__main__":
    main()
