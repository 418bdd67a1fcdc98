"""Clients' own answers to whether something was settled between them and a clinician."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from accord.clinic.facts import current as facts
from accord.records.ratings import Rater

ITEM, YES = {"session-checkin": "7"}, 2  # instrument -> item "was it settled between us by the end"


@dataclass(frozen=True)
class Settled:
    """The client said yes about a session."""

    session: int
    day: date | None
    said_at: datetime


def said_settled(engagements: Collection[UUID]) -> Mapping[UUID, tuple[Settled, ...]]:
    """Relationship -> the sessions about which its client said that it was settled, in order."""
    result: dict[UUID, list[Settled]] = {}
    for instrument, item in ITEM.items():
        rows = facts.current_checkins().filter(
            contact__engagement__in=engagements,
            rater=Rater.CLIENT,
            instrument=instrument,
            answers__has_key=item,
        )
        columns = ("contact__engagement", "contact__session", "contact__day", "received_at", "answers")
        for engagement, session, day, at, answers in rows.order_by("contact__session").values_list(*columns):
            if answers[item] == YES:
                result.setdefault(engagement, []).append(Settled(session, day, at))
    return {engagement: tuple(said) for engagement, said in result.items()}
