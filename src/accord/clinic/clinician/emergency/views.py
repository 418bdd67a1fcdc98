"""Opening a record in an emergency, and the list of those for the programme lead."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accord.clinic.audit import audit_reads
from accord.clinic.clinician.emergency import actions as break_glass
from accord.clinic.clinician.emergency.forms import BreakGlassForm
from accord.clinic.clinician.emergency.queries import clients_called, openings
from accord.clinic.models import BreakGlass, Person
from accord.clinic.policy import Action, Denied, can, possible_actions
from accord.clinic.web.support import for_staff, who
from accord.errors import InputError


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def ask(request: HttpRequest) -> HttpResponse:
    if Action.BREAK_GLASS not in possible_actions(who(request)):
        raise Denied("no role that treats clients")
    form = BreakGlassForm(request.POST or None)
    if form.is_bound and form.is_valid() and (client := _opened(request, form)):
        return redirect("client", client.pk)
    return render(request, "clinic/break_glass.html", {"form": form}, status=400 if form.is_bound else 200)


def _opened(request: HttpRequest, form: BreakGlassForm) -> Person | None:
    """The client whose record is open now, or None with an error added to the form."""
    clients = clients_called(who(request), form.cleaned_data["client"])
    if len(clients) != 1:
        several = _("More than one client has this name. Enter the code instead.")
        none = _("No client has exactly this name or code. Check the spelling, or use the code.")
        form.add_error("client", several if clients else none)
        return None
    try:
        if not can(who(request), Action.SEE_CLIENT, clients[0]):
            break_glass.open_record(client=clients[0], reason=form.cleaned_data["reason"], by=who(request))
    except InputError as error:
        form.add_error("reason", error.sentence(gettext))
        return None
    return clients[0]


@require_safe
@for_staff
def show(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    shown = openings(who(request), now)
    audit_reads.emergencies(client_ids=[opening.client_id for opening in shown], by=who(request), now=now)
    return render(request, "clinic/break_glass_list.html", {"openings": shown})


@require_POST
@for_staff
def seen(request: HttpRequest, opening_id: UUID) -> HttpResponse:
    opening = BreakGlass.objects.get(pk=opening_id)
    break_glass.review(opening=opening, by=who(request))
    return redirect("break-glass-list")
