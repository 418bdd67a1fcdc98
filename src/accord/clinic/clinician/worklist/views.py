"""Pages of the staff: the worklist, the page about a client, what was done, asking for a check-in."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accord.clinic.audit import audit_reads
from accord.clinic.client.checkins import actions as checkins
from accord.clinic.client.own_notes.queries import about, not_open_to
from accord.clinic.clinician.client_page.queries import client_page
from accord.clinic.clinician.emergency import queries as break_glass
from accord.clinic.clinician.worklist.queries import worklist
from accord.clinic.facts import links
from accord.clinic.models import Flag, Response, act_response
from accord.clinic.monitoring import acts, flags
from accord.clinic.policy import Action, clients_visible_to, rows_visible_to
from accord.clinic.web.forms import ActResponseForm, RespondForm
from accord.clinic.web.support import engagement_for, for_staff, who
from accord.errors import FormError

# A closed flag is opened again by a button of its own.
DONE = [choice for choice in Response.Done.choices if choice[0] != Response.Done.REOPENED]
CHOICES = {"done_choices": DONE, "act_choices": act_response.CHOICES}


@require_safe
@for_staff
def show_worklist(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    shown = worklist(who(request), now)
    audit_reads.worklist(client_ids=shown.client_ids, by=who(request), now=now)
    return render(request, "clinic/worklist.html", {"worklist": shown, **CHOICES})


@require_safe
@for_staff
def show_client(request: HttpRequest, client_id: UUID) -> HttpResponse:
    page = client_page(who(request), client_id, timezone.now())
    audit_reads.client(client=page.client, by=who(request))
    context = {"page": page, **CHOICES, "lines": about(who(request), client_id)}
    context["lately_opened"] = break_glass.lately_opened(who(request), client_id, page.as_of)
    if emergency := break_glass.ends_at(who(request), client_id):
        context |= {"emergency": emergency, "not_shown": not_open_to(who(request), client_id)}
    return render(request, "clinic/client.html", context)


@require_POST
@for_staff
def respond(request: HttpRequest, flag_id: UUID) -> HttpResponse:
    flag = rows_visible_to(who(request), Flag).select_related("engagement", "handed_to").get(pk=flag_id)
    form = RespondForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(_("Choose an answer from the list."), content_type="text/plain")
    flags.respond(flag=flag, done=form.cleaned_data["done"], by=who(request))
    return _back(request, flag.engagement.client_id)


@require_POST
@for_staff
def respond_to_acts(request: HttpRequest, client_id: UUID) -> HttpResponse:
    client = clients_visible_to(who(request), action=Action.ANSWER_ACTS).get(pk=client_id)
    form = ActResponseForm(request.POST)
    if not form.is_valid():
        return HttpResponseBadRequest(_("Choose an answer from the list."), content_type="text/plain")
    shown = frozenset(request.POST.getlist("shown"))
    try:
        acts.respond(client=client, shown=shown, done=form.cleaned_data["done"], by=who(request))
    except FormError as error:
        messages.error(request, error.sentence(_))
    return _back(request, client_id)


def _back(request: HttpRequest, client_id: UUID) -> HttpResponse:
    """To the page that the answer was given on: the worklist, or the page about the client."""
    from_worklist = request.POST.get("next") == reverse("worklist")
    return redirect("worklist") if from_worklist else redirect("client", client_id)


@require_POST
@for_staff
def ask(request: HttpRequest, engagement_id: UUID) -> HttpResponse:
    engagement = engagement_for(request, Action.ASK_CHECKIN, engagement_id)
    try:
        contact, token = checkins.ask(engagement=engagement, day=timezone.localdate(), by=who(request))
    except FormError as error:
        return HttpResponseBadRequest(str(error), content_type="text/plain")
    context = {
        "link": settings.ACCORD.url + reverse("checkin", args=[token]),
        "expires": timezone.now() + links.GOOD_FOR,
        "contact": contact,
        "engagement": engagement,
        "client": engagement.client,
    }
    return render(request, "clinic/asked.html", context)
