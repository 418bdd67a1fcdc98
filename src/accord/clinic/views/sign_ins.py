"""Where somebody is signed in, and ending one of these."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from accord.clinic.actions import accounts
from accord.clinic.views.support import hiding


@require_POST
@login_required
@hiding
def end(request: HttpRequest, session_id: int) -> HttpResponse:
    session = UserSession.objects.get(pk=session_id, user=request.user.pk)
    accounts.end_session(session=session)
    return redirect("usersessions_list")
