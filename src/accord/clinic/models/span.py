"""From when to when: rows with `since` and `until` (their last day, or null while it goes on)."""

from __future__ import annotations

from datetime import date

from django.db.models import CheckConstraint, F, Q


def current_span(name: str) -> CheckConstraint:
    return CheckConstraint(condition=Q(until__isnull=True) | Q(until__gte=F("since")), name=name)


def going_on(day: date, prefix: str = "") -> Q:
    """Rows whose span holds `day`; `prefix` reaches them through a relation, such as `memberships__`."""
    return Q(**{f"{prefix}since__lte": day}) & (
        Q(**{f"{prefix}until__isnull": True}) | Q(**{f"{prefix}until__gte": day})
    )
