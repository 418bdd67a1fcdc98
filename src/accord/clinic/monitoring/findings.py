"""Findings as they are stored, and the words for them in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date
from typing import Any

from django.utils.translation import gettext

from accord.records.ratings import Absence, Context, Finding, Hard, Instrument, State
from accord.words import findings as words

FIELDS = {field.name for field in fields(Finding)}


def to_json(finding: Finding) -> dict[str, Any]:
    values = asdict(finding)
    context = {key: value for key, value in values["context"].items() if value not in (None, False)}
    day = finding.day.isoformat() if finding.day else None
    said = {name: round(ratio, 6) for name, ratio in finding.said}
    return {**values, "day": day, "state": finding.state.value, "context": context, "said": said}


def from_json(values: Mapping[str, Any]) -> Finding:
    """The finding; what an earlier method stored besides is left out."""
    day = values["day"]
    return Finding(
        **{
            **{name: value for name, value in values.items() if name in FIELDS},
            "day": date.fromisoformat(day) if day else None,
            "state": State(values["state"]),
            "also": tuple(values.get("also", ())),
            "said": tuple(values.get("said", {}).items()),
            "context": _context(values.get("context", {})),
        }
    )


def _context(values: Mapping[str, Any]) -> Context:
    fields: dict[str, Any] = dict(values)
    for key, kind in (("hard", Hard), ("absence", Absence)):
        if key in fields:
            fields[key] = kind(fields[key])
    return Context(**fields)


def describe(finding: Finding | Mapping[str, Any], instrument: Instrument) -> str:
    """What was found, in words."""
    result = finding if isinstance(finding, Finding) else from_json(finding)
    return words.describe(result, instrument, gettext)
