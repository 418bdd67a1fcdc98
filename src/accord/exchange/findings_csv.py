"""Findings as a CSV file, one line per client, clinician and session."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from accord.exchange import plain
from accord.exchange.written import write_columns
from accord.records import STATES, Findings
from accord.words import sentences

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
        plain.named(findings.clients, findings.client),
        plain.named(findings.clinicians, findings.clinician),
        plain.numbers(findings.session),
        plain.dates(findings.day),
        plain.rounded(findings.level),
        plain.rounded(findings.level_low),
        plain.rounded(findings.level_high),
        plain.rounded(findings.surprise),
        plain.rounded(findings.p_rupture),
        plain.named(STATES, findings.state),
        plain.numbers(findings.low_start.astype(np.int8)),
        plain.named(reasons, said),
    )
    write_columns(path, COLUMNS, columns)
