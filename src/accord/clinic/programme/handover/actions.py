"""Hand over the caseload of staff who leave, whole or not at all, and close their sign-in at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accord.clinic.accounts import sign_in_events
from accord.clinic.audit.write import record_event
from accord.clinic.facts import care
from accord.clinic.facts.changed import locked_all
from accord.clinic.facts.groups import leaders_of
from accord.clinic.models import Engagement, GroupLeader, Membership, Person
from accord.clinic.models.actors import Actor
from accord.clinic.policy import Action, check, not_undone
from accord.clinic.programme.care import relationships as care_relationships
from accord.clinic.programme.groups import actions as group_actions
from accord.errors import FormError


@dataclass(frozen=True)
class Caseload:
    """Everything that ends when this person leaves. `over`: relationships of clients whose care has ended."""

    engagements: tuple[Engagement, ...]
    over: tuple[Engagement, ...]
    memberships: tuple[Membership, ...]
    leads: tuple[GroupLeader, ...]


def preview(*, leaver: Person, by: Actor) -> Caseload:
    """Preview a handover; nothing is written."""
    _check(leaver, by)
    today = timezone.localdate()
    ongoing = Q(until__isnull=True) | Q(until__gt=today)
    caseload = Engagement.objects.filter(not_undone(), ongoing, clinician=leaver)
    caseload = caseload.select_related("client", "clinician", "team", "group")
    every = list(caseload.order_by("client__name", "since"))
    left_care = care.ended({engagement.client_id for engagement in every}, today)
    memberships = Membership.objects.filter(ongoing, person=leaver).select_related("team")
    leads = GroupLeader.objects.filter(ongoing, person=leaver).select_related("group")
    return Caseload(
        tuple(engagement for engagement in every if engagement.client_id not in left_care),
        tuple(engagement for engagement in every if engagement.client_id in left_care),
        tuple(memberships.order_by("team__name", "role")),
        tuple(leads.order_by("group__name")),
    )


@transaction.atomic
def hand_over(*, leaver: Person, successors: Mapping[UUID, Person], by: Actor) -> list[Engagement]:
    """Hand each relationship of the leaver to its successor; `successors` by relationship id.

    Open flags go along; a relationship of a client whose care has ended just ends. Return the new
    relationships. Raises `InputError`, with nothing written, unless each has a successor who can take over.
    """
    caseload = preview(leaver=leaver, by=by)
    missing = [
        engagement.client.name for engagement in caseload.engagements if engagement.pk not in successors
    ]
    if missing:
        raise FormError(
            _("Choose a successor for each relationship. Still missing: %(names)s.")
            % {"names": ", ".join(missing)}
        )
    locked_all(engagement.pk for engagement in (*caseload.engagements, *caseload.over))
    today = timezone.localdate()
    for engagement in caseload.over:
        why = Engagement.WhyEnded.TREATMENT_ENDED
        care_relationships.end(engagement=engagement, until=max(today, engagement.since), why=why, by=by)
    successors_made = [
        _hand_over_relationship(engagement, successors[engagement.pk], today, by)
        for engagement in caseload.engagements
    ]
    for leader in caseload.leads:
        group_actions.end_leader(leader=leader, until=max(today, leader.since), by=by)
    for membership in caseload.memberships:
        membership.until = max(today, membership.since)
        membership.save(update_fields=["until"])
        record_event(by=by, action="membership.end", subject=membership, fields=["until"])
    sign_in_events.stop(person=leaver, by=by)
    record_event(by=by, action="person.leave", subject=leaver)
    return successors_made


def _check(leaver: Person, by: Actor) -> None:
    check(by, Action.ADMINISTER, leaver.organisation)
    if not leaver.is_staff or leaver == by:
        raise FormError(
            _("Only somebody else of the staff can be handed over: not yourself, and not a client.")
        )


def _hand_over_relationship(engagement: Engagement, to: Person, day: date, by: Actor) -> Engagement:
    """Hand over a relationship; the successor in a group becomes one of its leaders."""
    if engagement.group and not leaders_of(engagement.group, day).filter(person=to).exists():
        group_actions.add_leader(group=engagement.group, person=to, since=day, by=by)
    return care_relationships.hand_over(
        engagement=engagement, to=to, day=day, why=Engagement.WhyEnded.CLINICIAN_LEFT, by=by
    )
