"""The second step once more, before what nobody else may do at an open screen."""

from __future__ import annotations

from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.internal.flows.reauthentication import resume_request, suspend_request
from allauth.mfa.models import Authenticator
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accord.clinic.accounts import sessions
from accord.clinic.accounts.adapters import CodeForm
from accord.clinic.web.support import Answer


def second_step_again(view: Answer) -> Answer:
    """Ask for a code or a passkey unless used lately. What was sent is kept, and goes on after it."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if sessions.used_second_factor_lately(request):
            return view(request, *args, **kwargs)
        kept: HttpResponse = suspend_request(request, reverse("second-step-again"))
        return kept

    return answer


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def ask(request: HttpRequest) -> HttpResponse:
    """The code once more; it stands for the second step alone, and never for the password."""
    types = set(Authenticator.objects.filter(user=request.user.pk).values_list("type", flat=True))
    by_passkey = _passkey_page(request) if Authenticator.Type.WEBAUTHN in types else ""
    if by_passkey and Authenticator.Type.TOTP not in types:
        return redirect(by_passkey)
    form = CodeForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        done: HttpResponse | None = resume_request(request)
        return done or redirect("home")
    context = {"form": form, "by_passkey": by_passkey, "next": _next(request)}
    return render(request, "mfa/again.html", context, status=400 if form.errors else 200)


def _passkey_page(request: HttpRequest) -> str:
    return f"{reverse('mfa_reauthenticate_webauthn')}?{urlencode({'next': _next(request)})}"


def _next(request: HttpRequest) -> str:
    return request.POST.get("next") or request.GET.get("next") or ""
