"""Closing one's own sign-in, a colleague's, and with a second person a client's."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from allauth.account.internal.flows.logout import logout
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accord.clinic.accounts.closing import actions
from accord.clinic.accounts.closing.forms import ClosingForm
from accord.clinic.accounts.invitations.queries import invitable, sign_in
from accord.clinic.audit import audit_reads
from accord.clinic.models import ClosingRequest, Person, SealedText
from accord.clinic.policy import Action, can, check
from accord.clinic.web.form_methods import FORM_METHODS
from accord.clinic.web.support import again, for_people, for_staff, who
from accord.errors import InputError


@require_http_methods(["GET", "HEAD", "POST"])
@for_people
@again
def own(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "clinic/close_own.html")
    if not _done(request, lambda: actions.close_own(by=who(request))):
        return redirect("close-own-sign-in")
    logout(request, show_message=False)
    return redirect("account_login")


@require_POST
@for_staff
@again
def staff(request: HttpRequest, clinician_id: UUID) -> HttpResponse:
    person = invitable(who(request)).get(pk=clinician_id)
    if _done(request, lambda: actions.close_staff(person=person, by=who(request))):
        message = _("%(name)s is signed out everywhere and cannot sign in. Their clients are still theirs.")
        messages.success(request, message % {"name": person.name})
    return redirect("invite", person.pk)


@FORM_METHODS
@for_staff
def client(request: HttpRequest, client_id: UUID) -> HttpResponse:
    person = _client(who(request), client_id)
    form = ClosingForm(request.POST or None)
    if form.is_bound and form.is_valid():
        reason = form.cleaned_data["reason"]
        if _done(request, lambda: actions.ask_to_close(client=person, reason=reason, by=who(request))):
            messages.success(request, _("Somebody else has to confirm it. Until then nothing is closed."))
        return redirect("client-sign-in", person.pk)
    audit_reads.sign_in(client=person, by=who(request))
    context = {
        "client": person,
        "form": form,
        "sign_in": sign_in(person, timezone.now()),
        "sees_client": can(who(request), Action.SEE_CLIENT, person),
        **_open(person),
    }
    return render(request, "clinic/client_sign_in.html", context, status=400 if form.is_bound else 200)


@require_POST
@for_staff
@again
def confirm(request: HttpRequest, closing_id: UUID) -> HttpResponse:
    asked = ClosingRequest.objects.get(pk=closing_id)
    if _done(request, lambda: actions.confirm(request=asked, by=who(request))):
        messages.success(
            request, _("The sign-in is closed. Tell them yourself, and give them what they need.")
        )
    return redirect("client-sign-in", asked.client_id)


@require_POST
@for_staff
def withdraw(request: HttpRequest, closing_id: UUID) -> HttpResponse:
    asked = ClosingRequest.objects.get(pk=closing_id)
    if _done(request, lambda: actions.withdraw(request=asked, by=who(request))):
        messages.success(request, _("The sign-in stays open."))
    return redirect("client-sign-in", asked.client_id)


def _client(viewer: Person, client_id: UUID) -> Person:
    person = Person.objects.select_related("account").get(pk=client_id, kind=Person.Kind.CLIENT)
    check(viewer, Action.CLOSE_CLIENT_SIGN_IN, person)
    return person


def _open(person: Person) -> dict[str, object]:
    """The request that waits, with its reason; empty where there is none."""
    asked = actions.open_request(person)
    if asked is None:
        return {}
    return {"asked": asked, "reason": SealedText.texts([asked], ClosingRequest.REASON)[asked.pk]}


def _done(request: HttpRequest, act: Callable[[], object]) -> bool:
    try:
        act()
    except InputError as error:
        messages.error(request, error.sentence(gettext))
        return False
    return True
