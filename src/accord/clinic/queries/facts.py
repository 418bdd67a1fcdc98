"""The facts that stand: not superseded, not from an undone import."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from hashlib import sha256
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from accord.clinic.models import Assessment, CheckIn, Contact, Engagement
from accord.clinic.policy import kept
from accord.clinic.queries.uses import Purpose, may_use

NEWEST_FIRST = ("-revision", "-made_at")


def standing_checkins() -> QuerySet[CheckIn]:
    return CheckIn.objects.filter(kept(), successor__isnull=True)


def series(organisation_id: UUID) -> list[tuple[str, str]]:
    """Instrument and rater of every series that this organisation's check-ins make."""
    found = standing_checkins().filter(organisation=organisation_id)
    return list(found.values_list("instrument", "rater").distinct().order_by("instrument", "rater"))


def standing_contacts() -> QuerySet[Contact]:
    """Contacts that stand; one of an undone import does while a check-in that stands is about it."""
    about_it = standing_checkins().filter(contact=OuterRef("pk"))
    return Contact.objects.filter(kept() | Exists(about_it), successor__isnull=True)


def unassessed(engagements: QuerySet[Engagement]) -> QuerySet[Engagement]:
    """Those whose facts have changed since they were last assessed, and whose client allows assessing."""
    seen = Assessment.objects.filter(engagement=OuterRef("pk"), revision=OuterRef("revision"))
    return engagements.filter(may_use(Purpose.NOTICING), ~Exists(seen), revision__gt=0)


def of_other_method(version: str) -> QuerySet[Engagement]:
    """Relationships that were assessed, but never by this version of the method."""
    by_any = Assessment.objects.filter(engagement=OuterRef("pk"))
    newer = Exists(by_any.filter(method_version=version))
    return Engagement.objects.filter(may_use(Purpose.NOTICING), Exists(by_any), ~newer)


def newest_assessment(engagement: Engagement) -> Assessment | None:
    return Assessment.objects.filter(engagement=engagement).order_by(*NEWEST_FIRST).first()


def newest_assessments(engagement_ids: Collection[UUID]) -> dict[UUID, Assessment]:
    """The newest assessment of each of these relationships, by the relationship's id."""
    of_one = Assessment.objects.filter(engagement=OuterRef("pk")).order_by(*NEWEST_FIRST).values("pk")[:1]
    ids = Engagement.objects.filter(pk__in=engagement_ids).values_list(Subquery(of_one), flat=True)
    return {row.engagement_id: row for row in Assessment.objects.filter(pk__in=ids)}


def digest(checkins: Iterable[CheckIn], session: int) -> str:
    """A digest of the check-ins up to a session: the same as long as none of them was changed or undone."""
    ids = sorted(checkin.pk.hex for checkin in checkins if checkin.contact.session <= session)
    return sha256("".join(ids).encode()).hexdigest()
