"""What a scan gives back: findings, the words around them, and the ways to show or write them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy as np

from accord.attention import OPEN, Attention, attention, last_rows
from accord.exchange import csv_escape
from accord.exchange.atomic import replacing
from accord.exchange.bad_csv import write_bad
from accord.exchange.findings_csv import COLUMNS, write_findings
from accord.exchange.reading import BadCell
from accord.records.ratings import STATES, Construct, Findings, Instrument, Rater
from accord.words.findings import describe_columns, uncalibrated_note, unseen_note

WORST = 5  # relationships shown on screen
_HEADINGS = ("client", "clinician", "since session", "last session", "state", "why")
_NUMBERS = ("level", "level_low", "level_high", "surprise", "p_rupture")


@dataclass(frozen=True, slots=True, eq=False)
class ScanResult:
    """Findings of a scan. `bad` holds the rows left out, `notes` what else should be known."""

    findings: Findings
    population: Any  # science.population.Population, a room that only the doors of the science enter
    instrument: Instrument
    rater: Rater
    ratings: int
    bad: tuple[BadCell, ...]
    skipped_bad: bool
    notes: tuple[str, ...]
    converged: bool = True

    @property
    def counts(self) -> dict[str, int]:
        return {
            "relationships": len(last_rows(self.findings)),
            "sessions": len(self.findings),
            "ratings": self.ratings,
            "open": sum(relationship.state in OPEN for relationship in self.attention()),
            "rows_left_out": len(self.bad),
        }

    def attention(self) -> list[Attention]:
        """Relationships that ask for attention at their last session, the open ones first."""
        return attention(self.findings)

    def summary(self) -> str:
        """A short table as text, with the notes."""
        relationships = self.attention()[:WORST]
        table = [_HEADINGS, *(relationship.cells() for relationship in relationships)]
        widths = [max(len(row[at]) for row in table) for at in range(len(_HEADINGS) - 1)]
        lines = [self._headline()]
        for row in table if relationships else []:
            padded = [cell.ljust(width) for cell, width in zip(row, [*widths, 0], strict=True)]
            lines.append("  ".join(padded).rstrip())
        return "\n".join([*lines, *self._closing()])

    def _headline(self) -> str:
        counts = self.counts
        parts = [
            _counted(counts["relationships"], "relationship"),
            _counted(counts["sessions"], "session"),
            f"{_counted(counts['open'], 'rupture')} open"
            if self._alliance
            else f"{counts['open']:,} worse than own course",
        ]
        if self.bad:
            parts.append(f"{_counted(len(self.bad), 'row')} left out")
        return ", ".join(parts)

    def _closing(self) -> list[str]:
        words = [unseen_note()] if self._alliance else []
        return [*words, uncalibrated_note(), *self.notes]

    @property
    def _alliance(self) -> bool:
        return self.instrument.construct is Construct.ALLIANCE

    def _repr_html_(self) -> str:
        heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in _HEADINGS)
        body = "".join(_html_row(relationship) for relationship in self.attention()[:WORST])
        none = f'<tr><td colspan="{len(_HEADINGS)}">none above the line at its last session</td></tr>'
        notes = "".join(f"<li>{escape(note)}</li>" for note in self._closing())
        return (
            f"<table><caption>{escape(self._headline())}</caption><thead><tr>{heads}</tr></thead>"
            f"<tbody>{body or none}</tbody></table><ul>{notes}</ul>"
        )

    def to_columns(self) -> dict[str, Any]:
        """The findings as named columns, numbers unrounded with NaN, ready for a data frame's constructor."""
        findings = self.findings
        columns = {
            "client": [findings.clients[code] for code in findings.client.tolist()],
            "clinician": [findings.clinicians[code] for code in findings.clinician.tolist()],
            "session": findings.session,
            "date": [day or None for day in csv_escape.dates(findings.day).cells()],
            **{name: getattr(findings, name) for name in _NUMBERS},
            "state": [STATES[code].value for code in findings.state.tolist()],
            "low_start": findings.low_start.astype(np.int64),
            "reason": list(describe_columns(findings)),
        }
        return {name: columns[name] for name in COLUMNS}

    def to_dicts(self) -> list[dict[str, Any]]:
        """The findings as one dict a row, with None where a value is not known."""
        columns = [_python(values) for values in self.to_columns().values()]
        return [dict(zip(COLUMNS, row, strict=True)) for row in zip(*columns, strict=True)]

    def to_json(self) -> dict[str, Any]:
        """What a scan shows on screen, for programs."""
        return {
            "instrument": self.instrument.id,
            "rater": self.rater.value,
            "method": self.findings.method_version,
            "converged": self.converged,
            **self.counts,
            "attention": [relationship._asdict() for relationship in self.attention()],
            "bad": [cell._asdict() for cell in self.bad],
            "notes": self._closing(),
        }

    def write(self, path: str | Path) -> None:
        """Write the findings and, where bad rows were to be left out, the list of them beside."""
        if self.skipped_bad:
            write_bad(bad_path(path), self.bad)
        write_findings(path, self.findings)

    def save_population(self, path: str | Path) -> None:
        with replacing(path) as handle:
            json.dump(self.population.to_json(), handle, indent=1)
            handle.write("\n")


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def bad_path(path: str | Path) -> Path:
    """The name of the list of bad rows that belongs to a file of findings."""
    return Path(path).with_suffix(".bad.csv")


def _html_row(relationship: Attention) -> str:
    client, *others = (escape(cell) for cell in relationship.cells())
    return f'<tr><th scope="row">{client}</th>{"".join(f"<td>{cell}</td>" for cell in others)}</tr>'


def _python(values: Any) -> list[Any]:
    """A column as plain Python values, None for NaN."""
    listed = values.tolist() if isinstance(values, np.ndarray) else values
    return [None if value != value else value for value in listed]
