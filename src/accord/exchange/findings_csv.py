"""Findings as a CSV file, one line per client, clinician and session."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from accord.exchange import csv_escape
from accord.exchange.csv_writer import write_columns
from accord.records.ratings import STATES, Findings
from accord.words.findings import sentences

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


def write_findings(path: str | Path, findings: Findings) -> None:
    """Write the findings in their order; numbers plain with at most four decimals, empty where not known."""
    reasons, said = sentences(findings)
    columns = (
        csv_escape.named(findings.clients, findings.client),
        csv_escape.named(findings.clinicians, findings.clinician),
        csv_escape.numbers(findings.session),
        csv_escape.dates(findings.day),
        csv_escape.rounded(findings.level),
        csv_escape.rounded(findings.level_low),
        csv_escape.rounded(findings.level_high),
        csv_escape.rounded(findings.surprise),
        csv_escape.rounded(findings.p_rupture),
        csv_escape.named(STATES, findings.state),
        csv_escape.numbers(findings.low_start.astype(np.int8)),
        csv_escape.named(reasons, said),
    )
    write_columns(path, COLUMNS, columns)
