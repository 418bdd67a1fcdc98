"""Pages about outcomes of the programme, for leads and supervisors."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accord.clinic.programme.outcomes.show import page
from accord.clinic.web.support import for_staff, who


@require_safe
@for_staff
def programme(request: HttpRequest) -> HttpResponse:
    return render(request, "clinic/overview.html", {"shown": page.programme(who(request))})


@require_safe
@for_staff
def alarms(request: HttpRequest) -> HttpResponse:
    return render(request, "clinic/overview_alarms.html", {"shown": page.alarms(who(request))})
