"""Groups: who leads them, who is in them, from when to when."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accord.clinic.audit.write import record_event
from accord.clinic.facts.changed import locked_all
from accord.clinic.facts.groups import leaders_of, members_of
from accord.clinic.models import Engagement, Group, GroupLeader, Person, Team
from accord.clinic.models.actors import Actor
from accord.clinic.policy import Action, check
from accord.clinic.programme.care import relationships as engagements
from accord.clinic.programme.people import actions as organisations
from accord.errors import FormError


@transaction.atomic
def add(*, team: Team, name: str, leader: Person, since: date, by: Actor) -> Group:
    """A new group with its first leader. Raises `InputError` for a name that another group has."""
    check(by, Action.ADMINISTER, team.organisation)
    name = " ".join(name.split())
    if not name or Group.objects.filter(organisation=team.organisation_id, name=name).exists():
        raise FormError(_("Choose a name that no other group has."))
    group = Group.objects.create(organisation=team.organisation, team=team, name=name)
    record_event(by=by, action="group.add", subject=group, fields=["team", "name"])
    add_leader(group=group, person=leader, since=since, by=by)
    return group


@transaction.atomic
def add_leader(*, group: Group, person: Person, since: date, by: Actor) -> GroupLeader:
    check(by, Action.ADMINISTER, group.organisation)
    organisations.refuse_oneself(person, by=by)
    if not person.is_staff or person.organisation_id != group.organisation_id:
        raise FormError(_("Choose somebody of this organisation's staff."))
    try:
        with transaction.atomic():
            leader = GroupLeader.objects.create(
                organisation=group.organisation, group=group, person=person, since=since
            )
    except IntegrityError as error:
        raise FormError(_("%(name)s leads this group already.") % {"name": person.name}) from error
    record_event(by=by, action="group_leader.add", subject=leader, fields=["group", "person", "since"])
    return leader


@transaction.atomic
def end_leader(*, leader: GroupLeader, until: date, by: Actor) -> None:
    """Somebody stops leading; members they answered for go over to another leader in the same transaction.

    Raises `InputError` where nobody else leads the group while it has members.
    """
    check(by, Action.ADMINISTER, leader.organisation)
    held = GroupLeader.objects.select_for_update(no_key=True).get(pk=leader.pk)
    if until < held.since:
        raise FormError(
            _("Choose a last day on or after %(day)s, the first day.") % {"day": date_format(held.since)}
        )
    today = timezone.localdate()
    staying = Q(until__isnull=True) | Q(until__gt=until)
    answered_for = list(members_of(held.group, today).filter(staying, clinician=held.person_id))
    others = leaders_of(held.group, today).exclude(person=held.person_id).order_by("since", "person__name")
    next_leader = others.first()
    locked_all(engagement.pk for engagement in answered_for)
    if answered_for and next_leader is None:
        raise FormError(_("Add another leader before this one stops: the group has members."))
    for engagement in answered_for:
        if next_leader is not None:
            engagements.hand_over(
                engagement=engagement,
                to=next_leader.person,
                day=until,
                why=Engagement.WhyEnded.CHANGE_AGREED,
                by=by,
            )
    held.until = until
    held.save(update_fields=["until"])
    record_event(by=by, action="group_leader.end", subject=held, fields=["until"])


@transaction.atomic
def add_member(*, group: Group, client: Person, since: date, by: Actor) -> Engagement:
    """A client comes into a group: a relationship with the group, for which its first leader answers."""
    check(by, Action.ADMINISTER, group.organisation)
    today = timezone.localdate()
    leader = leaders_of(group, max(since, today)).order_by("since", "person__name").first()
    if leader is None:
        raise FormError(_("Nobody leads this group on that day. Add a leader first."))
    in_it = Engagement.objects.filter(group=group, client=client)
    if in_it.filter(Q(until__isnull=True) | Q(until__gte=since)).exists():
        raise FormError(_("%(name)s is in this group already.") % {"name": client.name})
    return organisations.engage(
        client=client,
        clinician=leader.person,
        team=group.team,
        role=Engagement.Role.GROUP,
        group=group,
        since=since,
        by=by,
    )
