"""How often a client and the people who treat them meet now."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db.models import Count, Q

from accord.clinic.models import Engagement
from accord.clinic.policy import standing_engagements

LOOK_BACK = 8  # weeks
AT_FIRST = 1.0  # contacts a week of a relationship that is younger than that, for the weeks it has not had
RARELY = 1 / LOOK_BACK


def contacts_per_week(today: date, **of: UUID) -> dict[UUID, list[float]]:
    """Client -> contacts a week in each of their relationships that go on; `of` narrows the relationships."""
    recent = Q(contacts__day__gt=today - timedelta(weeks=LOOK_BACK), contacts__day__lte=today)
    counted = standing_engagements(today).filter(**of).annotate(recent=Count("contacts", filter=recent))
    found: dict[UUID, list[float]] = {}
    for engagement in counted:
        found.setdefault(engagement.client_id, []).append(_rhythm(engagement, engagement.recent, today))
    return found


def _rhythm(engagement: Engagement, recent: int, today: date) -> float:
    weeks = min((today - engagement.since).days / 7, LOOK_BACK)
    return max((recent + AT_FIRST * (LOOK_BACK - weeks)) / LOOK_BACK, RARELY)
