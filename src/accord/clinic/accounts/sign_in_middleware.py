"""Require a complete sign-in. Without one a request gets no `request.person`, and so no page.

It checks, in this order, whether the sign-in is over, whether it is locked, and whether staff used a second
factor. It fails closed: views for people show nothing without `request.person`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.account.internal.flows.logout import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accord.clinic.accounts import attempts, sessions
from accord.clinic.accounts.adapters import has_second_factor
from accord.clinic.accounts.locked import locked_page
from accord.clinic.accounts.sessions import SessionState
from accord.clinic.models import Person

# Open to everybody, signed in or not: they show nothing of anybody, or carry their own authority.
ALWAYS = frozenset(
    {"about", "health", "checkin", "checkin-sent", "invitation", "leave", "account_login", "account_logout"}
)
WHILE_LOCKED = frozenset({"locked", "locked-passkey", "lock"})
# All that staff can open before their second factor is set up.
WHILE_SETTING_UP = frozenset(
    {
        "lock",
        "account_reauthenticate",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
    }
)


class SignInRequired:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        email = getattr(request, "signed_in_as", None)
        if email is not None:
            attempts.remember_device(request, response, email)
        return response

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """The page to show instead, or None to go on."""
        name = request.resolver_match.url_name if request.resolver_match else None
        if name in ALWAYS or not request.user.is_authenticated:
            return None
        # Set while locked too: the page shows this organisation's rota, though nobody counts as signed in.
        request.organisation_id = request.user.organisation_id  # type: ignore[attr-defined]
        person = Person.objects.filter(account=request.user.pk).select_related("organisation").first()
        kind = person.kind if person else Person.Kind.STAFF.value
        if name in WHILE_LOCKED and sessions.state(request, kind) is SessionState.LOCKED:
            return None  # without `request.person`: the locked page names nobody
        return _held_back(request, kind) or _let_on(request, name, person)


def _held_back(request: HttpRequest, kind: str) -> HttpResponse | None:
    state = sessions.state(request, kind)
    if state is SessionState.OVER:
        logout(request, show_message=False)
        return redirect(f"{reverse('account_login')}?{urlencode({'next': request.get_full_path()})}")
    if state is SessionState.LOCKED:
        sessions.lock(request)
        return locked_page(request)
    sessions.touch(request)
    return None


def _let_on(request: HttpRequest, name: str | None, person: Person | None) -> HttpResponse | None:
    if person is None:
        return None  # nobody's account: its own sign-in is all it has
    if person.is_staff and not has_second_factor(request.user):  # type: ignore[arg-type]
        return None if name in WHILE_SETTING_UP else redirect("mfa_index")
    if person.is_staff and not sessions.used_second_factor(request):
        logout(request, show_message=False)  # signed in before the factor was set up elsewhere
        return redirect("account_login")
    request.person = person  # type: ignore[attr-defined]
    return None
