"""Meetings of a relationship: which one comes next, and its date."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accord.clinic.actors import Actor
from accord.clinic.audit import record_event
from accord.clinic.models import Contact, Engagement
from accord.clinic.queries import facts
from accord.records import InputError


def locked(engagement: Engagement) -> Engagement:
    """The relationship, held by this transaction: its facts change one writer at a time."""
    return Engagement.objects.select_for_update().get(pk=engagement.pk)


def locked_all(engagement_ids: Iterable[UUID]) -> None:
    """Hold many relationships, always in the same order; before the first event of an action is written."""
    rows = Engagement.objects.select_for_update().filter(pk__in=list(engagement_ids)).order_by("pk")
    list(rows.values_list("pk"))


@transaction.atomic
def record(*, engagement: Engagement, day: date, by: Actor) -> Contact:
    """The next contact of a relationship. Raises `InputError` for a day before its latest contact."""
    held = locked(engagement)
    latest = facts.standing_contacts().filter(engagement=held).order_by("-session").first()
    if latest and latest.day and day < latest.day:
        raise InputError(f"a day not before {latest.day}, the latest contact", found=str(day))
    contact = Contact.objects.create(
        organisation_id=held.organisation_id,
        engagement=held,
        session=latest.session + 1 if latest else 1,
        day=day,
        made_at=timezone.now(),
    )
    fields = ["session", "day"]
    record_event(by=by, action="contact.record", subject=contact, client_id=held.client_id, fields=fields)
    return contact


def open_contact(engagement: Engagement, day: date, instrument: str, rater: str) -> Contact | None:
    """The latest contact, if it is of this day and this rater has not yet filled the form about it."""
    latest = facts.standing_contacts().filter(engagement=engagement).order_by("-session").first()
    if latest is None or latest.day != day:
        return None
    filled = facts.standing_checkins().filter(contact=latest, instrument=instrument, rater=rater)
    return None if filled.exists() else latest
