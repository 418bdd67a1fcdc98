"""Leaders and members of groups on a day."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from accord.clinic.models import Engagement, Group, GroupLeader
from accord.clinic.models.span import going_on
from accord.clinic.policy import not_undone


def leaders_of(group: Group, day: date) -> QuerySet[GroupLeader]:
    return GroupLeader.objects.filter(going_on(day), group=group).select_related("person")


def members_of(group: Group, day: date) -> QuerySet[Engagement]:
    """Relationships that belong to the group and have not ended before this day, planned ones too."""
    in_it = Engagement.objects.filter(not_undone(), group=group)
    return in_it.filter(Q(until__isnull=True) | Q(until__gte=day)).select_related("client", "clinician")
