"""Findings as a CSV file, one line per client, clinician and session."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from accord.exchange import plain
from accord.exchange.atomic import replacing
from accord.records import STATES, Findings
from accord.words import describe_columns

COLUMNS = (
    "client",
    "clinician",
    "session",
    "date",
    "level",
    "level_low",
    "level_high",
    "surprise",
    "p_rupture",
    "state",
    "low_start",
    "reason",
)
_ROWS_AT_ONCE = 20_000


def write_findings(path: str | Path, findings: Findings) -> None:
    """Write the findings in their order; numbers plain with at most four decimals, empty where not known."""
    reasons = describe_columns(findings)
    with replacing(path) as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(COLUMNS)
        for start in range(0, len(findings), _ROWS_AT_ONCE):
            writer.writerows(_lines(findings, slice(start, start + _ROWS_AT_ONCE), reasons))


def _lines(findings: Findings, rows: slice, reasons: Iterator[str]) -> Iterator[tuple[object, ...]]:
    count = len(findings.client[rows])
    return zip(
        plain.named(findings.clients, findings.client[rows]),
        plain.named(findings.clinicians, findings.clinician[rows]),
        findings.session[rows].tolist(),
        plain.dates(findings.day[rows]),
        plain.rounded(findings.level[rows]),
        plain.rounded(findings.level_low[rows]),
        plain.rounded(findings.level_high[rows]),
        plain.rounded(findings.surprise[rows]),
        plain.rounded(findings.p_rupture[rows]),
        plain.named(STATES, findings.state[rows]),
        findings.low_start[rows].astype(int).tolist(),
        [plain.escaped(reason) for reason in islice(reasons, count)],
        strict=True,
    )
