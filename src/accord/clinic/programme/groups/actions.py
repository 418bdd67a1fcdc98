"""Groups with their leaders and members, each from a first to a last day."""

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
from accord.clinic.programme.care import relationships as care_relationships
from accord.clinic.programme.people import actions as people_actions
from accord.clinic.web.names import refuse_hidden_signs
from accord.errors import FormError


@transaction.atomic
def add(*, team: Team, name: str, leader: Person, since: date, by: Actor) -> Group:
    """Create a group with its first leader. Raises `InputError` for a name that another group has."""
    check(by, Action.ADMINISTER, team.organisation)
    name = " ".join(name.split())
    refuse_hidden_signs(name)
    if not name or Group.objects.filter(organisation=team.organisation_id, name=name).exists():
        raise FormError(_("Choose a name that no other group has."))
    group = Group.objects.create(organisation=team.organisation, team=team, name=name)
    record_event(by=by, action="group.add", subject=group, fields=["team", "name"])
    add_leader(group=group, person=leader, since=since, by=by)
    return group


@transaction.atomic
def add_leader(*, group: Group, person: Person, since: date, by: Actor) -> GroupLeader:
    check(by, Action.ADMINISTER, group.organisation)
    people_actions.refuse_own_access(person, by=by)
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
    """End a leader's role; another leader takes over their members in the same transaction.

    Raises `InputError` if the group has members and no other leader.
    """
    check(by, Action.ADMINISTER, leader.organisation)
    locked_row = GroupLeader.objects.select_for_update(no_key=True).get(pk=leader.pk)
    if until < locked_row.since:
        raise FormError(
            _("Choose a last day on or after %(day)s, the first day.")
            % {"day": date_format(locked_row.since)}
        )
    today = timezone.localdate()
    staying = Q(until__isnull=True) | Q(until__gt=until)
    answered_for = list(members_of(locked_row.group, today).filter(staying, clinician=locked_row.person_id))
    others = (
        leaders_of(locked_row.group, today)
        .exclude(person=locked_row.person_id)
        .order_by("since", "person__name")
    )
    next_leader = others.first()
    locked_all(engagement.pk for engagement in answered_for)
    if answered_for and next_leader is None:
        raise FormError(_("Add another leader before this one stops: the group has members."))
    for engagement in answered_for:
        if next_leader is not None:
            care_relationships.hand_over(
                engagement=engagement,
                to=next_leader.person,
                day=until,
                why=Engagement.WhyEnded.CHANGE_AGREED,
                by=by,
            )
    locked_row.until = until
    locked_row.save(update_fields=["until"])
    record_event(by=by, action="group_leader.end", subject=locked_row, fields=["until"])


@transaction.atomic
def add_member(*, group: Group, client: Person, since: date, by: Actor) -> Engagement:
    """Add a client to a group: a relationship for which the group's first leader answers."""
    check(by, Action.ADMINISTER, group.organisation)
    today = timezone.localdate()
    leader = leaders_of(group, max(since, today)).order_by("since", "person__name").first()
    if leader is None:
        raise FormError(_("Nobody leads this group on that day. Add a leader first."))
    in_it = Engagement.objects.filter(group=group, client=client)
    if in_it.filter(Q(until__isnull=True) | Q(until__gte=since)).exists():
        raise FormError(_("%(name)s is in this group already.") % {"name": client.name})
    return people_actions.start_relationship(
        client=client,
        clinician=leader.person,
        team=group.team,
        role=Engagement.Role.GROUP,
        group=group,
        since=since,
        by=by,
    )
