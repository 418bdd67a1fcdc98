"""Relationships end, and go over from one clinician to another."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone

from accord.clinic.actions import organisations
from accord.clinic.actions.contacts import locked
from accord.clinic.actors import Actor
from accord.clinic.audit import record_event
from accord.clinic.models import Engagement, Person
from accord.clinic.policy import Action, check
from accord.records import InputError


@transaction.atomic
def end(*, engagement: Engagement, until: date, why: str, by: Actor) -> Engagement:
    """The last day of a relationship, and why. Raises `InputError` where it has ended before today."""
    check(by, Action.ADMINISTER, engagement.organisation)
    held = locked(engagement)
    if held.until is not None and held.until < timezone.localdate():
        raise InputError("a relationship that goes on", found=f"one that ended on {held.until}")
    if until < held.since:
        raise InputError(f"a last day not before {held.since}, its first", found=str(until))
    held.until, held.why_ended = until, Engagement.WhyEnded(why).value
    held.save(update_fields=["until", "why_ended"])
    fields = ["until", "why_ended"]
    record_event(by=by, action="engagement.end", subject=held, client_id=held.client_id, fields=fields)
    return held


@transaction.atomic
def hand_over(*, engagement: Engagement, to: Person, day: date, why: str, by: Actor) -> Engagement:
    """End a relationship and begin the one that takes over from it, both on `day`. Returns the new one."""
    old = end(engagement=engagement, until=day, why=why, by=by)
    if to.organisation_id != old.organisation_id or not to.is_staff or to.pk == old.clinician_id:
        raise InputError("another member of this organisation's staff", found=to.name)
    return organisations.engage(
        client=old.client,
        clinician=to,
        team=old.team,
        role=old.role,
        since=day,
        took_over_from=old,
        by=by,
    )
