"""Inviting people to sign in, and the page that an invitation opens."""

from __future__ import annotations

from uuid import UUID

from allauth.account.forms import SetPasswordForm
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.flows.logout import logout
from allauth.account.models import Login
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accord.clinic.accounts.closing.actions import waiting_for
from accord.clinic.accounts.invitations import actions as invitation_actions
from accord.clinic.accounts.invitations.forms import InviteForm
from accord.clinic.accounts.invitations.queries import invitable, sign_in, staff_sign_ins
from accord.clinic.audit import audit_reads
from accord.clinic.models import Account, Person
from accord.clinic.policy import Action, check
from accord.clinic.web.link_exchange import exchanging
from accord.clinic.web.support import for_staff, who
from accord.errors import InputError


@require_safe
@for_staff
def show_all(request: HttpRequest) -> HttpResponse:
    check(who(request), Action.INVITE, who(request).organisation)
    code = request.GET.get("code", "").strip()
    client = _by_code(request, code) if code else None
    if client is not None:
        return redirect("invite", client.pk)
    waiting = waiting_for(who(request))
    context = {"people": staff_sign_ins(who(request), timezone.now()), "code": code, "waiting": waiting}
    return render(request, "clinic/invitations.html", context, status=404 if code else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@for_staff
def invite(request: HttpRequest, person_id: UUID) -> HttpResponse:
    person = invitable(who(request)).get(pk=person_id)
    if request.method != "POST":
        return _page(
            request, person, InviteForm(initial={"email": person.account.email if person.account else ""})
        )
    form = InviteForm(request.POST)
    if form.is_valid():
        try:
            invitation_actions.invite(person=person, email=form.cleaned_data["email"], by=who(request))
        except InputError as error:
            form.add_error("email", error.sentence(gettext))
        else:
            return redirect("invite", person_id)
    return _page(request, person, form, 400)


@require_POST
@for_staff
def withdraw(request: HttpRequest, person_id: UUID) -> HttpResponse:
    person = invitable(who(request)).get(pk=person_id)
    invitation_actions.withdraw(person=person, by=who(request))
    return redirect("invite", person_id)


def not_here(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "clinic/invitation_problem.html", {"not_here": True}, status=404)


@require_http_methods(["GET", "HEAD", "POST"])
@exchanging(invitation_actions.is_valid, lost=not_here)
def accept(request: HttpRequest, token: str) -> HttpResponse:
    try:
        invitation = invitation_actions.find(token)
        request.organisation_id = invitation.organisation_id  # type: ignore[attr-defined]  # whose rota is shown
        form = SetPasswordForm(data=request.POST or None, user=invitation.person.account)
        if request.method == "POST" and form.is_valid():
            password = form.cleaned_data["password1"]
            account = invitation_actions.accept(
                invitation=invitation, password=password, by=invitation.person
            )
            return _signed_in(request, account)
    except invitation_actions.InvalidInvitation:
        return render(request, "clinic/invitation_problem.html", status=404)
    context = {"form": form, "invitation": invitation, "link": token}
    return render(request, "clinic/invitation.html", context, status=400 if form.errors else 200)


def _signed_in(request: HttpRequest, account: Account) -> HttpResponse:
    """Signed in with the password just set, which also counts as given again for setting up a second step."""
    logout(request, show_message=False)  # an earlier user of this browser
    answer: HttpResponse = perform_login(request, Login(user=account, redirect_url=reverse("home")))
    record_authentication(request, account, method="password", reauthenticated=True)
    return answer


def _by_code(request: HttpRequest, code: str) -> Person | None:
    return invitable(who(request)).filter(kind=Person.Kind.CLIENT, code=code).first()


def _page(request: HttpRequest, person: Person, form: InviteForm, status: int = 200) -> HttpResponse:
    state = sign_in(person, timezone.now())
    if person.is_client:
        audit_reads.sign_in(client=person, by=who(request))
    link = state.invitation and settings.ACCORD.url + reverse(
        "invitation", args=[invitation_actions.token_of(state.invitation)]
    )
    context = {"form": form, "sign_in": state, "link": link, "whom": person}
    return render(request, "clinic/invite.html", context, status=status)
