"""Inviting somebody on record to sign in: a signed link, good once, for seven days."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.contrib.auth.password_validation import validate_password
from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accord.clinic.accounts import sign_in_events as accounts
from accord.clinic.audit.write import record_event
from accord.clinic.models import Account, Invitation, Person
from accord.clinic.models.actors import Actor, System
from accord.clinic.policy import Action, check
from accord.errors import FormError

GOOD_FOR = timedelta(days=7)
SALT = "accord.clinic.invitation"


class NotOpen(Exception):
    """A link that opens nothing: never made here, used, withdrawn or run out. Nobody is told which."""


def token_of(invitation: Invitation) -> str:
    return signing.Signer(salt=SALT).sign(invitation.pk.hex)


def find(token: str, now: datetime | None = None) -> Invitation:
    """The open invitation of a link. Raises `NotOpen`."""
    try:
        pk = UUID(signing.Signer(salt=SALT).unsign(token))
    except (signing.BadSignature, ValueError):
        raise NotOpen from None
    found = Invitation.objects.select_related("person__account", "organisation").filter(pk=pk).first()
    if found is None or found.state(now or timezone.now()) is not Invitation.State.OPEN:
        raise NotOpen
    return found


@transaction.atomic
def invite(*, person: Person, email: str, by: Actor, now: datetime | None = None) -> Invitation:
    """Make a link for `person`; an earlier one that is still open is withdrawn.

    Who can sign in already, or could once, is invited anew by the site itself only (the command line):
    whoever holds such a link could open what is that person's alone. Raises `InputError`.
    """
    now = now or timezone.now()
    check(by, Action.INVITE, person)
    held = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if held.account and held.account.confirmed_at and not isinstance(by, System):
        raise FormError(_("%(name)s has signed in before and needs no invitation.") % {"name": held.name})
    _give_account(held, email.strip().lower())
    for earlier in _open(held):
        _withdraw(earlier, by, now)
    made = Invitation.objects.create(
        organisation=held.organisation,
        person=held,
        made_by=by if isinstance(by, Person) else None,
        made_at=now,
        expires_at=now + GOOD_FOR,
    )
    record_event(by=by, action="invitation.make", subject=made, client_id=_client(held), fields=["email"])
    return made


@transaction.atomic
def withdraw(*, person: Person, by: Actor, now: datetime | None = None) -> None:
    """The open link of this person, if there is one, opens nothing any more."""
    check(by, Action.INVITE, person)
    for invitation in _open(person):
        _withdraw(invitation, by, now or timezone.now())


@transaction.atomic
def accept(*, invitation: Invitation, password: str, by: Person, now: datetime | None = None) -> Account:
    """The person sets a password: the account is confirmed, and nothing of an earlier sign-in is left.

    Raises `NotOpen` for a link that was used, withdrawn or ran out meanwhile, or is somebody else's,
    `ValidationError` for a weak password.
    """
    now = now or timezone.now()
    held = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("person__account")
        .get(pk=invitation.pk)
    )
    account = held.person.account
    if held.state(now) is not Invitation.State.OPEN or account is None or by != held.person:
        raise NotOpen
    validate_password(password, account)
    held.accepted_at = now
    held.save(update_fields=["accepted_at"])
    account.set_password(password)
    account.is_active, account.confirmed_at = True, now
    account.save(update_fields=["password", "is_active", "confirmed_at"])
    Authenticator.objects.filter(user=account).delete()
    accounts.end_all_sessions(person=held.person, by=by)
    record_event(
        by=by,
        action="invitation.accept",
        subject=held,
        client_id=_client(held.person),
        fields=["password", "second_factors"],
    )
    return Account.objects.get(pk=account.pk)


def _give_account(person: Person, email: str) -> None:
    """An account that opens nothing yet, or the one they have under this address."""
    own = [person.account.pk] if person.account else []
    if Account.objects.filter(email__iexact=email).exclude(pk__in=own).exists():
        raise FormError(_("Somebody signs in with this address already. Choose another one."))
    if person.account is None:
        account = Account(organisation=person.organisation, email=email)
        account.set_unusable_password()
        account.save()
        person.account = account
        person.save(update_fields=["account"])
    elif person.account.email != email:
        person.account.email = email
        person.account.save(update_fields=["email"])


def _open(person: Person) -> list[Invitation]:
    left = Invitation.objects.filter(person=person, accepted_at__isnull=True, withdrawn_at__isnull=True)
    return list(left.select_for_update())


def _withdraw(invitation: Invitation, by: Actor, now: datetime) -> None:
    invitation.withdrawn_at = now
    invitation.save(update_fields=["withdrawn_at"])
    client_id = _client(invitation.person)
    record_event(by=by, action="invitation.withdraw", subject=invitation, client_id=client_id)


def _client(person: Person) -> UUID | None:
    return person.pk if person.is_client else None
