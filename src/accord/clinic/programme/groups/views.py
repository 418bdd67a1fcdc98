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

from accord.clinic.audit import audit_reads
from accord.clinic.facts.groups import leaders_of, members_of
from accord.clinic.models import ContactReport, Group, GroupLeader
from accord.clinic.models.span import going_on
from accord.clinic.monitoring import contacts
from accord.clinic.policy import Action, Denied, check, visible_to
from accord.clinic.programme.groups import actions as group_actions
from accord.clinic.programme.groups.forms import GroupForm, LeaderForm, MeetingForm, MemberForm
from accord.clinic.programme.people import queries as people_queries
from accord.clinic.programme.people.forms import LastDayForm
from accord.clinic.web.form_methods import FORM_METHODS
from accord.clinic.web.form_pages import FormPage, form_page
from accord.clinic.web.support import again, for_staff, who


@require_safe
@for_staff
def show_all(request: HttpRequest) -> HttpResponse:
    groups = people_queries.groups(who(request), timezone.localdate())
    return render(request, "clinic/programme/groups.html", {"groups": groups})


@require_safe
@for_staff
def show(request: HttpRequest, group_id: UUID) -> HttpResponse:
    group = people_queries.administered(who(request), Group, group_id, "team")
    today = timezone.localdate()
    members = list(members_of(group, today).order_by("client__name"))
    audit_reads.group(group=group, client_ids=[member.client_id for member in members], by=who(request))
    context = {
        "group": group,
        "leaders": leaders_of(group, today).order_by("since"),
        "members": members,
    }
    return render(request, "clinic/programme/group.html", context)


@FORM_METHODS
@for_staff
def meeting(request: HttpRequest, group_id: UUID) -> HttpResponse:
    """Let a leader log a meeting with the attendance of its members."""
    today = timezone.localdate()
    group = Group.objects.get(pk=group_id)
    mine = visible_to(who(request), action=Action.LOG_CONTACT)
    members = list(members_of(group, today).filter(going_on(today), pk__in=mine).order_by("client__name"))
    if not members:
        raise Denied("nobody in this group whose contacts are theirs to log")
    audit_reads.group(group=group, client_ids=[member.client_id for member in members], by=who(request))
    asked = FormPage(
        title=_("%(group)s met") % {"group": group},
        button=_("Save"),
        back=reverse("worklist"),
        paragraphs=(_("Each client in the group gets a contact of this day, or none does."),),
    )
    form = MeetingForm(request.POST or None, members=members)

    def act(cleaned: dict[str, Any]) -> None:
        attended = {
            engagement: contacts.ReportedContact(attendance=attendance, kind=ContactReport.Kind.GROUP)
            for engagement, attendance in form.attendance.items()
        }
        contacts.log_meeting(
            meeting_id=cleaned["meeting_id"], day=cleaned["day"], reported=attended, by=who(request)
        )
        messages.success(request, _("The meeting is logged for everybody in the group."))

    return form_page(request, asked, form, act)


@FORM_METHODS
@for_staff
def new(request: HttpRequest) -> HttpResponse:
    organisation = who(request).organisation
    check(who(request), Action.ADMINISTER, organisation)
    asked = FormPage(_("Add a group"), _("Add"), reverse("groups"))
    return form_page(
        request,
        asked,
        GroupForm(request.POST or None, organisation=organisation.pk),
        lambda cleaned: redirect(
            "group", group_actions.add(leader=cleaned.pop("person"), by=who(request), **cleaned).pk
        ),
    )


@FORM_METHODS
@for_staff
@again
def new_leader(request: HttpRequest, group_id: UUID) -> HttpResponse:
    group = people_queries.administered(who(request), Group, group_id)
    asked = FormPage(
        title=_("A leader for %(group)s") % {"group": group},
        button=_("Add"),
        back=reverse("group", args=[group.pk]),
        paragraphs=(_("The leaders of a group see the pages of the clients in it."),),
    )
    form = LeaderForm(request.POST or None, organisation=group.organisation_id)
    return form_page(
        request,
        asked,
        form,
        lambda cleaned: group_actions.add_leader(group=group, by=who(request), **cleaned),
    )


@FORM_METHODS
@for_staff
def end_leader(request: HttpRequest, leader_id: UUID) -> HttpResponse:
    leader = people_queries.administered(who(request), GroupLeader, leader_id, "group", "person")
    asked = FormPage(
        title=_("%(name)s stops leading %(group)s") % {"name": leader.person, "group": leader.group},
        button=_("Save"),
        back=reverse("group", args=[leader.group_id]),
        paragraphs=(_("Clients they answered for go over to the leader who has led longest."),),
    )
    form = LastDayForm(request.POST or None)
    return form_page(
        request,
        asked,
        form,
        lambda cleaned: group_actions.end_leader(leader=leader, by=who(request), **cleaned),
    )


@FORM_METHODS
@for_staff
def new_member(request: HttpRequest, group_id: UUID) -> HttpResponse:
    group = people_queries.administered(who(request), Group, group_id)
    asked = FormPage(
        _("A client comes into %(group)s") % {"group": group}, _("Add"), reverse("group", args=[group.pk])
    )
    form = MemberForm(request.POST or None, organisation=group.organisation_id)
    return form_page(
        request,
        asked,
        form,
        lambda cleaned: group_actions.add_member(
            group=group, client=cleaned["code"], since=cleaned["since"], by=who(request)
        ),
    )
