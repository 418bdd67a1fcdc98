"""The home page, the page about the site, and its health."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accord.clinic.policy import Action, possible_actions
from accord.clinic.site import health as queries
from accord.clinic.web.support import for_people, who


@require_safe
@for_people
def home(request: HttpRequest) -> HttpResponse:
    person = who(request)
    if person.is_client:
        return redirect("forms")
    opens = possible_actions(person)
    if Action.ADMINISTER in opens and Action.SEE_WORKLIST not in opens:
        return redirect("people")
    if Action.READ_AUDIT in opens and Action.SEE_WORKLIST not in opens:
        return redirect("audit-log")
    return redirect("worklist")


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "clinic/about.html")


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """For monitoring: 503 when the database is away, jobs do not run or the disk is full.

    Strangers learn no more than that; `accord manage health` has the rest.
    """
    well = queries.health(timezone.now(), settings.ACCORD.folder).well
    return HttpResponse("yes\n" if well else "no\n", content_type="text/plain", status=200 if well else 503)
