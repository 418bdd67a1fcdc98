"""Rates of contact between a client and the people who treat them."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count, Q

from accord.clinic.models import Engagement
from accord.clinic.policy import current_engagements

LOOK_BACK = 8  # weeks
ASSUMED_RATE = (
    1.0  # contacts a week of a relationship that is younger than that, for the weeks it has not had
)
LOWEST_RATE = 1 / LOOK_BACK


def contacts_per_week(today: date, **of: UUID) -> dict[UUID, list[float]]:
    """Client -> contacts a week in each of their current relationships; `of` filters the relationships."""
    recent = Q(contacts__day__gt=today - timedelta(weeks=LOOK_BACK), contacts__day__lte=today)
    counted = current_engagements(today).filter(**of).annotate(recent=Count("contacts", filter=recent))
    rates: dict[UUID, list[float]] = {}
    for engagement in counted:
        rates.setdefault(engagement.client_id, []).append(_rate(engagement, engagement.recent, today))
    return rates


def _rate(engagement: Engagement, recent: int, today: date) -> float:
    weeks = min((today - engagement.since).days / 7, LOOK_BACK)
    return max((recent + ASSUMED_RATE * (LOOK_BACK - weeks)) / LOOK_BACK, LOWEST_RATE)
