"""Pages to begin, end and correct episodes of care and relationships; an end is previewed first."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from accord.clinic.facts import care
from accord.clinic.models import CareEpisode, Engagement, Person
from accord.clinic.policy import Action, can, clients_visible_to
from accord.clinic.programme.care import episodes as care_episodes
from accord.clinic.programme.care import relationships as care_relationships
from accord.clinic.programme.care.forms import (
    CareCorrectionForm,
    CareEndForm,
    CareForm,
    RelationshipEndForm,
    RelationshipForm,
)
from accord.clinic.programme.people import actions as people_actions
from accord.clinic.programme.people import queries as people_queries
from accord.clinic.web.form_methods import FORM_METHODS
from accord.clinic.web.form_pages import FormPage, form_page, record_read
from accord.clinic.web.support import for_staff, who


@FORM_METHODS
@for_staff
def begin(request: HttpRequest, person_id: UUID) -> HttpResponse:
    client = _client(who(request), person_id)
    asked = FormPage(_("An episode of care begins"), _("Begin"), _back(who(request), client), about=client)
    return form_page(
        request,
        asked,
        CareForm(request.POST or None),
        lambda cleaned: care_episodes.begin(client=client, by=who(request), **cleaned),
    )


@FORM_METHODS
@for_staff
def end(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    episode = _episode(who(request), episode_id)
    asked = FormPage(
        title=_("An episode of care ends"),
        button=_("Look at what ends with it"),
        back=_back(who(request), episode.client),
        paragraphs=(_("Nothing is written yet."),),
        about=episode.client,
    )

    def act(cleaned: dict[str, Any]) -> HttpResponse | None:
        if "confirmed" in request.POST:
            care_episodes.end(episode=episode, by=who(request), **cleaned)
            return None
        ending = care_episodes.preview_end(episode=episode, until=cleaned["until"], by=who(request))
        reason = CareEpisode.EndReason(cleaned["reason"])
        record_read(asked, who(request))
        context = {"asked": asked, "ending": ending, "reason": reason, "client": episode.client}
        return render(request, "clinic/programme/care_end.html", context)

    return form_page(request, asked, CareEndForm(request.POST or None), act)


@FORM_METHODS
@for_staff
def correct(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    episode = _episode(who(request), episode_id)
    fields = ("since", "method", "method_words", "planned_end", "until", "end_reason")
    asked = FormPage(
        title=_("Correct an episode of care"),
        button=_("Save the correction"),
        back=_back(who(request), episode.client),
        paragraphs=(_("The earlier entry is kept too. Relationships stay as they are."),),
        about=episode.client,
    )
    form = CareCorrectionForm(request.POST or None, initial={name: getattr(episode, name) for name in fields})
    return form_page(
        request,
        asked,
        form,
        lambda cleaned: care_episodes.correct(episode=episode, by=who(request), **cleaned),
    )


@FORM_METHODS
@for_staff
def new_relationship(request: HttpRequest, person_id: UUID) -> HttpResponse:
    client = people_queries.administered(who(request), Person, person_id)
    asked = FormPage(
        title=_("A relationship begins"),
        button=_("Add"),
        back=reverse("person", args=[client.pk]),
        paragraphs=(_("From its first day on, the clinician sees this client's page."),),
        about=client,
    )
    form = RelationshipForm(request.POST or None, organisation=client.organisation_id)
    return form_page(
        request,
        asked,
        form,
        lambda cleaned: people_actions.start_relationship(client=client, by=who(request), **cleaned),
    )


@FORM_METHODS
@for_staff
def end_relationship(request: HttpRequest, engagement_id: UUID) -> HttpResponse:
    engagement = people_queries.administered(
        who(request), Engagement, engagement_id, "client", "clinician", "group"
    )
    whom = engagement.group or engagement.clinician
    asked = FormPage(
        title=_("The relationship with %(whom)s ends") % {"whom": whom},
        button=_("End the relationship"),
        back=reverse("person", args=[engagement.client_id]),
        paragraphs=(
            _("After its last day the clinician sees this client's page no more, and no form is sent."),
        ),
        about=engagement.client,
    )
    form = RelationshipEndForm(request.POST or None)
    return form_page(
        request,
        asked,
        form,
        lambda cleaned: care_relationships.end(engagement=engagement, by=who(request), **cleaned),
    )


def _client(viewer: Person, person_id: UUID) -> Person:
    """The client whose care the viewer may change. Raises `DoesNotExist` for any other."""
    if can(viewer, Action.ADMINISTER, viewer.organisation):
        clients = Person.objects.filter(organisation=viewer.organisation_id, kind=Person.Kind.CLIENT)
    else:
        clients = clients_visible_to(viewer, action=Action.KEEP_EPISODES)
    return clients.select_related("organisation").get(pk=person_id)


def _episode(viewer: Person, episode_id: UUID) -> CareEpisode:
    episode = care.current_episodes().get(pk=episode_id)
    episode.client = _client(viewer, episode.client_id)
    return episode


def _back(viewer: Person, client: Person) -> str:
    """Address of the page about this client that the viewer may open."""
    if can(viewer, Action.ADMINISTER, viewer.organisation):
        return reverse("person", args=[client.pk])
    return reverse("client", args=[client.pk])
