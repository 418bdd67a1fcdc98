"""Opening a record in an emergency, and the list of those for programme leads."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accord.clinic.accounts.second_step import second_step_again
from accord.clinic.audit import audit_reads
from accord.clinic.clinician.emergency import actions as break_glass
from accord.clinic.clinician.emergency.forms import BreakGlassForm
from accord.clinic.clinician.emergency.frequency import MANY, in_a_day
from accord.clinic.clinician.emergency.queries import asked_in_vain, clients_called, often, openings
from accord.clinic.models import BreakGlass, Person
from accord.clinic.policy import Action, Denied, can, possible_actions
from accord.clinic.web.support import for_staff, who
from accord.errors import InputError


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def ask(request: HttpRequest) -> HttpResponse:
    if Action.BREAK_GLASS not in possible_actions(who(request)):
        raise Denied("no role that treats clients")
    return _form(request)


@second_step_again
def _form(request: HttpRequest) -> HttpResponse:
    form = BreakGlassForm(request.POST or None)
    if form.is_bound and form.is_valid() and (client := _opened(request, form)):
        return redirect("client", client.pk)
    return render(request, "clinic/break_glass.html", {"form": form}, status=400 if form.is_bound else 200)


def _opened(request: HttpRequest, form: BreakGlassForm) -> Person | None:
    """The client whose record is open now, or None with an error added to the form."""
    called, reason, by = form.cleaned_data["client"], form.cleaned_data["reason"], who(request)
    clients = clients_called(by, called)
    if len(clients) == 1 and can(by, Action.SEE_CLIENT, clients[0]):
        return clients[0]
    try:
        if len(clients) == 1:
            return _opened_now(request, clients[0], reason)
        break_glass.ask_in_vain(called=called, reason=reason, by=by)
    except InputError as error:  # before anything is said of the name
        form.add_error("reason", error.sentence(gettext))
        return None
    form.add_error(
        "client",
        _(
            "There is no single client with exactly this name or code. Check the spelling, or use the code. "
            "What you asked for is kept for the programme lead."
        ),
    )
    return None


def _opened_now(request: HttpRequest, client: Person, reason: str) -> Person:
    break_glass.open_record(client=client, reason=reason, by=who(request))
    number = in_a_day(who(request), timezone.now())
    if number >= MANY:
        message = _(
            "You asked for %(n)s records in 24 hours. Programme leads find this on their page. You can go on."
        )
        messages.warning(request, message % {"n": number})
    return client


@require_safe
@for_staff
def show(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    shown = openings(who(request), now)
    audit_reads.emergencies(client_ids=[opening.client_id for opening in shown], by=who(request), now=now)
    context = {
        "openings": shown,
        "in_vain": asked_in_vain(who(request), now),
        "often": often(who(request), now),
    }
    return render(request, "clinic/break_glass_list.html", context)


@require_POST
@for_staff
def seen(request: HttpRequest, opening_id: UUID) -> HttpResponse:
    opening = BreakGlass.objects.get(pk=opening_id)
    break_glass.review(opening=opening, by=who(request))
    return redirect("break-glass-list")
