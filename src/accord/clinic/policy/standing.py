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


def answers_for(person: Person, today: date) -> Q:
    """Relationships that are this person's: as the clinician, or as a leader of the group they belong to."""
    led = GroupLeader.objects.filter(going_on(today), person=person)
    return Q(clinician=person) | Q(group__in=led.values("group"))


def conditions(person: Person, today: date, asked: Collection[Relation]) -> Mapping[Relation, Q]:
    """For each relation asked about that a relationship can bring: which relationships bring it to whom.

    Conditions on `Engagement`. Those of `FAR` hold only where nothing closer does.
    """
    near = _near(person, today)
    far = _far(person, today) if set(asked) & FAR else {}
    for relation, condition in far.items():
        for closer in near.values():
            condition &= ~closer
        far[relation] = condition
    return {relation: told for relation, told in {**near, **far}.items() if relation in asked}


def around(person: Person, today: date) -> QuerySet[Any]:
    """Ids of all relationships near this person, and of some more: a narrowing, which allows nothing.

    One look into an index for each way to come near, so that the cost does not grow with the programme.
    """
    led = GroupLeader.objects.filter(going_on(today), person=person).values("group")
    own = (Q(clinician=person), Q(group__in=led))
    clients = (Engagement.objects.filter(one).values("client") for one in own)
    supervised = roles(person, today).filter(role__in=bringing(Relation.SUPERVISES)).values("team")
    of_clients = (Q(client__in=one) for one in (*clients, _emergencies(person)))
    ways = (*own, *of_clients, Q(team__in=supervised))
    first, *others = (Engagement.objects.filter(way).values("pk") for way in ways)
    return first.union(*others)


def _near(person: Person, today: date) -> dict[Relation, Q]:
    treated = standing_engagements(today).filter(client=OuterRef("client"))
    mine = Q(pk__in=standing_engagements(today).filter(answers_for(person, today)).values("pk"))
    as_peer = Q(role=Engagement.Role.PEER)
    peer_only = _brings(person, today, Relation.PEER) & ~_brings(person, today, Relation.ENGAGED)
    other = standing_engagements(today).filter(answers_for(person, today)).exclude(as_peer).values("client")
    supervised = roles(person, today).filter(role__in=bringing(Relation.SUPERVISES)).values("team")
    return {
        Relation.ENGAGED: mine & ~as_peer & _brings(person, today, Relation.ENGAGED),
        Relation.PEER: mine & (peer_only | (as_peer & _brings(person, today, Relation.PEER))),
        Relation.SHARES: ~mine & Q(client__in=other) & _brings(person, today, Relation.SHARES),
        Relation.BREAK_GLASS: Q(client__in=_emergencies(person))
        & _brings(person, today, Relation.BREAK_GLASS),
        Relation.SUPERVISES: Q(Exists(treated.filter(team=OuterRef("team"))), team__in=supervised),
    }


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
