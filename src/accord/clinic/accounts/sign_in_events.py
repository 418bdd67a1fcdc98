"""Sign-ins: what is kept about them, and ending them."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction
from django.db.models import F

from accord.clinic.audit.write import record_event
from accord.clinic.models import Account, Person
from accord.clinic.models.actors import SYSTEM, Actor


def note(*, account: Account, what: str, fields: Iterable[str] = ()) -> None:
    """Write down that somebody did something about their own sign-in."""
    person = Person.objects.filter(account=account).first()
    record_event(by=person or SYSTEM, action=f"account.{what}", subject=account, fields=fields)


@transaction.atomic
def end_session(*, session: UserSession) -> None:
    """End one of the sign-ins that its person sees listed."""
    _forget([session])
    note(account=session.user, what="end_session")


@transaction.atomic
def end_all_sessions(*, person: Person, by: Actor) -> None:
    """Every sign-in of this person is over with their next request, also those that are listed nowhere."""
    account = person.account
    if account is None:
        return
    Account.objects.filter(pk=account.pk).update(sign_ins=F("sign_ins") + 1)
    _forget(UserSession.objects.filter(user=account.pk))
    record_event(by=by, action="account.end_sessions", subject=account)


def _forget(listed: Iterable[UserSession]) -> None:
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    for session in listed:
        store.delete(session.session_key)
        session.delete()
