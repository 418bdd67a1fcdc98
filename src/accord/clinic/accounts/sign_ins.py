"""Pages about one's own sign-ins and recovery codes."""

from __future__ import annotations

import logging
from functools import wraps
from typing import Any, cast

from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.webauthn import views as webauthn
from allauth.usersessions.models import UserSession
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from accord.clinic.accounts import sign_in_events
from accord.clinic.encryption.envelope import CannotRead
from accord.clinic.encryption.rings import KeyProblem
from accord.clinic.models import Account
from accord.clinic.models.actors import SYSTEM
from accord.clinic.web.support import Answer, hiding

ACCEPTED = 302
log = logging.getLogger(__name__)


def with_codes(view: Answer) -> Answer:
    """A page about recovery codes, or a calm one where their secret does not open."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (CannotRead, KeyProblem) as reason:
            log.error("the recovery codes of account %s cannot be read: %s", request.user.pk, reason)
            return render(request, "clinic/codes_problem.html", status=503)

    return answer


view_codes = with_codes(recovery_codes.view_recovery_codes)
new_codes = with_codes(recovery_codes.generate_recovery_codes)


def noting_refusals(view: Answer) -> Answer:
    """A page that takes a passkey, with an event for one that was not accepted."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        is_accepted = response.status_code == ACCEPTED and response["Location"] != reverse("account_login")
        if request.method == "POST" and not is_accepted:
            sign_in_events.passkey_refused(request=request, by=SYSTEM)
        return response

    return answer


sign_in_by_passkey = noting_refusals(webauthn.login_webauthn)
again_by_passkey = noting_refusals(webauthn.reauthenticate_webauthn)


@require_POST
@login_required
@hiding
def end(request: HttpRequest, session_id: int) -> HttpResponse:
    session = UserSession.objects.get(pk=session_id, user=request.user.pk)
    sign_in_events.end_session(session=session, by=sign_in_events.holder(cast(Account, request.user)))
    return redirect("usersessions_list")
