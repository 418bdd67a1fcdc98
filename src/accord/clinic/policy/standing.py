"""How people stand to relationships today, said once, as conditions of a query."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accord.clinic.models import BreakGlass, Engagement, GroupLeader, Membership, Person
from accord.clinic.models.span import going_on
from accord.clinic.policy.table import FAR, Relation, bringing


def kept(prefix: str = "") -> Q:
    """Rows that no undone import brought."""
    return Q(**{f"{prefix}batch__isnull": True}) | Q(**{f"{prefix}batch__undone_at__isnull": True})


def standing_engagements(today: date | None = None) -> QuerySet[Engagement]:
    return Engagement.objects.filter(kept(), going_on(today or timezone.localdate()))


def roles(person: Person, today: date | None = None) -> QuerySet[Membership]:
    """What this member of staff works as today, and in which team."""
    return Membership.objects.filter(
        going_on(today or timezone.localdate()), person=person, organisation=person.organisation_id
    )


def holds(person: Person, role: str, today: date | None = None) -> bool:
    """Whether this is staff who has this role today, in whichever team."""
    return person.is_staff and roles(person, today).filter(role=role).exists()


def treats(person: Person, role: str, today: date | None = None) -> bool:
    """Whether a relationship of this role would be this person's to see and to care for."""
    needed = Relation.PEER if role == Engagement.Role.PEER else Relation.ENGAGED
    return person.is_staff and roles(person, today).filter(role__in=bringing(needed)).exists()


def works_clinically(person: Person, today: date | None = None) -> bool:
    """Whether a role of today could bring this person to a client at all."""
    return person.is_staff and roles(person, today).filter(role__in=bringing(*FAR)).exists()


def is_lead(person: Person, today: date | None = None) -> bool:
    return holds(person, Membership.Role.LEAD, today)


def conditions(person: Person, today: date, asked: Collection[Relation]) -> Mapping[Relation, Q]:
    """For each relation asked about that a relationship can bring: which relationships bring it to whom.

    Conditions on `Engagement`. Those of `FAR` hold only where nothing closer does.
    """
    near = {relation: Q(pk__in=any_of(ways)) for relation, ways in near_to(person, today).items()}
    far = _far(person, today) if set(asked) & FAR else {}
    for relation, condition in far.items():
        for closer in near.values():
            condition &= ~closer
        far[relation] = condition
    return {relation: told for relation, told in {**near, **far}.items() if relation in asked}


Ways = tuple[QuerySet[Engagement], ...]


def near_to(person: Person, today: date) -> Mapping[Relation, Ways]:
    """For each relation that is near: the relationships that bring it, undone imports' among them.

    Each way to come near is a query of its own, which begins at an index: so the cost does not grow with the
    programme. Said as one condition with an "or" in it, no index serves, and all relationships are read.
    """
    own = _own(person, today)
    as_peer = Q(role=Engagement.Role.PEER)
    peer = _brings(person, today, Relation.PEER)
    peer_only = peer & ~_brings(person, today, Relation.ENGAGED)
    shares = _brings(person, today, Relation.SHARES)
    for one in own:
        shares &= ~Q(Exists(one.filter(pk=OuterRef("pk"))))
    clients = [one.exclude(as_peer).values("client") for one in own]
    relationships = Engagement.objects.all()
    emergency = Q(client__in=_emergencies(person)) & _brings(person, today, Relation.BREAK_GLASS)
    return {
        Relation.ENGAGED: tuple(
            one.exclude(as_peer).filter(_brings(person, today, Relation.ENGAGED)) for one in own
        ),
        Relation.PEER: tuple(one.filter(peer_only | (as_peer & peer)) for one in own),
        Relation.SHARES: tuple(relationships.filter(shares, client__in=one) for one in clients),
        Relation.BREAK_GLASS: (relationships.filter(emergency),),
        Relation.SUPERVISES: (relationships.filter(_supervised(person, today)),),
    }


def any_of(ways: Ways) -> QuerySet[Any]:
    """Ids of the relationships that one of these ways leads to."""
    first, *others = (way.values("pk") for way in ways)
    return first.union(*others)


def _own(person: Person, today: date) -> Ways:
    """Relationships that are this person's: as the clinician, or as a leader of the group they belong to."""
    led = GroupLeader.objects.filter(going_on(today), person=person).values("group")
    standing = standing_engagements(today)
    return standing.filter(clinician=person), standing.filter(group__in=led)


def _supervised(person: Person, today: date) -> Q:
    treated = standing_engagements(today).filter(client=OuterRef("client"), team=OuterRef("team"))
    teams = roles(person, today).filter(role__in=bringing(Relation.SUPERVISES)).values("team")
    return Q(Exists(treated), team__in=teams)


def _emergencies(person: Person) -> QuerySet[Any]:
    """Ids of the clients whose record is open to this person now, because they said it is an emergency."""
    since = timezone.now() - BreakGlass.LASTS
    return BreakGlass.objects.filter(by=person, opened_at__gt=since).values("client")


def _far(person: Person, today: date) -> dict[Relation, Q]:
    clinical = _brings(person, today, *FAR)
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


def _brings(person: Person, today: date, *relations: Relation) -> Q:
    """True for everything or for nothing: whether a role of this person can bring one of these."""
    return Q(Exists(roles(person, today).filter(role__in=bringing(*relations))))
