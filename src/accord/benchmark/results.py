"""Rows of measures, found again by what they are about, and written to a file."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TextIO

import numpy as np

from accord.benchmark.judge import ALL, Row


class Results:
    """Rows of one benchmark. Means are over seeds, leaving out those in which a measure does not exist."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.rows = tuple(rows)
        self._values: dict[tuple[str, str, str, str, str], list[float]] = defaultdict(list)
        for row in self.rows:
            self._values[row.scenario, row.detector, row.part, row.measure, row.at].append(row.value)
        self.scenarios = tuple(dict.fromkeys(row.scenario for row in self.rows))
        self.detectors = tuple(dict.fromkeys(row.detector for row in self.rows))

    def values(
        self, scenario: str, detector: str, measure: str, at: str = "", part: str = ALL
    ) -> Sequence[float]:
        """One for each seed, none where the detector did not speak."""
        return self._values.get((scenario, detector, part, measure, at), [])

    def mean(self, scenario: str, detector: str, measure: str, at: str = "", part: str = ALL) -> float:
        values = np.array(self.values(scenario, detector, measure, at, part))
        known = values[~np.isnan(values)]
        return float(known.mean()) if len(known) else math.nan

    def parts(self, measure: str) -> tuple[str, ...]:
        """Parts for which a measure exists, as they came."""
        return tuple(dict.fromkeys(row.part for row in self.rows if row.measure == measure))

    def spoke(self, scenario: str) -> list[str]:
        """Detectors judged in a scenario on the whole of its data."""
        return [name for name in self.detectors if self.values(scenario, name, "false alarms", "3 %")]

    @property
    def converged(self) -> bool:
        return all(row.value == 1 for row in self.rows if row.measure == "converged")

    def write(self, file: TextIO) -> None:
        """One line for each row, numbers with as many digits as they carry."""
        file.write(",".join(Row._fields) + "\n")
        for row in self.rows:
            value = "" if math.isnan(row.value) else f"{row.value:.6g}"
            file.write(",".join((*map(_quoted, map(str, row[:-1])), value)) + "\n")


def _quoted(cell: str) -> str:
    return f'"{cell}"' if "," in cell else cell
