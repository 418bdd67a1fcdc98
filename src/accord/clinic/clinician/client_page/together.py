"""Open a client's picture on their own page, to look at it together in a session."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from accord.clinic.client.consents import actions as consent_actions
from accord.clinic.models import Person
from accord.clinic.web.support import for_staff, who
from accord.errors import InputError


@require_POST
@for_staff
def open_picture(request: HttpRequest, client_id: UUID) -> HttpResponse:
    client = Person.objects.get(pk=client_id)
    try:
        consent_actions.open_picture(client=client, by=who(request))
    except InputError as error:  # it was changed meanwhile
        messages.error(request, error.sentence(gettext))
    return redirect("client", client.pk)
