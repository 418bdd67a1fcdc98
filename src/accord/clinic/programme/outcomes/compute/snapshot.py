"""All figures of a programme on one day, as they are stored."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from accord.clinic.programme.outcomes.compute import acts, alarms, alliance, outcome, repairs, retention
from accord.clinic.programme.outcomes.compute.source import Source

VERSION = "overview-2"


def figures(organisation_id: UUID, as_of: date) -> dict[str, Any]:
    """JSON-ready numbers and words, none of them about fewer than ten people."""
    source = Source(organisation_id, as_of)
    return {
        "retention": retention.figures(source),
        "acts": acts.figures(source),
        "outcome": outcome.figures(source),
        "alliance": alliance.figures(source),
        "repairs": repairs.figures(source),
        "alarms": alarms.figures(source),
    }
