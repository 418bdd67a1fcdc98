"""Querysets of what a person may see: the same answers as `can`, for many rows at once."""

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
from accord.clinic.policy.among import Among
from accord.clinic.policy.direct_relations import DIRECT, NONE, DirectRelations, direct_relations
from accord.clinic.policy.record_path import record_path_of
from accord.clinic.policy.relation_queries import current_engagements, no_relation, not_undone
from accord.clinic.policy.relations import is_confirmed
from accord.clinic.policy.table import NO_RELATION, Action, Relation, roles_granting

RowT = TypeVar("RowT", bound=Model)


def visible_to(
    person: Person, today: date | None = None, action: Action = Action.SEE_CLIENT
) -> QuerySet[Engagement]:
    """Relationships on which `person` may perform `action` (default: see the client's page).

    For a treating clinician all relationships of a client they work with, ended ones too; for a supervisor
    those of the own teams for clients whom that team treats; for a peer worker the own relationship.
    """
    today, asked = today or timezone.localdate(), table.TABLE[action]
    if asked.isdisjoint(NO_RELATION):
        return Engagement.objects.filter(pk__in=_direct(person, today, asked).engagements(asked))
    if not _may_see(person):
        return Engagement.objects.none()
    # As an expression, which no index has: a database that began at the organisation would read all of it.
    rows = Engagement.objects.alias(within=Coalesce("organisation_id", "organisation_id"))
    return rows.filter(not_undone(), _condition(person, today, asked), within=person.organisation_id)


def _direct(person: Person, today: date, asked: frozenset[Relation]) -> DirectRelations:
    """The direct relations of this person, unless none of those asked can be among them."""
    return NONE if asked.isdisjoint(DIRECT) or not _may_see(person) else direct_relations(person, today)


def _may_see(person: Person) -> bool:
    """Whether a relationship could open anything to this person."""
    return person.is_staff and is_confirmed(person)


def _condition(person: Person, today: date, asked: Collection[Relation]) -> Q:
    """A condition on `Engagement`; relations of `NO_RELATION` hold only without a direct one."""
    direct = direct_relations(person, today)
    related = Q(pk__in=direct.engagements(DIRECT.intersection(asked)))
    if NO_RELATION.isdisjoint(asked):
        return related
    unrelated = reduce(
        or_, (way for relation, way in no_relation(person, today).items() if relation in asked)
    )
    return related | unrelated & ~Q(pk__in=direct.engagements(DIRECT))


def marked(
    rows: QuerySet[Engagement], person: Person, today: date, action: Action, name: str
) -> QuerySet[Engagement]:
    """The same relationships, annotated as `name` with whether `person` may perform `action`."""
    related = _condition(person, today, table.TABLE[action])
    return rows.annotate(**{name: ExpressionWrapper(related, BooleanField())})


def clients_visible_to(
    person: Person, today: date | None = None, action: Action = Action.SEE_CLIENT
) -> QuerySet[Person]:
    """Clients on whom `person` may perform `action` (default: see their page)."""
    return Person.objects.filter(pk__in=_clients(person, today, action))


def _clients(person: Person, today: date | None, action: Action) -> Among | QuerySet[Engagement, Any]:
    """Ids of clients on whom `person` may perform `action`."""
    today, asked = today or timezone.localdate(), table.TABLE[action]
    if asked.isdisjoint(NO_RELATION):
        return _direct(person, today, asked).clients(asked)
    return visible_to(person, today, action).values("client")


def rows_visible_to(
    person: Person, model: type[RowT], action: Action = Action.SEE_CLIENT, today: date | None = None
) -> QuerySet[RowT]:
    """Rows of any model about a client on which `person` may perform `action`."""
    path = record_path_of(model)
    rows: QuerySet[RowT] = model._default_manager.all()
    if path.engagement:
        return rows.filter(**{f"{path.engagement}__in": _engagements(person, today, action)})
    return (
        rows.filter(**{f"{path.client}__in": _clients(person, today, action)}) if path.client else rows.none()
    )


def _engagements(person: Person, today: date | None, action: Action) -> Among | QuerySet[Engagement]:
    """Ids of relationships on which `person` may perform `action`."""
    today, asked = today or timezone.localdate(), table.TABLE[action]
    if asked.isdisjoint(NO_RELATION):
        return _direct(person, today, asked).engagements(asked)
    return visible_to(person, today, action)


def readers(engagement: Engagement, today: date | None = None) -> list[tuple[Person, Relation]]:
    """Everybody who may read this client's answers, with the relation that lets them; shown before each form.

    People whose roles no longer let them read are left out, and bring in no co-leader.
    """
    today = today or timezone.localdate()
    others = [person for other in _treating(engagement, today) for person in _answering(other, today)]
    own = _answering(engagement, today)
    granted = _granted([*own, *others], today)
    reads = {Relation.ENGAGED, Relation.PEER}
    result = {reader: Relation.ENGAGED for reader in own if not reads.isdisjoint(granted[reader])}
    for reader in others:
        if Relation.SHARES in granted[reader]:
            result.setdefault(reader, Relation.SHARES)
    supervisors = Membership.objects.filter(
        going_on(today), team=engagement.team_id, role__in=roles_granting(Relation.SUPERVISES)
    ).select_related("person")
    for membership in supervisors.order_by("person__name"):
        result.setdefault(membership.person, Relation.SUPERVISES)
    return list(result.items())


def _answering(engagement: Engagement, today: date) -> list[Person]:
    """The clinician of a relationship, and the leaders of the group it belongs to where there is one."""
    if engagement.group_id is None:
        return [engagement.clinician]
    leaders = GroupLeader.objects.filter(going_on(today), group=engagement.group_id)
    leading = [leader.person for leader in leaders.select_related("person").order_by("person__name")]
    return [engagement.clinician, *leading]


def _treating(engagement: Engagement, today: date) -> QuerySet[Engagement]:
    """The client's other current relationships whose clinicians read the same answers."""
    current = current_engagements(today).filter(client=engagement.client_id).exclude(pk=engagement.pk)
    return current.exclude(role=Engagement.Role.PEER).select_related("clinician").order_by("clinician__name")


def _granted(people: Collection[Person], today: date) -> Mapping[Person, set[Relation]]:
    """Person -> the relations that their current roles can grant."""
    result: dict[Person, set[Relation]] = {person: set() for person in people}
    roles = Membership.objects.filter(going_on(today), person__in=people).select_related("person")
    for membership in roles:
        result[membership.person] |= table.GRANTED_BY_ROLE[table.Role(membership.role)]
    return result
