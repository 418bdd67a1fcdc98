"""How often somebody asks for records in an emergency: many in a day are pointed out, and never refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from accord.clinic.models import BreakGlass, BreakGlassQuery, Person

A_DAY = timedelta(hours=24)
MANY = 3  # in 24 hours, names asked for in vain included


def in_a_day(person: Person, now: datetime) -> int:
    """Number of emergencies of this person in the 24 hours before `now`."""
    return _since(person.organisation_id, now).get(person.pk, 0)


def many_in_a_day(organisation_id: UUID, now: datetime) -> Mapping[UUID, int]:
    """Person -> number of emergencies in the 24 hours before `now`, of those with `MANY` or more."""
    return {person: n for person, n in _since(organisation_id, now).items() if n >= MANY}


def _since(organisation_id: UUID, now: datetime) -> Counter[UUID]:
    begin, where = now - A_DAY, {"organisation": organisation_id}
    opened = BreakGlass.objects.filter(opened_at__gt=begin, **where).values_list("by", flat=True)
    asked = BreakGlassQuery.objects.filter(asked_at__gt=begin, **where).values_list("by", flat=True)
    return Counter([*opened, *asked])
