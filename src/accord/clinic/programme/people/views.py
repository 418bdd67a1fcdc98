"""Pages for administrators: people, one person, names, and roles in teams."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accord.clinic.audit import audit_reads
from accord.clinic.models import Membership, Person, Team
from accord.clinic.policy import Action, check
from accord.clinic.programme.people import actions as people_actions
from accord.clinic.programme.people import queries as people_queries
from accord.clinic.programme.people.forms import LastDayForm, NameForm, PersonForm, RoleForm
from accord.clinic.web.form_methods import FORM_METHODS
from accord.clinic.web.form_pages import FormPage, form_page
from accord.clinic.web.support import again, for_staff, who


@require_safe
@for_staff
def show_all(request: HttpRequest) -> HttpResponse:
    kind = Person.Kind.STAFF if request.GET.get("kind") == Person.Kind.STAFF else Person.Kind.CLIENT
    words, page = request.GET.get("words", "").strip(), request.GET.get("page", "1")
    page_of_people = people_queries.people(
        who(request),
        kind=kind,
        words=words,
        page=int(page) if page.isdecimal() and len(page) < 7 else 1,
        today=timezone.localdate(),
    )
    if kind == Person.Kind.CLIENT:
        ids = [listed.person.pk for listed in page_of_people.people]
        audit_reads.people(client_ids=ids, by=who(request), now=timezone.now())
    context = {"found": page_of_people, "kind": kind, "kinds": Person.Kind.choices, "words": words}
    return render(request, "clinic/programme/people.html", context)


@require_safe
@for_staff
def show(request: HttpRequest, person_id: UUID) -> HttpResponse:
    page = people_queries.person_page(who(request), person_id, timezone.localdate())
    audit_reads.person(person=page.person, by=who(request))
    if page.person.is_staff:
        ids = [engagement.client_id for engagement in page.engagements]
        audit_reads.caseload(leaver=page.person, client_ids=ids, by=who(request))
    return render(request, "clinic/programme/person.html", {"page": page, "client": page.person})


@FORM_METHODS
@for_staff
def new(request: HttpRequest) -> HttpResponse:
    organisation = who(request).organisation
    check(who(request), Action.ADMINISTER, organisation)
    asked = FormPage(
        title=_("Add somebody"),
        button=_("Add"),
        back=reverse("people"),
        paragraphs=(_("This adds them to the record. It does not let them sign in."),),
    )
    form = PersonForm(request.POST or None, initial={"kind": request.GET.get("kind", "client")})
    return form_page(
        request,
        asked,
        form,
        lambda cleaned: redirect(
            "person", people_actions.add_person(organisation=organisation, by=who(request), **cleaned).pk
        ),
    )


@FORM_METHODS
@for_staff
def rename(request: HttpRequest, person_id: UUID) -> HttpResponse:
    person = people_queries.administered(who(request), Person, person_id)
    asked = FormPage(_("Rename"), _("Save"), reverse("person", args=[person.pk]), about=person)
    form = NameForm(request.POST or None, initial={"name": person.name})
    return form_page(
        request, asked, form, lambda cleaned: people_actions.rename(person=person, by=who(request), **cleaned)
    )


@FORM_METHODS
@for_staff
@again
def join(request: HttpRequest, person_id: UUID) -> HttpResponse:
    person = people_queries.administered(who(request), Person, person_id)
    asked = FormPage(
        title=_("A role in a team"),
        button=_("Add"),
        back=reverse("person", args=[person.pk]),
        paragraphs=(
            _("A role opens pages from its first day on. People with several roles see the pages of each."),
        ),
        about=person,
    )
    form = RoleForm(request.POST or None, organisation=person.organisation_id)
    return form_page(
        request,
        asked,
        form,
        lambda cleaned: people_actions.give_role(person=person, by=who(request), **cleaned),
    )


@FORM_METHODS
@for_staff
@again
def leave(request: HttpRequest, membership_id: UUID) -> HttpResponse:
    membership = people_queries.administered(who(request), Membership, membership_id, "person", "team")
    words = {"role": membership.get_role_display(), "team": membership.team.name}
    asked = FormPage(
        title=_("The last day as %(role)s in %(team)s") % words,
        button=_("Save"),
        back=reverse("person", args=[membership.person_id]),
        paragraphs=(_("The pages of this role are closed from the day after."),),
        about=membership.person,
    )
    form = LastDayForm(request.POST or None)
    return form_page(
        request,
        asked,
        form,
        lambda cleaned: people_actions.end_role(membership=membership, by=who(request), **cleaned),
    )


@require_safe
@for_staff
def teams(request: HttpRequest) -> HttpResponse:
    rows = people_queries.teams(who(request), timezone.localdate())
    return render(request, "clinic/programme/teams.html", {"teams": rows})


@FORM_METHODS
@for_staff
def new_team(request: HttpRequest) -> HttpResponse:
    organisation = who(request).organisation
    check(who(request), Action.ADMINISTER, organisation)
    asked = FormPage(_("Add a team"), _("Add"), reverse("teams"))
    form = NameForm(request.POST or None)
    return form_page(
        request,
        asked,
        form,
        lambda cleaned: people_actions.get_or_create_team(
            organisation=organisation, by=who(request), **cleaned
        ),
    )


@FORM_METHODS
@for_staff
def rename_team(request: HttpRequest, team_id: UUID) -> HttpResponse:
    team = people_queries.administered(who(request), Team, team_id)
    asked = FormPage(_("Rename this team"), _("Save"), reverse("teams"))
    form = NameForm(request.POST or None, initial={"name": team.name})
    return form_page(
        request,
        asked,
        form,
        lambda cleaned: people_actions.rename_team(team=team, by=who(request), **cleaned),
    )
