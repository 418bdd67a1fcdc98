"""Somebody leaves: what would go over to whom, and then all of it at once."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext as _

from accord.clinic.audit import readings
from accord.clinic.models import Person
from accord.clinic.policy import Denied
from accord.clinic.programme.handover import actions as leaving
from accord.clinic.programme.handover.forms import HandoverForm
from accord.clinic.programme.people import queries as programme
from accord.clinic.web.asks import ASKS
from accord.clinic.web.support import again, for_staff, who
from accord.errors import InputError


@ASKS
@for_staff
@again
def hand_over(request: HttpRequest, person_id: UUID) -> HttpResponse:
    leaver = programme.administered(who(request), Person, person_id, "account")
    try:
        caseload = leaving.preview(leaver=leaver, by=who(request))
    except InputError as error:  # oneself, or a client
        raise Denied(str(error)) from error
    form = HandoverForm(
        request.POST if request.method == "POST" else None, engagements=caseload.engagements, leaver=leaver
    )
    ids = [engagement.client_id for engagement in (*caseload.engagements, *caseload.over)]
    readings.caseload(leaver=leaver, client_ids=ids, by=who(request))
    ready = form.is_bound and form.is_valid()
    if ready and "confirmed" in request.POST:
        if _handed_over(request, leaver, form):
            return redirect("person", leaver.pk)
        ready = False
    context = {
        "leaver": leaver,
        "caseload": caseload,
        "form": form,
        "ready": ready,
        "chosen": [(one, form.successors[one.pk]) for one in caseload.engagements] if ready else [],
    }
    status = 400 if form.is_bound and not ready else 200
    return render(request, "clinic/programme/handover.html", context, status=status)


def _handed_over(request: HttpRequest, leaver: Person, form: HandoverForm) -> bool:
    """Whether all of it went over; otherwise nothing did, and the form says why."""
    try:
        leaving.hand_over(leaver=leaver, successors=form.successors, by=who(request))
    except InputError as error:
        form.add_error(None, error.sentence(gettext))
        return False
    told = _("%(name)s has left: everything is handed over, and their sign-in is closed.")
    messages.success(request, told % {"name": leaver.name})
    return True
