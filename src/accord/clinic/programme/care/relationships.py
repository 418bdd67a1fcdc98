"""End relationships and hand them over from one clinician to another."""

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
from accord.clinic.programme.people import actions as people_actions
from accord.errors import FormError


@transaction.atomic
def end(*, engagement: Engagement, until: date, why: str, by: Actor) -> Engagement:
    """End a relationship. Raises `InputError` if it ended before today."""
    check(by, Action.ADMINISTER, engagement.organisation)
    locked_row = locked(engagement)
    if locked_row.until is not None and locked_row.until < timezone.localdate():
        raise FormError(
            _("This relationship already ended, on %(day)s.") % {"day": date_format(locked_row.until)}
        )
    if until < locked_row.since:
        raise FormError(
            _("Choose a last day on or after %(day)s, the first day.")
            % {"day": date_format(locked_row.since)}
        )
    locked_row.until, locked_row.why_ended = until, Engagement.WhyEnded(why).value
    locked_row.save(update_fields=["until", "why_ended"])
    fields = ["until", "why_ended"]
    record_event(
        by=by, action="engagement.end", subject=locked_row, client_id=locked_row.client_id, fields=fields
    )
    return locked_row


@transaction.atomic
def hand_over(*, engagement: Engagement, to: Person, day: date, why: str, by: Actor) -> Engagement:
    """End a relationship and start its successor, both on `day`. Return the successor.

    Flags that were not withdrawn are handed to the new clinician at once.
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
    new = people_actions.start_relationship(
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
