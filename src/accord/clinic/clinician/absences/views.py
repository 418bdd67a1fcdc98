"""The page about a client's announced absences."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accord.clinic.audit import audit_reads
from accord.clinic.clinician.absences import actions
from accord.clinic.clinician.absences.forms import AbsenceForm
from accord.clinic.facts import absences
from accord.clinic.models import Absence, Person
from accord.clinic.policy import Action, clients_visible_to
from accord.clinic.web.form_methods import FORM_METHODS
from accord.clinic.web.support import for_staff, who
from accord.errors import InputError


@FORM_METHODS
@for_staff
def announce(request: HttpRequest, client_id: UUID) -> HttpResponse:
    client = clients_visible_to(who(request), action=Action.KEEP_ABSENCES).get(pk=client_id)
    today = timezone.localdate()
    unset = {"first_day": None, "last_day": None}  # days away are never preset
    form = AbsenceForm(request.POST or None, initial={"announced_on": today, **unset})
    if form.is_bound and form.is_valid() and _entered(form, client, who(request)):
        messages.success(request, _("The absence was entered."))
        return redirect("client", client.pk)
    audit_reads.person(person=client, by=who(request))
    context = {"client": client, "form": form, "absences": absences.not_over(client.pk, today)}
    return render(request, "clinic/absences.html", context, status=400 if form.is_bound else 200)


@require_POST
@for_staff
def take_back(request: HttpRequest, absence_id: UUID) -> HttpResponse:
    absence = Absence.objects.select_related("client").get(pk=absence_id)  # the action says who may
    actions.take_back(absence=absence, by=who(request))
    messages.success(request, _("The absence was taken back."))
    if announced := actions.announced_contacts(absence).count():
        message = ngettext(
            "%(n)s contact in it still counts as announced. If it was missed, correct it on its page.",
            "%(n)s contacts in it still count as announced. If they were missed, correct each on its page.",
            announced,
        )
        messages.warning(request, message % {"n": announced})
    return redirect("client", absence.client_id)


def _entered(form: AbsenceForm, client: Person, by: Person) -> bool:
    try:
        actions.announce(client=client, by=by, **form.cleaned_data)
    except InputError as error:
        form.add_error(None, error.sentence(gettext))
        return False
    return True
