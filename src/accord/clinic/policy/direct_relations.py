"""Relationships to which a member of staff has a direct relation today.

They are their own ones, those of groups they lead, others of the same clients, those of supervised teams, and
those of clients whose record they opened in an emergency.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet

from accord.clinic.models import Engagement, Person
from accord.clinic.models.span import going_on
from accord.clinic.policy.among import Among
from accord.clinic.policy.client_relationships import relations_by_client
from accord.clinic.policy.relation_queries import not_undone
from accord.clinic.policy.staff_roles import StaffRoles, read_once, staff_roles_of
from accord.clinic.policy.table import Relation

DIRECT = frozenset(
    {Relation.ENGAGED, Relation.PEER, Relation.SHARES, Relation.BREAK_GLASS, Relation.SUPERVISES}
)


@dataclass(frozen=True)
class DirectRelations:
    """`by_client`: client -> relationship -> the direct relations to it, where there are any."""

    by_client: Mapping[UUID, Mapping[UUID, frozenset[Relation]]]

    def engagements(self, asked: Collection[Relation]) -> Among:
        """Ids of the relationships that give one of these relations."""
        return Among(
            pk
            for of_client in self.by_client.values()
            for pk, held in of_client.items()
            if not held.isdisjoint(asked)
        )

    def clients(self, asked: Collection[Relation]) -> Among:
        """Ids of the clients of these relationships."""
        return Among(
            client
            for client, of_client in self.by_client.items()
            if any(not held.isdisjoint(asked) for held in of_client.values())
        )


NONE = DirectRelations({})


def direct_relations(person: Person, today: date) -> DirectRelations:
    """The direct relations of a person today; for one page they are read once."""
    return read_once(_read_relations, person, today)


def _read_relations(person: Person, today: date) -> DirectRelations:
    staff = staff_roles_of(person, today)
    if staff.granted.isdisjoint(DIRECT):
        return NONE
    whose = Q(client__in=_clients(staff))
    return DirectRelations(
        {
            client: {pk: held for pk, held in of_client.items() if held}
            for client, of_client in relations_by_client(staff, whose, DIRECT)
        }
    )


def _clients(staff: StaffRoles) -> QuerySet[Engagement, Any]:
    """Clients of the relationships from which every direct relation follows.

    Each way is a query of its own, which begins at an index, so the cost does not grow with the programme.
    """
    current = Engagement.objects.filter(not_undone(), going_on(staff.today))
    supervised = staff.teams_granting(Relation.SUPERVISES)
    ways = (
        current.filter(clinician=staff.person),
        current.filter(group__in=Among(staff.leads)),
        current.filter(team__in=Among(supervised)),
        Engagement.objects.filter(client__in=Among(staff.emergencies)),
    )
    first, *others = (way.values("client") for way in ways)
    return first.union(*others)
