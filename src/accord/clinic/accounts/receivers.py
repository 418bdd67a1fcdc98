"""Receivers of allauth's signals: audit rows for sign-ins and their changes, and the start of sessions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.account.signals import password_changed
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
    authenticator_used,
)
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest

from accord.clinic.accounts import sessions, sign_in_events
from accord.clinic.models import Account
from accord.clinic.models.actors import SYSTEM


@receiver(user_logged_in)
def begin(request: HttpRequest, user: Account, **more: Any) -> None:
    sessions.begin(request)
    request.signed_in_as = user.email  # type: ignore[attr-defined]  # for the cookie of a known device
    _note(user, "account.sign_in")


@receiver(authenticator_added)
def factor_added(request: HttpRequest, user: Account, authenticator: Any, **more: Any) -> None:
    # Setting a factor up shows that one holds it, as using it does.
    record_authentication(request, user, "mfa", id=authenticator.pk, type=str(authenticator.type))
    _note(user, "account.factor_add", [str(authenticator.type)])


@receiver(authenticator_removed)
def factor_removed(request: HttpRequest, user: Account, authenticator: Any, **more: Any) -> None:
    _note(user, "account.factor_remove", [str(authenticator.type)])


@receiver(authenticator_reset)
def codes_made_anew(request: HttpRequest, user: Account, authenticator: Any, **more: Any) -> None:
    _note(user, "account.factor_reset", [str(authenticator.type)])


@receiver(authenticator_used)
def factor_used(request: HttpRequest, user: Account, authenticator: Any, **more: Any) -> None:
    _note(user, "account.factor_use", [str(authenticator.type)])


@receiver(authentication_failed)
def code_refused(request: HttpRequest, user: Account, authenticator: Any, **more: Any) -> None:
    # By the site: the person who typed the code has not shown that they are this one.
    fields = [str(authenticator.type)]
    sign_in_events.note(account=user, action="account.code_refused", by=SYSTEM, fields=fields)


@receiver(password_changed)
def end_others(request: HttpRequest, user: Account, **more: Any) -> None:
    _note(user, "account.password_change", ["password"])


def _note(user: Account, action: str, fields: Iterable[str] = ()) -> None:
    sign_in_events.note(account=user, action=action, by=sign_in_events.holder(user), fields=fields)
