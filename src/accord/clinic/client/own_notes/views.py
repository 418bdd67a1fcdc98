"""A client's own lines: opened by staff they are shared with, and kept by who wrote them."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from accord.clinic.client.own_notes import actions as own_notes
from accord.clinic.client.own_notes.forms import LineForm
from accord.clinic.client.own_notes.queries import audience_words, engagement_of, own_lines
from accord.clinic.models import LineSharing, OwnLine
from accord.clinic.policy import Action, check
from accord.clinic.web.support import for_people, for_staff, who


@require_GET  # not HEAD: opening it leaves a receipt, so the words must have been sent
@for_staff
def show(request: HttpRequest, line_id: UUID) -> HttpResponse:
    try:
        shared, words = own_notes.read(line_id=line_id, by=who(request))
    except own_notes.CannotOpen:
        return render(request, "clinic/cannot_read.html", status=503)
    context = {"shared": shared, "line": shared.line, "words": words}
    context["with_all"] = shared.audience == LineSharing.Audience.READERS
    return render(request, "clinic/line.html", {**context, "engagement": engagement_of(shared.line)})


@require_safe
@for_people
def own(request: HttpRequest) -> HttpResponse:
    check(who(request), Action.KEEP_OWN_LINES, who(request))
    return render(request, "clinic/own_lines.html", {"lines": own_lines(who(request))})


@require_POST
@for_people
def share(request: HttpRequest, line_id: UUID) -> HttpResponse:
    line = OwnLine.objects.get(pk=line_id)
    form = LineForm(request.POST)
    check(who(request), Action.KEEP_OWN_LINES, line)
    if not form.is_valid():
        return HttpResponseBadRequest(_("Choose an answer from the list."), content_type="text/plain")
    audience = form.cleaned_data["audience"]
    own_notes.share(line=line, audience=audience, by=who(request))
    clinician = engagement_of(line).clinician.name
    messages.info(
        request, _("May read it from now on: %(who)s.") % {"who": audience_words(audience, clinician)}
    )
    return redirect("own-lines")
