"""Queries for the relations between people and relationships today, each defined once."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accord.clinic.models import BreakGlass, Engagement, Membership, Person
from accord.clinic.models.span import going_on
from accord.clinic.policy import table
from accord.clinic.policy.table import NO_RELATION, Action, Relation, roles_granting


def not_undone(prefix: str = "") -> Q:
    """A condition for rows that are not from an undone import."""
    return Q(**{f"{prefix}batch__isnull": True}) | Q(**{f"{prefix}batch__undone_at__isnull": True})


def current_engagements(today: date | None = None) -> QuerySet[Engagement]:
    return Engagement.objects.filter(not_undone(), going_on(today or timezone.localdate()))


def roles(person: Person, today: date | None = None) -> QuerySet[Membership]:
    """Current roles of this member of staff, with their teams."""
    return Membership.objects.filter(going_on(today or timezone.localdate()), person=person)


def keeps_alone(person: Person, today: date | None = None) -> bool:
    """Whether nobody else of the organisation keeps its people and relationships."""
    keepers = Membership.objects.filter(
        going_on(today or timezone.localdate()),
        organisation=person.organisation_id,
        role__in=roles_granting(*table.TABLE[Action.ADMINISTER]),
    )
    return not keepers.exclude(person=person).exists()


def treats(person: Person, role: str, today: date | None = None) -> bool:
    """Whether a relationship of this role would be this person's to see and to care for."""
    needed = Relation.PEER if role == Engagement.Role.PEER else Relation.ENGAGED
    return person.is_staff and roles(person, today).filter(role__in=roles_granting(needed)).exists()


def opened_in_emergency(person: Person) -> QuerySet[BreakGlass]:
    """The emergencies of this person that still last."""
    return BreakGlass.objects.filter(by=person, opened_at__gt=timezone.now() - BreakGlass.LASTS)


def no_relation(person: Person, today: date) -> dict[Relation, Q]:
    """Relation of `NO_RELATION` -> condition on `Engagement`, which holds only without a direct relation."""
    clinical = Q(Exists(roles(person, today).filter(role__in=roles_granting(*NO_RELATION))))
    own_teams = roles(person, today).filter(role__in=roles_granting(*NO_RELATION)).values("team")
    here = Exists(current_engagements(today).filter(client=OuterRef("client"), team__in=own_teams))
    before = Exists(
        Engagement.objects.filter(not_undone(), client=OuterRef("client"), clinician=person, until__lt=today)
    )
    return {
        Relation.SAME_TEAM: clinical & Q(here),
        Relation.OTHER_TEAM: clinical & ~Q(here),
        Relation.FORMER: clinical & Q(before),
    }
