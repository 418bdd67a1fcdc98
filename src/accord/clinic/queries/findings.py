"""Findings as they are stored, and the words for them in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import Any

from django.utils.translation import gettext

from accord import words
from accord.records import Finding, Instrument, State


def to_json(finding: Finding) -> dict[str, Any]:
    values = asdict(finding)
    return {**values, "day": finding.day.isoformat() if finding.day else None, "state": finding.state.value}


def from_json(values: Mapping[str, Any]) -> Finding:
    day = values["day"]
    return Finding(
        **{
            **values,
            "day": date.fromisoformat(day) if day else None,
            "state": State(values["state"]),
            "also": tuple(values.get("also", ())),
        }
    )


def describe(finding: Finding | Mapping[str, Any], instrument: Instrument) -> str:
    """What was found, in words."""
    found = finding if isinstance(finding, Finding) else from_json(finding)
    return words.describe(found, instrument, gettext)
