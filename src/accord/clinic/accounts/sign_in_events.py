"""Record sign-in events, and end sessions."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from importlib import import_module

from allauth.core.internal import ratelimit
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest

from accord.clinic.audit.write import record_event
from accord.clinic.models import Account, Organisation, Person
from accord.clinic.models.actors import SYSTEM, Actor
from accord.clinic.policy import Action, Denied, check

log = logging.getLogger(__name__)
REFUSED = "account.sign_in_refused"
REFUSED_AT = {  # a password that is asked for again, by the page that asks
    "locked": "account.unlock_refused",
    "account_reauthenticate": "account.again_refused",
}


def holder(account: Account) -> Actor:
    """The person who signs in with this account; the site itself for an account of nobody."""
    return Person.objects.filter(account=account).first() or SYSTEM


def note(*, account: Account, action: str, by: Actor, fields: Iterable[str] = ()) -> None:
    """Write an audit row about the person's own sign-in."""
    record_event(by=by, action=action, subject=account, fields=fields)


def refused(*, request: HttpRequest, email: str, fields: Iterable[str], by: Actor) -> None:
    """Write one event about a refused password, and one line with the address that it came from.

    Who tried is not known, so `by` is the site. For an address of nobody it is about the
    organisation, and names nothing that was typed.
    """
    account = Account.objects.filter(email__iexact=email.strip()).first()
    subject = account or Organisation.objects.order_by("pk").first()
    match = request.resolver_match
    action = REFUSED_AT.get(match.url_name if match and match.url_name else "", REFUSED)
    if subject is not None:
        organisation = subject.organisation_id if isinstance(subject, Account) else subject.pk
        event = record_event(
            by=by, action=action, subject=subject, organisation_id=organisation, fields=fields
        )
        log.warning(
            "%s: event %s of the audit log, from %s", action, event.sequence, ratelimit.get_ip(request)
        )


def passkey_refused(*, request: HttpRequest, by: Actor) -> None:
    """Write one event about a passkey that was not accepted: of this account, or else of the organisation."""
    subject = (
        request.user if isinstance(request.user, Account) else Organisation.objects.order_by("pk").first()
    )
    if subject is not None:
        organisation = subject.organisation_id if isinstance(subject, Account) else subject.pk
        record_event(by=by, action="account.passkey_refused", subject=subject, organisation_id=organisation)


@transaction.atomic
def end_session(*, session: UserSession, by: Actor) -> None:
    """End a session of one's own. Raises `Denied` for somebody else's."""
    if holder(session.user) != by:
        raise Denied("somebody else's sign-in")
    _forget([session])
    note(account=session.user, action="account.end_session", by=by)


@transaction.atomic
def end_all_sessions(*, person: Person, by: Actor) -> None:
    """End all sign-ins of a person with their next request, including sessions that are not listed.

    Raises `Denied` for anyone but themself and those who administer the organisation.
    """
    if by != person:
        check(by, Action.ADMINISTER, person.organisation)
    if person.account is not None:
        _end_all(person.account, by)


@transaction.atomic
def stop(*, person: Person, by: Actor) -> None:
    """Deactivate the account and end all of its sign-ins. Raises `Denied` for those who may not."""
    if by != person and person.is_client:
        check(by, Action.CLOSE_CLIENT_SIGN_IN, person)
    elif by != person:
        check(by, Action.CLOSE_SIGN_IN, person.organisation)
    account = person.account
    if account is None:
        return
    account.is_active = False
    account.set_unusable_password()
    account.save(update_fields=["is_active", "password"])
    _end_all(account, by)
    client_id = person.pk if person.is_client else None
    record_event(
        by=by, action="account.stop", subject=account, client_id=client_id, fields=["is_active", "password"]
    )


def _end_all(account: Account, by: Actor) -> None:
    Account.objects.filter(pk=account.pk).update(sign_ins=F("sign_ins") + 1)
    _forget(UserSession.objects.filter(user=account.pk))
    record_event(by=by, action="account.end_sessions", subject=account)


def _forget(listed: Iterable[UserSession]) -> None:
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    for session in listed:
        store.delete(session.session_key)
        session.delete()
