"""Groups: their list, one group with its leaders and members."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accord.clinic.audit import readings
from accord.clinic.facts.groups import leaders_of, members_of
from accord.clinic.models import ContactReport, Group, GroupLeader
from accord.clinic.models.span import going_on
from accord.clinic.monitoring import contacts
from accord.clinic.policy import Action, Denied, check, visible_to
from accord.clinic.programme.groups import actions as groups
from accord.clinic.programme.groups.forms import GroupForm, LeaderForm, MeetingForm, MemberForm
from accord.clinic.programme.people import queries as programme
from accord.clinic.programme.people.forms import LastDayForm
from accord.clinic.web.asks import ASKS
from accord.clinic.web.form_pages import Asked, form_page
from accord.clinic.web.support import again, for_staff, who


@require_safe
@for_staff
def show_all(request: HttpRequest) -> HttpResponse:
    found = programme.groups(who(request), timezone.localdate())
    return render(request, "clinic/programme/groups.html", {"groups": found})


@require_safe
@for_staff
def show(request: HttpRequest, group_id: UUID) -> HttpResponse:
    group = programme.administered(who(request), Group, group_id, "team")
    today = timezone.localdate()
    members = list(members_of(group, today).order_by("client__name"))
    readings.group(group=group, client_ids=[one.client_id for one in members], by=who(request))
    context = {
        "group": group,
        "leaders": leaders_of(group, today).order_by("since"),
        "members": members,
    }
    return render(request, "clinic/programme/group.html", context)


@ASKS
@for_staff
def meeting(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """For a leader: the group met, and who of its members was there."""
    today = timezone.localdate()
    group = Group.objects.get(pk=group_id)
    mine = visible_to(who(request), action=Action.LOG_CONTACT)
    members = list(members_of(group, today).filter(going_on(today), pk__in=mine).order_by("client__name"))
    if not members:
        raise Denied("nobody in this group whose contacts are theirs to log")
    readings.group(group=group, client_ids=[one.client_id for one in members], by=who(request))
    asked = Asked(
        title=_("%(group)s met") % {"group": group},
        button=_("Keep this"),
        back=reverse("worklist"),
        told=(_("Each client in the group gets a contact of this day, or none does."),),
    )
    form = MeetingForm(request.POST or None, members=members)

    def act(told: dict[str, Any]) -> None:
        attended = {
            one: contacts.Told(attendance=attendance, kind=ContactReport.Kind.GROUP)
            for one, attendance in form.attendance.items()
        }
        contacts.log_meeting(meeting_id=told["meeting_id"], day=told["day"], told=attended, by=who(request))
        messages.success(request, _("The meeting is logged for everybody in the group."))

    return form_page(request, asked, form, act)


@ASKS
@for_staff
def new(request: HttpRequest) -> HttpResponse:
    organisation = who(request).organisation
    check(who(request), Action.ADMINISTER, organisation)
    asked = Asked(_("Add a group"), _("Add"), reverse("groups"))
    return form_page(
        request,
        asked,
        GroupForm(request.POST or None, organisation=organisation.pk),
        lambda told: redirect("group", groups.add(leader=told.pop("person"), by=who(request), **told).pk),
    )


@ASKS
@for_staff
@again
def new_leader(request: HttpRequest, group_id: UUID) -> HttpResponse:
    group = programme.administered(who(request), Group, group_id)
    asked = Asked(
        title=_("A leader for %(group)s") % {"group": group},
        button=_("Add"),
        back=reverse("group", args=[group.pk]),
        told=(_("Whoever leads the group sees the pages of the clients in it."),),
    )
    form = LeaderForm(request.POST or None, organisation=group.organisation_id)
    return form_page(
        request, asked, form, lambda told: groups.add_leader(group=group, by=who(request), **told)
    )


@ASKS
@for_staff
def end_leader(request: HttpRequest, leader_id: UUID) -> HttpResponse:
    leader = programme.administered(who(request), GroupLeader, leader_id, "group", "person")
    asked = Asked(
        title=_("%(name)s stops leading %(group)s") % {"name": leader.person, "group": leader.group},
        button=_("Keep"),
        back=reverse("group", args=[leader.group_id]),
        told=(_("Clients they answered for go over to the leader who has led longest."),),
    )
    form = LastDayForm(request.POST or None)
    return form_page(
        request, asked, form, lambda told: groups.end_leader(leader=leader, by=who(request), **told)
    )


@ASKS
@for_staff
def new_member(request: HttpRequest, group_id: UUID) -> HttpResponse:
    group = programme.administered(who(request), Group, group_id)
    asked = Asked(
        _("A client comes into %(group)s") % {"group": group}, _("Add"), reverse("group", args=[group.pk])
    )
    form = MemberForm(request.POST or None, organisation=group.organisation_id)
    return form_page(
        request,
        asked,
        form,
        lambda told: groups.add_member(
            group=group, client=told["code"], since=told["since"], by=who(request)
        ),
    )
