"""The page with the log for auditors."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accord.clinic.audit import audit_reads
from accord.clinic.policy import Action, check
from accord.clinic.programme.audit_log.forms import narrowed
from accord.clinic.programme.audit_log.queries import Log, read_log
from accord.clinic.web.support import for_staff, who


@require_safe
@for_staff
def show(request: HttpRequest) -> HttpResponse:
    check(who(request), Action.READ_AUDIT, who(request).organisation)
    form = narrowed({name: value for name, value in request.GET.items() if name != "before"})
    if not form.is_valid():
        return render(request, "clinic/audit_log.html", {"form": form}, status=400)
    log = read_log(who(request), **form.cleaned_data, before=_before(request))
    audit_reads.audit_log(client_ids=log.client_ids, by=who(request), now=timezone.now())
    return render(
        request, "clinic/audit_log.html", {"form": form, "log": log, "earlier": _earlier(request, log)}
    )


def _before(request: HttpRequest) -> int | None:
    number = request.GET.get("before", "")
    return int(number) if number.isdecimal() and len(number) < 18 else None


def _earlier(request: HttpRequest, log: Log) -> str:
    """The query of the next page; empty where there is none."""
    kept = {name: value for name, value in request.GET.items() if name != "before"}
    return urlencode({**kept, "before": log.earlier}) if log.earlier else ""
