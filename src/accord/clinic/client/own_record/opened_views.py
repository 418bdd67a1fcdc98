"""The client's page of who opened their record."""

from __future__ import annotations

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accord.clinic.client.own_record.opened import who_opened
from accord.clinic.policy import Action, check
from accord.clinic.web.support import for_people, who


@require_safe
@for_people
def opened(request: HttpRequest) -> HttpResponse:
    check(who(request), Action.SEE_WHO_OPENED, who(request))
    days = who_opened(who(request), _before(request.GET.get("before", "")))
    return render(request, "clinic/who_opened.html", {"opened": days})


def _before(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Http404 from None
