"""The clinician's own forms about contacts: those that are filled, and whether one is due."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from uuid import UUID

from django.db.models import QuerySet

from accord.clinic.facts import current as facts
from accord.clinic.facts import offered_forms
from accord.clinic.models import Engagement
from accord.clinic.monitoring.contact_views import ContactView
from accord.records.ratings import Rater

WITHIN = timedelta(days=14)


def filled(these: QuerySet[Engagement]) -> Mapping[UUID, dict[UUID, set[str]]]:
    """Relationship -> contact -> the forms that its clinician has filled about it."""
    rated = facts.current_checkins().filter(contact__engagement__in=these, rater=Rater.CLINICIAN)
    result: dict[UUID, dict[UUID, set[str]]] = {}
    for engagement, contact, form in rated.values_list("contact__engagement", "contact", "instrument"):
        result.setdefault(engagement, {}).setdefault(contact, set()).add(form)
    return result


def is_due(
    engagement: Engagement, latest: ContactView | None, rated: Mapping[UUID, Collection[str]], today: date
) -> bool:
    """Whether the latest contact is recent and its clinician has a form to fill about it.

    `rated`: contact -> the forms that its clinician has filled about it.
    """
    if latest is None or latest.day is None or latest.day < today - WITHIN:
        return False
    kind = latest.kind or offered_forms.usual_kind(engagement)
    return bool(offered_forms.due_from_clinician(kind, set(rated.get(latest.id, ()))))
