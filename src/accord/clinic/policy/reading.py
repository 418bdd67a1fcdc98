"""What somebody may see, as queries: the same answers as `can`, for many rows at once."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from functools import reduce
from operator import or_
from typing import Any, TypeVar

from django.db.models import BooleanField, ExpressionWrapper, Model, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from accord.clinic.models import Engagement, GroupLeader, Membership, Person
from accord.clinic.models.span import going_on
from accord.clinic.policy import table
from accord.clinic.policy.record_path import record_path_of
from accord.clinic.policy.relations import is_confirmed
from accord.clinic.policy.standing import NEAR, any_of, conditions, kept, near_to, standing_engagements
from accord.clinic.policy.table import FAR, Action, Relation, bringing

RowT = TypeVar("RowT", bound=Model)


def visible_to(
    person: Person, today: date | None = None, action: Action = Action.SEE_CLIENT
) -> QuerySet[Engagement]:
    """The relationships to which this member of staff may do `action`; without one: whose course they see.

    For a treating clinician all relationships of a client they work with, ended ones too; for a supervisor
    those of the own teams for clients whom that team treats; for a peer worker the own relationship.
    """
    today = today or timezone.localdate()
    asked = table.TABLE[action]
    if not person.is_staff or asked.isdisjoint(NEAR | FAR) or not is_confirmed(person):
        return Engagement.objects.none()
    # As an expression, which no index has: a database that began at the organisation would read all of it.
    rows = Engagement.objects.alias(within=Coalesce("organisation_id", "organisation_id"))
    if asked.isdisjoint(FAR):
        seen = Q(pk__in=_near(person, today, asked))
    else:
        seen = reduce(or_, conditions(person, today, asked).values())
    return rows.filter(kept(), seen, within=person.organisation_id)


def _near(person: Person, today: date, asked: Collection[Relation]) -> QuerySet[Any]:
    """Ids of the relationships that bring one of these relations, each of them near."""
    found = near_to(person, today, asked).values()
    return any_of(tuple(way for ways in found for way in ways))


def marked(
    rows: QuerySet[Engagement], person: Person, today: date, action: Action, name: str
) -> QuerySet[Engagement]:
    """The same relationships, each with whether this member of staff may do `action` to it as `name`."""
    told = conditions(person, today, table.TABLE[action])
    return rows.annotate(**{name: ExpressionWrapper(reduce(or_, told.values()), BooleanField())})


def clients_visible_to(
    person: Person, today: date | None = None, action: Action = Action.SEE_CLIENT
) -> QuerySet[Person]:
    """The clients to whom this member of staff may do `action`; without one: whose page they may open."""
    return Person.objects.filter(pk__in=visible_to(person, today, action).values("client"))


def rows_visible_to(
    person: Person, model: type[RowT], action: Action = Action.SEE_CLIENT, today: date | None = None
) -> QuerySet[RowT]:
    """The rows of any model about a client to which this member of staff may do `action`."""
    path = record_path_of(model)
    seen = visible_to(person, today, action)
    rows: QuerySet[RowT] = model._default_manager.all()
    if path.engagement:
        return rows.filter(**{f"{path.engagement}__in": seen})
    return rows.filter(**{f"{path.client}__in": seen.values("client")}) if path.client else rows.none()


def readers(engagement: Engagement, today: date | None = None) -> list[tuple[Person, Relation]]:
    """Every person who may read what this relationship's client answers, and why: told before each form.

    Whoever has no role any more that would let them read is not among them, and takes no co-leader along.
    """
    today = today or timezone.localdate()
    others = [person for other in _treating(engagement, today) for person in _answering(other, today)]
    own = _answering(engagement, today)
    brought = _brought([*own, *others], today)
    reads = {Relation.ENGAGED, Relation.PEER}
    found = {one: Relation.ENGAGED for one in own if not reads.isdisjoint(brought[one])}
    for one in others:
        if Relation.SHARES in brought[one]:
            found.setdefault(one, Relation.SHARES)
    supervisors = Membership.objects.filter(
        going_on(today), team=engagement.team_id, role__in=bringing(Relation.SUPERVISES)
    ).select_related("person")
    for membership in supervisors.order_by("person__name"):
        found.setdefault(membership.person, Relation.SUPERVISES)
    return list(found.items())


def _answering(engagement: Engagement, today: date) -> list[Person]:
    """The clinician of a relationship, and the leaders of the group it belongs to where there is one."""
    if engagement.group_id is None:
        return [engagement.clinician]
    leaders = GroupLeader.objects.filter(going_on(today), group=engagement.group_id)
    found = [leader.person for leader in leaders.select_related("person").order_by("person__name")]
    return [engagement.clinician, *found]


def _treating(engagement: Engagement, today: date) -> QuerySet[Engagement]:
    """The client's relationships in which what is answered in any of them is read too."""
    standing = standing_engagements(today).filter(client=engagement.client_id).exclude(pk=engagement.pk)
    return standing.exclude(role=Engagement.Role.PEER).select_related("clinician").order_by("clinician__name")


def _brought(people: Collection[Person], today: date) -> Mapping[Person, set[Relation]]:
    """Person -> the relations that their roles of today can bring them."""
    found: dict[Person, set[Relation]] = {one: set() for one in people}
    roles = Membership.objects.filter(going_on(today), person__in=people).select_related("person")
    for membership in roles:
        found[membership.person] |= table.BROUGHT_BY[table.Role(membership.role)]
    return found
