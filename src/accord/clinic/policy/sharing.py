"""Querysets of reactions visible to their author or shared with somebody. None once the author has left."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from accord.clinic.models import Membership, Person
from accord.clinic.models.fact import replaced
from accord.clinic.models.reaction import Reaction, ReactionSharing
from accord.clinic.models.span import going_on
from accord.clinic.policy.relation_queries import roles
from accord.clinic.policy.table import Relation, roles_granting


def authored(person: Person, today: date | None = None) -> QuerySet[Reaction]:
    """The person's own reactions; none for somebody who works here no longer."""
    works = roles(person, today).filter(role__in=roles_granting(Relation.AUTHOR))
    return Reaction.objects.filter(Exists(works), author=person)


def shared_with(person: Person, today: date | None = None) -> QuerySet[ReactionSharing]:
    """Current sharings with this person or a team they work in, by authors who still work here."""
    today = today or timezone.localdate()
    mine = roles(person, today).filter(role__in=roles_granting(Relation.SHARED_WITH))
    author_works = Membership.objects.filter(
        going_on(today), person=OuterRef("reaction__author"), role__in=roles_granting(Relation.AUTHOR)
    )
    account = "reaction__author__account"
    open_account = Q(**{f"{account}__isnull": True}) | Q(**{f"{account}__is_active": True})
    # Two queries, each of which begins at an index: with an "or" between them no index may serve.
    to_person = ReactionSharing.objects.filter(Exists(mine), person=person).values("pk")
    to_team = ReactionSharing.objects.filter(team__in=mine.values("team")).values("pk")
    return ReactionSharing.objects.filter(
        Exists(author_works),
        open_account,
        ~replaced(ReactionSharing),
        pk__in=to_person.union(to_team),
        taken_back=False,
    )
