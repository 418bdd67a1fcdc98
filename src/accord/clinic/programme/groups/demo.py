"""Groups of the demonstration."""

from __future__ import annotations

from accord.clinic.models import Engagement, Person
from accord.clinic.models.actors import SYSTEM
from accord.clinic.programme.groups import actions as group_actions
from accord.clinic.web.demonstration import Demonstration


def fill(demonstration: Demonstration) -> None:
    """Each clinician who has clients in a group leads one, from the day its first client came."""
    in_groups = Engagement.objects.filter(organisation=demonstration.organisation, role=Engagement.Role.GROUP)
    leaders = Person.objects.filter(pk__in=in_groups.values("clinician")).order_by("code")
    for number, leader in enumerate(leaders, 1):
        mine = in_groups.filter(clinician=leader).order_by("since")
        group = group_actions.add(
            team=mine[0].team, name=f"Skills group {number}", leader=leader, since=mine[0].since, by=SYSTEM
        )
        mine.update(group=group)
