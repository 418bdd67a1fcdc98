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
from accord.clinic.clinician.emergency.queries import called, openings
from accord.clinic.models import BreakGlass, Person
from accord.clinic.policy import Action, Denied, can, could
from accord.clinic.web.support import for_staff, who
from accord.errors import InputError


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def ask(request: HttpRequest) -> HttpResponse:
    if Action.BREAK_GLASS not in could(who(request)):
        raise Denied("no role that treats clients")
    form = BreakGlassForm(request.POST or None)
    if form.is_bound and form.is_valid() and (client := _opened(request, form)):
        return redirect("client", client.pk)
    return render(request, "clinic/break_glass.html", {"form": form}, status=400 if form.is_bound else 200)


def _opened(request: HttpRequest, form: BreakGlassForm) -> Person | None:
    """The client whose record is open now, or None with the form told why not."""
    found = called(who(request), form.cleaned_data["client"])
    if len(found) != 1:
        several = _("found more than one client with this name, expected one: use the code")
        none = _("found no client with exactly this name or code, expected one")
        form.add_error("client", several if found else none)
        return None
    try:
        if not can(who(request), Action.SEE_CLIENT, found[0]):
            break_glass.open_record(client=found[0], reason=form.cleaned_data["reason"], by=who(request))
    except InputError as error:
        form.add_error("reason", error.sentence(gettext))
        return None
    return found[0]


@require_safe
@for_staff
def show(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    found = openings(who(request), now)
    audit_reads.emergencies(client_ids=[one.client_id for one in found], by=who(request), now=now)
    return render(request, "clinic/break_glass_list.html", {"openings": found})


@require_POST
@for_staff
def seen(request: HttpRequest, opening_id: UUID) -> HttpResponse:
    opening = BreakGlass.objects.get(pk=opening_id)
    break_glass.look_at(opening=opening, by=who(request))
    return redirect("break-glass-list")
