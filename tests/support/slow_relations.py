"""The slow version of the policy: each relation of people to relationships as a query of its own.

The policy works out the same from plain rows; tests hold the two side by side.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accord.clinic.models import Engagement, GroupLeader, Person
from accord.clinic.models.span import going_on
from accord.clinic.policy.relation_queries import (
    current_engagements,
    no_relation,
    not_undone,
    opened_in_emergency,
    roles,
)
from accord.clinic.policy.table import NO_RELATION, Relation, roles_granting


def conditions(person: Person, today: date, asked: Collection[Relation]) -> Mapping[Relation, Q]:
    """Relation -> condition on `Engagement` for the relationships that give `person` this relation.

    Conditions of `NO_RELATION` hold only without a direct relation.
    """
    with_no_relation = not NO_RELATION.isdisjoint(asked)
    wanted = DIRECT if with_no_relation else DIRECT.intersection(asked)
    direct = {
        relation: Q(pk__in=any_of(ways)) for relation, ways in direct_relations(person, today, wanted).items()
    }
    unrelated = no_relation(person, today) if with_no_relation else {}
    for relation, condition in unrelated.items():
        for closer in direct.values():
            condition &= ~closer
        unrelated[relation] = condition
    return {
        relation: condition_of
        for relation, condition_of in {**direct, **unrelated}.items()
        if relation in asked
    }


Queries = tuple[QuerySet[Engagement], ...]


def direct_relations(person: Person, today: date, asked: Collection[Relation]) -> Mapping[Relation, Queries]:
    """Direct relation -> queries of the relationships that give it, including those of undone imports.

    Each way to a relation is a query of its own, which starts at an index, so the cost does not grow with the
    programme. With one condition joined by "or", no index applies and all relationships are read.
    """
    result: dict[Relation, Queries] = {}
    for relation in DIRECT.intersection(asked):
        granting = Exists(roles(person, today).filter(role__in=roles_granting(relation)))
        result[relation] = tuple(
            query.filter(granting) for query in RELATION_QUERIES[relation](person, today)
        )
    return result


def _as_clinician(person: Person, today: date) -> Queries:
    return tuple(query.exclude(role=Engagement.Role.PEER) for query in _own(person, today))


def _as_peer(person: Person, today: date) -> Queries:
    """Own relationships as a peer worker; all of them for a person with no clinical role."""
    treating = Exists(roles(person, today).filter(role__in=roles_granting(Relation.ENGAGED)))
    as_peer = Q(role=Engagement.Role.PEER) | ~Q(treating)
    return tuple(query.filter(as_peer) for query in _own(person, today))


def _as_co_clinician(person: Person, today: date) -> Queries:
    """Others' relationships with the clients of one's own.

    Which of them are one's own is asked of the row itself: PostgreSQL puts no more than eight tables in an
    order of its own choice, and would begin with every relationship where there are more.
    """
    led = Exists(leading(person, today).filter(group=OuterRef("group")))
    own = not_undone() & going_on(today) & (Q(clinician=person) | Q(led))
    others = Engagement.objects.filter(~own)
    return tuple(others.filter(client__in=query.values("client")) for query in _as_clinician(person, today))


def _in_emergency(person: Person, today: date) -> Queries:
    """Relationships of clients whose record this person opened in an emergency that still lasts."""
    opened = opened_in_emergency(person)
    return (Engagement.objects.filter(client__in=opened.values("client")),)


def _supervised(person: Person, today: date) -> Queries:
    treated = current_engagements(today).filter(client=OuterRef("client"), team=OuterRef("team"))
    teams = roles(person, today).filter(role__in=roles_granting(Relation.SUPERVISES)).values("team")
    return (Engagement.objects.filter(Exists(treated), team__in=teams),)


RELATION_QUERIES: Mapping[Relation, Callable[[Person, date], Queries]] = {
    Relation.ENGAGED: _as_clinician,
    Relation.PEER: _as_peer,
    Relation.SHARES: _as_co_clinician,
    Relation.BREAK_GLASS: _in_emergency,
    Relation.SUPERVISES: _supervised,
}
DIRECT = frozenset(RELATION_QUERIES)


def any_of(queries: Queries) -> QuerySet[Any]:
    """Ids of the relationships that any of these queries returns."""
    first, *others = (query.values("pk") for query in queries)
    return first.union(*others)


def _own(person: Person, today: date) -> Queries:
    """The person's own relationships: as clinician, or as a leader of their group."""
    current = current_engagements(today)
    led = leading(person, today).values("group")
    return current.filter(clinician=person), current.filter(group__in=led)


def leading(person: Person, today: date) -> QuerySet[GroupLeader]:
    """The person's current leaderships of groups."""
    return GroupLeader.objects.filter(going_on(today), person=person)
