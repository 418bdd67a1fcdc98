"""The page on which a caseload is handed over: preview first, then all at once."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext as _

from accord.clinic.audit import audit_reads
from accord.clinic.models import Person
from accord.clinic.policy import Denied
from accord.clinic.programme.handover import actions as handover_actions
from accord.clinic.programme.handover.forms import HandoverForm
from accord.clinic.programme.people import queries as people_queries
from accord.clinic.web.form_methods import FORM_METHODS
from accord.clinic.web.support import again, for_staff, who
from accord.errors import InputError


@FORM_METHODS
@for_staff
@again
def hand_over(request: HttpRequest, person_id: UUID) -> HttpResponse:
    leaver = people_queries.administered(who(request), Person, person_id, "account")
    try:
        caseload = handover_actions.preview(leaver=leaver, by=who(request))
    except InputError as error:  # oneself, or a client
        raise Denied(str(error)) from error
    form = HandoverForm(
        request.POST if request.method == "POST" else None, engagements=caseload.engagements, leaver=leaver
    )
    ids = [engagement.client_id for engagement in (*caseload.engagements, *caseload.over)]
    audit_reads.caseload(leaver=leaver, client_ids=ids, by=who(request))
    ready = form.is_bound and form.is_valid()
    if ready and "confirmed" in request.POST:
        if _hand_over(request, leaver, form):
            return redirect("person", leaver.pk)
        ready = False
    context = {
        "leaver": leaver,
        "caseload": caseload,
        "form": form,
        "ready": ready,
        "chosen": [(engagement, form.successors[engagement.pk]) for engagement in caseload.engagements]
        if ready
        else [],
    }
    status = 400 if form.is_bound and not ready else 200
    return render(request, "clinic/programme/handover.html", context, status=status)


def _hand_over(request: HttpRequest, leaver: Person, form: HandoverForm) -> bool:
    """Hand everything over, or nothing, with the reason on the form. Return whether it was done."""
    try:
        handover_actions.hand_over(leaver=leaver, successors=form.successors, by=who(request))
    except InputError as error:
        form.add_error(None, error.sentence(gettext))
        return False
    message = _("%(name)s has left: everything is handed over, and their sign-in is closed.")
    messages.success(request, message % {"name": leaver.name})
    return True
