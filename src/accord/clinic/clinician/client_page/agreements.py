"""A client's consents and feedback mode: view them, their history, and record them for the client."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accord.clinic.audit import audit_reads
from accord.clinic.client.consents import actions as consent_actions
from accord.clinic.clinician.client_page.forms import AgreementForm
from accord.clinic.facts import consents
from accord.clinic.models import Consent, FeedbackMode, Person
from accord.clinic.policy import Action, clients_visible_to
from accord.clinic.web.form_methods import FORM_METHODS
from accord.clinic.web.support import for_staff, who


@FORM_METHODS
@for_staff
def agreements(request: HttpRequest, client_id: UUID) -> HttpResponse:
    client = clients_visible_to(who(request), action=Action.NOTE_USES).get(pk=client_id)
    allowed = consents.allowed(client)
    initial = {purpose: "yes" if allowed[purpose] else "no" for purpose in allowed}
    form = AgreementForm(request.POST or None, initial={**initial, "mode": consents.mode_of(client)})
    if form.is_bound and form.is_valid():
        _keep(form, client, who(request))
        messages.success(request, _("Saved. It applies from now on."))
        return redirect("client", client.pk)
    audit_reads.agreements(client=client, by=who(request))
    context = {
        "client": client,
        "form": form,
        "has_chosen": consents.has_chosen(client),
        "consents": consents.history(Consent.objects.all(), client),
        "modes": consents.history(FeedbackMode.objects.all(), client),
    }
    return render(request, "clinic/agreements.html", context, status=400 if form.is_bound else 200)


def _keep(form: AgreementForm, client: Person, by: Person) -> None:
    choices = {purpose: form.cleaned_data[purpose] == "yes" for purpose in consents.Purpose.values}
    consent_actions.choose(client=client, choices=choices, by=by)
    consent_actions.set_feedback(client=client, mode=form.cleaned_data["mode"], by=by)
