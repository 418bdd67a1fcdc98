"""Relationships end, and go over from one clinician to another."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accord.clinic.audit.write import record_event
from accord.clinic.facts.changed import locked
from accord.clinic.models import Engagement, Flag, Person
from accord.clinic.models.actors import Actor
from accord.clinic.policy import Action, check, treats
from accord.clinic.programme.people import actions as organisations
from accord.errors import FormError


@transaction.atomic
def end(*, engagement: Engagement, until: date, why: str, by: Actor) -> Engagement:
    """The last day of a relationship, and why. Raises `InputError` where it has ended before today."""
    check(by, Action.ADMINISTER, engagement.organisation)
    held = locked(engagement)
    if held.until is not None and held.until < timezone.localdate():
        raise FormError(_("This relationship already ended, on %(day)s.") % {"day": date_format(held.until)})
    if until < held.since:
        raise FormError(
            _("Choose a last day on or after %(day)s, the first day.") % {"day": date_format(held.since)}
        )
    held.until, held.why_ended = until, Engagement.WhyEnded(why).value
    held.save(update_fields=["until", "why_ended"])
    fields = ["until", "why_ended"]
    record_event(by=by, action="engagement.end", subject=held, client_id=held.client_id, fields=fields)
    return held


@transaction.atomic
def hand_over(*, engagement: Engagement, to: Person, day: date, why: str, by: Actor) -> Engagement:
    """End a relationship and begin the one that takes over from it, both on `day`. Returns the new one.

    Flags that nobody withdrew go into the hands of whoever takes over, at once.
    """
    if to.pk == engagement.clinician_id:
        raise FormError(
            _("%(name)s has this relationship already. Choose another person.") % {"name": to.name}
        )
    if not treats(to, engagement.role):
        raise FormError(
            _("%(name)s has no role in which they may treat clients. Give them one first.")
            % {"name": to.name}
        )
    planned = engagement.until
    old = end(engagement=engagement, until=max(day, engagement.since), why=why, by=by)
    new = organisations.engage(
        client=old.client,
        clinician=to,
        team=old.team,
        role=old.role,
        group=old.group,
        since=max(day, old.since),
        until=planned,
        took_over_from=old,
        by=by,
    )
    open_flags = Flag.objects.filter(Q(engagement=old, handed_to__isnull=True) | Q(handed_to=old))
    if open_flags.filter(withdrawn_at__isnull=True).update(handed_to=new):
        record_event(
            by=by, action="flag.hand_over", subject=new, client_id=new.client_id, fields=["handed_to"]
        )
    return new
