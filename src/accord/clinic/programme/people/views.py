"""Pages about people for those who administer: the list, one person, names, roles in teams."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accord.clinic.audit import readings
from accord.clinic.models import Membership, Person, Team
from accord.clinic.policy import Action, check
from accord.clinic.programme.people import actions as organisations
from accord.clinic.programme.people import queries as programme
from accord.clinic.programme.people.forms import LastDayForm, NameForm, PersonForm, RoleForm
from accord.clinic.web.asks import ASKS
from accord.clinic.web.form_pages import Asked, form_page
from accord.clinic.web.support import again, for_staff, who


@require_safe
@for_staff
def show_all(request: HttpRequest) -> HttpResponse:
    kind = Person.Kind.STAFF if request.GET.get("kind") == Person.Kind.STAFF else Person.Kind.CLIENT
    words, page = request.GET.get("words", "").strip(), request.GET.get("page", "1")
    found = programme.people(
        who(request),
        kind=kind,
        words=words,
        page=int(page) if page.isdecimal() and len(page) < 7 else 1,
        today=timezone.localdate(),
    )
    if kind == Person.Kind.CLIENT:
        ids = [listed.person.pk for listed in found.people]
        readings.people(client_ids=ids, by=who(request), now=timezone.now())
    context = {"found": found, "kind": kind, "kinds": Person.Kind.choices, "words": words}
    return render(request, "clinic/programme/people.html", context)


@require_safe
@for_staff
def show(request: HttpRequest, person_id: UUID) -> HttpResponse:
    page = programme.person_page(who(request), person_id, timezone.localdate())
    readings.person(person=page.person, by=who(request))
    if page.person.is_staff:
        ids = [engagement.client_id for engagement in page.engagements]
        readings.caseload(leaver=page.person, client_ids=ids, by=who(request))
    return render(request, "clinic/programme/person.html", {"page": page, "client": page.person})


@ASKS
@for_staff
def new(request: HttpRequest) -> HttpResponse:
    organisation = who(request).organisation
    check(who(request), Action.ADMINISTER, organisation)
    asked = Asked(
        title=_("Add somebody"),
        button=_("Add"),
        back=reverse("people"),
        told=(_("This puts them into the record. It gives nobody a sign-in."),),
    )
    form = PersonForm(request.POST or None, initial={"kind": request.GET.get("kind", "client")})
    return form_page(
        request,
        asked,
        form,
        lambda told: redirect(
            "person", organisations.add_person(organisation=organisation, by=who(request), **told).pk
        ),
    )


@ASKS
@for_staff
def rename(request: HttpRequest, person_id: UUID) -> HttpResponse:
    person = programme.administered(who(request), Person, person_id)
    asked = Asked(_("Another name"), _("Keep"), reverse("person", args=[person.pk]), about=person)
    form = NameForm(request.POST or None, initial={"name": person.name})
    return form_page(
        request, asked, form, lambda told: organisations.rename(person=person, by=who(request), **told)
    )


@ASKS
@for_staff
@again
def join(request: HttpRequest, person_id: UUID) -> HttpResponse:
    person = programme.administered(who(request), Person, person_id)
    asked = Asked(
        title=_("A role in a team"),
        button=_("Add"),
        back=reverse("person", args=[person.pk]),
        told=(
            _("A role opens pages from its first day on. Whoever has several roles has all that each opens."),
        ),
        about=person,
    )
    form = RoleForm(request.POST or None, organisation=person.organisation_id)
    return form_page(
        request, asked, form, lambda told: organisations.join(person=person, by=who(request), **told)
    )


@ASKS
@for_staff
@again
def leave(request: HttpRequest, membership_id: UUID) -> HttpResponse:
    membership = programme.administered(who(request), Membership, membership_id, "person", "team")
    told = {"role": membership.get_role_display(), "team": membership.team.name}
    asked = Asked(
        title=_("The last day as %(role)s in %(team)s") % told,
        button=_("Keep"),
        back=reverse("person", args=[membership.person_id]),
        told=(_("What this role opens is closed from the day after."),),
        about=membership.person,
    )
    form = LastDayForm(request.POST or None)
    return form_page(
        request, asked, form, lambda told: organisations.leave(membership=membership, by=who(request), **told)
    )


@require_safe
@for_staff
def teams(request: HttpRequest) -> HttpResponse:
    found = programme.teams(who(request), timezone.localdate())
    return render(request, "clinic/programme/teams.html", {"teams": found})


@ASKS
@for_staff
def new_team(request: HttpRequest) -> HttpResponse:
    organisation = who(request).organisation
    check(who(request), Action.ADMINISTER, organisation)
    asked = Asked(_("Add a team"), _("Add"), reverse("teams"))
    form = NameForm(request.POST or None)
    return form_page(
        request,
        asked,
        form,
        lambda told: organisations.team(organisation=organisation, by=who(request), **told),
    )


@ASKS
@for_staff
def rename_team(request: HttpRequest, team_id: UUID) -> HttpResponse:
    team = programme.administered(who(request), Team, team_id)
    asked = Asked(_("Another name for this team"), _("Keep"), reverse("teams"))
    form = NameForm(request.POST or None, initial={"name": team.name})
    return form_page(
        request, asked, form, lambda told: organisations.rename_team(team=team, by=who(request), **told)
    )
