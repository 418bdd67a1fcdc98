"""How people stand to relationships today, said once, as conditions of a query."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accord.clinic.models import BreakGlass, Engagement, GroupLeader, Membership, Person
from accord.clinic.models.span import going_on
from accord.clinic.policy import table
from accord.clinic.policy.table import FAR, Action, Relation, bringing


def kept(prefix: str = "") -> Q:
    """Rows that no undone import brought."""
    return Q(**{f"{prefix}batch__isnull": True}) | Q(**{f"{prefix}batch__undone_at__isnull": True})


def standing_engagements(today: date | None = None) -> QuerySet[Engagement]:
    return Engagement.objects.filter(kept(), going_on(today or timezone.localdate()))


def roles(person: Person, today: date | None = None) -> QuerySet[Membership]:
    """What this member of staff works as today, and in which team."""
    return Membership.objects.filter(going_on(today or timezone.localdate()), person=person)


def keeps_alone(person: Person, today: date | None = None) -> bool:
    """Whether nobody else of the organisation keeps its people and relationships."""
    keepers = Membership.objects.filter(
        going_on(today or timezone.localdate()),
        organisation=person.organisation_id,
        role__in=bringing(*table.TABLE[Action.ADMINISTER]),
    )
    return not keepers.exclude(person=person).exists()


def treats(person: Person, role: str, today: date | None = None) -> bool:
    """Whether a relationship of this role would be this person's to see and to care for."""
    needed = Relation.PEER if role == Engagement.Role.PEER else Relation.ENGAGED
    return person.is_staff and roles(person, today).filter(role__in=bringing(needed)).exists()


def could(person: Person, today: date | None = None) -> frozenset[Action]:
    """What the roles of today could let somebody of the staff do with some record."""
    held = roles(person, today).values_list("role", flat=True) if person.is_staff else ()
    brought = {relation for role in held for relation in table.BROUGHT_BY[table.Role(role)]}
    return frozenset(action for action in Action if not brought.isdisjoint(table.TABLE[action]))


def conditions(
    person: Person, today: date, asked: Collection[Relation], held: Collection[Relation] | None = None
) -> Mapping[Relation, Q]:
    """For each relation asked about that a relationship can bring: which relationships bring it to whom.

    Conditions on `Engagement`. Those of `FAR` hold only where nothing closer does. `held`: what the roles of
    this person can bring, where that is known already, which spares the database the question.
    """
    is_far = not FAR.isdisjoint(asked)
    wanted = NEAR if is_far else NEAR.intersection(asked)
    near = {
        relation: Q(pk__in=any_of(ways)) for relation, ways in near_to(person, today, wanted, held).items()
    }
    far = _far(person, today) if is_far else {}
    for relation, condition in far.items():
        for closer in near.values():
            condition &= ~closer
        far[relation] = condition
    return {relation: told for relation, told in {**near, **far}.items() if relation in asked}


Ways = tuple[QuerySet[Engagement], ...]


def near_to(
    person: Person, today: date, asked: Collection[Relation], held: Collection[Relation] | None = None
) -> Mapping[Relation, Ways]:
    """For each near relation asked about: the relationships that bring it, those of undone imports too.

    Each way to come near is a query of its own, which begins at an index: so the cost does not grow with the
    programme. Said as one condition with an "or" in it, no index serves, and all relationships are read.
    """
    found: dict[Relation, Ways] = {}
    for relation in NEAR.intersection(asked):
        if held is None:
            brings = Q(Exists(roles(person, today).filter(role__in=bringing(relation))))
        elif relation in held:
            brings = Q()
        else:
            continue
        found[relation] = tuple(way.filter(brings) for way in WAYS[relation](person, today))
    return found


def _as_clinician(person: Person, today: date) -> Ways:
    return tuple(one.exclude(role=Engagement.Role.PEER) for one in _own(person, today))


def _as_peer(person: Person, today: date) -> Ways:
    """Of somebody who is a peer worker and no clinician: whatever their relationships were entered as."""
    treating = Exists(roles(person, today).filter(role__in=bringing(Relation.ENGAGED)))
    told = Q(role=Engagement.Role.PEER) | ~Q(treating)
    return tuple(one.filter(told) for one in _own(person, today))


def _beside(person: Person, today: date) -> Ways:
    own = _own(person, today)
    others = Engagement.objects.all()
    for one in own:
        others = others.filter(~Exists(one.filter(pk=OuterRef("pk"))))
    return tuple(others.filter(client__in=one.values("client")) for one in _as_clinician(person, today))


def _in_emergency(person: Person, today: date) -> Ways:
    """Of the clients whose record is open to this person now, because they said it is an emergency."""
    since = timezone.now() - BreakGlass.LASTS
    opened = BreakGlass.objects.filter(by=person, opened_at__gt=since)
    return (Engagement.objects.filter(client__in=opened.values("client")),)


def _supervised(person: Person, today: date) -> Ways:
    treated = standing_engagements(today).filter(client=OuterRef("client"), team=OuterRef("team"))
    teams = roles(person, today).filter(role__in=bringing(Relation.SUPERVISES)).values("team")
    return (Engagement.objects.filter(Exists(treated), team__in=teams),)


WAYS: Mapping[Relation, Callable[[Person, date], Ways]] = {
    Relation.ENGAGED: _as_clinician,
    Relation.PEER: _as_peer,
    Relation.SHARES: _beside,
    Relation.BREAK_GLASS: _in_emergency,
    Relation.SUPERVISES: _supervised,
}
NEAR = frozenset(WAYS)


def any_of(ways: Ways) -> QuerySet[Any]:
    """Ids of the relationships that one of these ways leads to."""
    first, *others = (way.values("pk") for way in ways)
    return first.union(*others)


def _own(person: Person, today: date) -> Ways:
    """Relationships that are this person's: as the clinician, or as a leader of the group they belong to."""
    led = GroupLeader.objects.filter(going_on(today), person=person).values("group")
    standing = standing_engagements(today)
    return standing.filter(clinician=person), standing.filter(group__in=led)


def _far(person: Person, today: date) -> dict[Relation, Q]:
    clinical = Q(Exists(roles(person, today).filter(role__in=bringing(*FAR))))
    own_teams = roles(person, today).filter(role__in=bringing(*FAR)).values("team")
    here = Exists(standing_engagements(today).filter(client=OuterRef("client"), team__in=own_teams))
    before = Exists(
        Engagement.objects.filter(kept(), client=OuterRef("client"), clinician=person, until__lt=today)
    )
    return {
        Relation.SAME_TEAM: clinical & Q(here),
        Relation.OTHER_TEAM: clinical & ~Q(here),
        Relation.FORMER: clinical & Q(before),
    }
