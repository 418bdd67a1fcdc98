"""The lock page: after the password or a passkey, back to the page that was open."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from allauth.account.forms import ReauthenticateForm
from allauth.account.internal.flows.logout import logout
from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from allauth.core import ratelimit
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import ReauthenticateWebAuthnForm
from allauth.mfa.webauthn.internal.auth import begin_authentication
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.views.decorators.http import require_http_methods, require_POST

from accord.clinic.accounts import draft_across_lock, sessions, sign_in_events
from accord.clinic.models.actors import SYSTEM

LOCKED = 401  # to what was sent while locked: nothing was done with it


def locked_page(request: HttpRequest) -> HttpResponse:
    """The page shown instead of the requested one. What was sent is carried inside it, sealed."""
    if request.method != "POST":
        return redirect(f"{reverse('locked')}?{urlencode({'next': request.get_full_path()})}")
    more = {"held": draft_across_lock.seal(request), "had_files": bool(request.FILES)}
    return _page(request, ReauthenticateForm(user=request.user), LOCKED, more)


@require_POST
@login_required
def awake(request: HttpRequest) -> HttpResponse:
    """Keep the session alive while somebody types; the middleware has already noted the time."""
    return HttpResponse(status=204)


@require_POST
@login_required
def lock(request: HttpRequest) -> HttpResponse:
    stays = "here" in request.POST  # the page covers itself after a while without activity
    sessions.lock(request, by_hand=not stays)
    if stays:
        return HttpResponse(status=204)
    # Where the button was pressed. The page names no address, so that hidden and missing look the same.
    came_from = urlsplit(request.headers.get("Referer", ""))
    back_to = came_from._replace(scheme="", netloc="", fragment="").geturl()
    return redirect(f"{reverse('locked')}?{urlencode({'next': back_to})}")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def locked(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        if not request.session.get(sessions.LOCKED):
            return redirect(_next(request))
        return _page(request, ReauthenticateForm(user=request.user))
    form = ReauthenticateForm(request.POST, user=request.user)
    limited = ratelimit.consume_or_429(request, action="reauthenticate", user=request.user)
    if limited is None and form.is_valid():
        reauthenticate_by_password(request)
        return _back(request)
    return limited or _refused(request, form)


@require_POST
@login_required
def by_passkey(request: HttpRequest) -> HttpResponse:
    form = ReauthenticateWebAuthnForm(user=request.user, data=request.POST)
    limited = ratelimit.consume_or_429(request, action="reauthenticate", user=request.user)
    if limited is None and form.is_valid():
        form.save()
        return _back(request)
    sign_in_events.passkey_refused(request=request, by=SYSTEM)
    return limited or _refused(request, ReauthenticateForm(user=request.user), passkey_failed=True)


def _refused(request: HttpRequest, form: ReauthenticateForm, **more: Any) -> HttpResponse:
    if sessions.wrong_try(request):
        context = {"held": request.POST.get("held", ""), **more}
        return _page(request, form, 400, context)
    logout(request, show_message=False)
    return redirect("account_login")


def _back(request: HttpRequest) -> HttpResponse:
    draft = draft_across_lock.unseal(request, request.POST.get("held", ""))
    sessions.unlock(request)
    if "here" in request.POST:
        return HttpResponse(status=204)
    if draft is None:
        return redirect(_next(request))
    address, fields = draft
    return render(request, "clinic/resume.html", {"address": address, "fields": fields})


def _next(request: HttpRequest) -> str:
    address = request.POST.get("next") or request.GET.get("next") or ""
    own = url_has_allowed_host_and_scheme(address, allowed_hosts=None) and address.startswith("/")
    return address if own else resolve_url("home")


def _page(
    request: HttpRequest, form: ReauthenticateForm, status: int = 200, more: dict[str, Any] | None = None
) -> HttpResponse:
    has_key = Authenticator.objects.filter(user=request.user.pk, type=Authenticator.Type.WEBAUTHN).exists()
    context = {
        "form": form,
        "by_hand": sessions.is_locked_by_hand(request),
        "next": request.POST.get("next") or request.GET.get("next") or "",
        "js_data": {"request_options": begin_authentication(request.user)} if has_key else None,
        **(more or {}),
    }
    return render(request, "clinic/locked.html", context, status=status)
