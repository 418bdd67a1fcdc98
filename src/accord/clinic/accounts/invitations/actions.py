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

from accord.clinic.accounts import sign_in_events
from accord.clinic.audit.write import record_event
from accord.clinic.models import Account, Invitation, Person
from accord.clinic.models.actors import Actor, System
from accord.clinic.policy import Action, check
from accord.errors import FormError

GOOD_FOR = timedelta(days=7)
SALT = "accord.clinic.invitation"


class InvalidInvitation(Exception):
    """An invalid link: unknown, used, withdrawn or expired. The page does not say which."""


def token_of(invitation: Invitation) -> str:
    return signing.Signer(salt=SALT).sign(invitation.pk.hex)


def find(token: str, now: datetime | None = None) -> Invitation:
    """The open invitation of a link. Raises `InvalidInvitation`."""
    try:
        pk = UUID(signing.Signer(salt=SALT).unsign(token))
    except (signing.BadSignature, ValueError):
        raise InvalidInvitation from None
    invitation = Invitation.objects.select_related("person__account", "organisation").filter(pk=pk).first()
    if invitation is None or invitation.state(now or timezone.now()) is not Invitation.State.OPEN:
        raise InvalidInvitation
    return invitation


def is_valid(token: str) -> bool:
    """Whether a link opens an invitation now."""
    try:
        find(token)
    except InvalidInvitation:
        return False
    return True


@transaction.atomic
def invite(*, person: Person, email: str, by: Actor, now: datetime | None = None) -> Invitation:
    """Make a link for `person`; an earlier one that is still open is withdrawn.

    Only the command line invites people who can or could sign in: the holder of such a link could open
    what is private to that person. Raises `InputError`.
    """
    now = now or timezone.now()
    check(by, Action.INVITE, person)
    invitee = Person.objects.select_for_update(of=("self",)).get(pk=person.pk)
    if invitee.account and invitee.account.confirmed_at and not isinstance(by, System):
        raise FormError(_("%(name)s has signed in before and needs no invitation.") % {"name": invitee.name})
    _give_account(invitee, email.strip().lower())
    for earlier in _open(invitee):
        _withdraw(earlier, by, now)
    invitation = Invitation.objects.create(
        organisation=invitee.organisation,
        person=invitee,
        made_by=by if isinstance(by, Person) else None,
        made_at=now,
        expires_at=now + GOOD_FOR,
    )
    record_event(
        by=by, action="invitation.make", subject=invitation, client_id=_client(invitee), fields=["email"]
    )
    return invitation


@transaction.atomic
def withdraw(*, person: Person, by: Actor, now: datetime | None = None) -> None:
    """Withdraw the person's open invitation, if there is one."""
    check(by, Action.INVITE, person)
    for invitation in _open(person):
        _withdraw(invitation, by, now or timezone.now())


@transaction.atomic
def accept(*, invitation: Invitation, password: str, by: Person, now: datetime | None = None) -> Account:
    """Set the password and confirm the account; earlier sign-ins and second factors are removed.

    Raises `InvalidInvitation` for a link that was used, withdrawn or expired, or is another person's, and
    `ValidationError` for a weak password.
    """
    now = now or timezone.now()
    locked_row = (
        Invitation.objects.select_for_update(of=("self",))
        .select_related("person__account")
        .get(pk=invitation.pk)
    )
    account = locked_row.person.account
    if locked_row.state(now) is not Invitation.State.OPEN or account is None or by != locked_row.person:
        raise InvalidInvitation
    validate_password(password, account)
    locked_row.accepted_at = now
    locked_row.save(update_fields=["accepted_at"])
    account.set_password(password)
    account.is_active, account.confirmed_at = True, now
    account.save(update_fields=["password", "is_active", "confirmed_at"])
    Authenticator.objects.filter(user=account).delete()
    sign_in_events.end_all_sessions(person=locked_row.person, by=by)
    record_event(
        by=by,
        action="invitation.accept",
        subject=locked_row,
        client_id=_client(locked_row.person),
        fields=["password", "second_factors"],
    )
    return Account.objects.get(pk=account.pk)


def _give_account(person: Person, email: str) -> None:
    """Create an unconfirmed account, or change the address of the existing one."""
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
