"""The way in, plain words about the site, and whether it is well."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accord.clinic.policy import is_lead, visible_to
from accord.clinic.queries.worklist import watcher_late
from accord.clinic.views.support import for_people, who


@require_safe
@for_people
def home(request: HttpRequest) -> HttpResponse:
    person = who(request)
    if person.is_client:
        return redirect("forms")
    if is_lead(person) and not visible_to(person).exists():
        return redirect("imports")
    return redirect("worklist")


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    return render(request, "clinic/about.html")


@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """For a machine that watches: 503 when the database does not answer or nothing is being retried."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        late = watcher_late(timezone.now())
    except DatabaseError:
        return HttpResponse("database: no answer\n", content_type="text/plain", status=503)
    told = "database: ok\nrun_due: " + ("late" if late else "ok") + "\n"
    return HttpResponse(told, content_type="text/plain", status=503 if late else 200)
