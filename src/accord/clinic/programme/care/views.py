"""Episodes of care and relationships: begun, ended after a look at what ends with them, corrected."""

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
from accord.clinic.programme.care import relationships as engagements
from accord.clinic.programme.care.forms import (
    CareCorrectionForm,
    CareEndForm,
    CareForm,
    RelationshipEndForm,
    RelationshipForm,
)
from accord.clinic.programme.people import actions as organisations
from accord.clinic.programme.people import queries as programme
from accord.clinic.web.asks import ASKS
from accord.clinic.web.form_pages import Asked, form_page, tell_reading
from accord.clinic.web.support import for_staff, who


@ASKS
@for_staff
def begin(request: HttpRequest, person_id: UUID) -> HttpResponse:
    client = _client(who(request), person_id)
    asked = Asked(_("An episode of care begins"), _("Begin"), _back(who(request), client), about=client)
    return form_page(
        request,
        asked,
        CareForm(request.POST or None),
        lambda told: care_episodes.begin(client=client, by=who(request), **told),
    )


@ASKS
@for_staff
def end(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    episode = _episode(who(request), episode_id)
    asked = Asked(
        title=_("An episode of care ends"),
        button=_("Look at what ends with it"),
        back=_back(who(request), episode.client),
        told=(_("Nothing is written yet."),),
        about=episode.client,
    )

    def act(told: dict[str, Any]) -> HttpResponse | None:
        if "confirmed" in request.POST:
            care_episodes.end(episode=episode, by=who(request), **told)
            return None
        ending = care_episodes.preview_end(episode=episode, until=told["until"], by=who(request))
        reason = CareEpisode.EndReason(told["reason"])
        tell_reading(asked, who(request))
        context = {"asked": asked, "ending": ending, "reason": reason, "client": episode.client}
        return render(request, "clinic/programme/care_end.html", context)

    return form_page(request, asked, CareEndForm(request.POST or None), act)


@ASKS
@for_staff
def correct(request: HttpRequest, episode_id: UUID) -> HttpResponse:
    episode = _episode(who(request), episode_id)
    fields = ("since", "method", "method_words", "planned_end", "until", "end_reason")
    asked = Asked(
        title=_("Correct an episode of care"),
        button=_("Keep the correction"),
        back=_back(who(request), episode.client),
        told=(_("What stands now is kept too. Relationships stay as they are."),),
        about=episode.client,
    )
    form = CareCorrectionForm(request.POST or None, initial={name: getattr(episode, name) for name in fields})
    return form_page(
        request,
        asked,
        form,
        lambda told: care_episodes.correct(episode=episode, by=who(request), **told),
    )


@ASKS
@for_staff
def new_relationship(request: HttpRequest, person_id: UUID) -> HttpResponse:
    client = programme.administered(who(request), Person, person_id)
    asked = Asked(
        title=_("A relationship begins"),
        button=_("Add"),
        back=reverse("person", args=[client.pk]),
        told=(_("From its first day on, the clinician sees this client's page."),),
        about=client,
    )
    form = RelationshipForm(request.POST or None, organisation=client.organisation_id)
    return form_page(
        request, asked, form, lambda told: organisations.engage(client=client, by=who(request), **told)
    )


@ASKS
@for_staff
def end_relationship(request: HttpRequest, engagement_id: UUID) -> HttpResponse:
    engagement = programme.administered(
        who(request), Engagement, engagement_id, "client", "clinician", "group"
    )
    whom = engagement.group or engagement.clinician
    asked = Asked(
        title=_("The relationship with %(whom)s ends") % {"whom": whom},
        button=_("End it"),
        back=reverse("person", args=[engagement.client_id]),
        told=(_("After its last day the clinician sees this client's page no more, and no form is sent."),),
        about=engagement.client,
    )
    form = RelationshipEndForm(request.POST or None)
    return form_page(
        request, asked, form, lambda told: engagements.end(engagement=engagement, by=who(request), **told)
    )


def _client(viewer: Person, person_id: UUID) -> Person:
    """The client whose care this person may keep. Raises `DoesNotExist` alike for any other."""
    if can(viewer, Action.ADMINISTER, viewer.organisation):
        clients = Person.objects.filter(organisation=viewer.organisation_id, kind=Person.Kind.CLIENT)
    else:
        clients = clients_visible_to(viewer, action=Action.KEEP_EPISODES)
    return clients.select_related("organisation").get(pk=person_id)


def _episode(viewer: Person, episode_id: UUID) -> CareEpisode:
    episode = care.standing().get(pk=episode_id)
    episode.client = _client(viewer, episode.client_id)
    return episode


def _back(viewer: Person, client: Person) -> str:
    """To the page about this person that the viewer may open; the worklist, once a client is out of sight."""
    if can(viewer, Action.ADMINISTER, viewer.organisation):
        return reverse("person", args=[client.pk])
    return reverse("client", args=[client.pk])
