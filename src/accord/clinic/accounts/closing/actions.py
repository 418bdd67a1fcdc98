"""Close a sign-in at once: one's own, one of the staff's, and with a second person a client's.

Every device that is signed in is refused with its next request. Nothing else is touched: no relationship
ends, and check-in links and the pages with help go on.
"""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accord.clinic.accounts import sign_in_events
from accord.clinic.accounts.invitations import actions as invitations
from accord.clinic.audit.write import record_event
from accord.clinic.models import ClosingRequest, Person, SealedText
from accord.clinic.models.actors import SYSTEM
from accord.clinic.policy import Action, Denied, check, keeps_alone
from accord.errors import FormError

SHORTEST, LONGEST = 15, 500  # characters of a reason


@transaction.atomic
def close_own(*, by: Person) -> None:
    """Close one's own sign-in. Raises `InputError` for the last person who keeps the programme."""
    if by.is_staff and keeps_alone(by):
        raise FormError(
            _("Nobody else keeps this programme. Give somebody else that role first, then close yours.")
        )
    _close(by, by)


@transaction.atomic
def close_staff(*, person: Person, by: Person) -> None:
    """Close the sign-in of a colleague, with no need of a successor. Raises `Denied` about a client, for
    whom two people are needed, and `InputError` where there is no sign-in."""
    check(by, Action.CLOSE_SIGN_IN, person.organisation)
    if not person.is_staff or person.organisation_id != by.organisation_id:
        raise Denied("a client's sign-in is closed by two people")
    _close(person, by)


@transaction.atomic
def ask_to_close(*, client: Person, reason: str, by: Person) -> ClosingRequest:
    """Ask that a client's sign-in be closed; nothing happens until somebody else confirms it.

    `reason`: what `by` says to the client. Raises `InputError` without it, and where a request is open.
    """
    check(by, Action.CLOSE_CLIENT_SIGN_IN, client)
    words = " ".join(reason.split())
    if not SHORTEST <= len(words) <= LONGEST:
        raise FormError(
            _("Write a reason of %(low)s to %(high)s characters; this one has %(n)s.")
            % {"low": SHORTEST, "high": LONGEST, "n": len(words)}
        )
    locked_row = Person.objects.select_for_update(of=("self",)).get(pk=client.pk)
    _refuse_without_account(locked_row)
    if open_request(locked_row) is not None:
        raise FormError(_("Somebody has asked for this already. Confirm that, or have it withdrawn."))
    request = ClosingRequest.objects.create(
        organisation_id=client.organisation_id, client=client, by=by, made_at=timezone.now()
    )
    SealedText.about(request, ClosingRequest.REASON, words).save()
    record_event(
        by=by, action="sign_in.ask_to_close", subject=request, client_id=client.pk, fields=["reason"]
    )
    return request


@transaction.atomic
def confirm(*, request: ClosingRequest, by: Person) -> None:
    """Close a client's sign-in as the second person. Raises `Denied` for the person who asked."""
    check(by, Action.CLOSE_CLIENT_SIGN_IN, request)
    if request.by_id == by.pk:
        raise Denied("a client's sign-in is closed by two people")
    locked_row = _open_row(request)
    locked_row.confirmed_by, locked_row.confirmed_at = by, timezone.now()
    locked_row.save(update_fields=["confirmed_by", "confirmed_at"])
    _close(locked_row.client, by)


@transaction.atomic
def withdraw(*, request: ClosingRequest, by: Person) -> None:
    """Withdraw a request that nobody has confirmed, as anybody who could have made it."""
    check(by, Action.CLOSE_CLIENT_SIGN_IN, request)
    locked_row = _open_row(request)
    locked_row.withdrawn_at = timezone.now()
    locked_row.save(update_fields=["withdrawn_at"])
    record_event(by=by, action="sign_in.keep_open", subject=locked_row, client_id=locked_row.client_id)


def open_request(client: Person) -> ClosingRequest | None:
    """The request about this client that waits for a second person."""
    waiting = ClosingRequest.objects.filter(client=client, confirmed_at=None, withdrawn_at=None)
    return waiting.select_related("by").first()


def waiting_for(viewer: Person) -> QuerySet[ClosingRequest]:
    """The requests of others that this keeper of the programme could confirm, the oldest first."""
    check(viewer, Action.CLOSE_SIGN_IN, viewer.organisation)
    open_rows = ClosingRequest.objects.filter(
        organisation=viewer.organisation_id, confirmed_at=None, withdrawn_at=None
    )
    return open_rows.exclude(by=viewer).select_related("by").order_by("made_at")


def number_waiting_for(viewer: Person) -> int:
    return waiting_for(viewer).count()


def _open_row(request: ClosingRequest) -> ClosingRequest:
    """The request, locked. Raises `InputError` where it was confirmed or withdrawn meanwhile."""
    rows = ClosingRequest.objects.select_for_update(of=("self",)).select_related("client__account")
    locked_row = rows.get(pk=request.pk)
    if locked_row.confirmed_at or locked_row.withdrawn_at:
        raise FormError(_("This was decided meanwhile. Look at the page again."))
    return locked_row


def _close(person: Person, by: Person) -> None:
    _refuse_without_account(person)
    invitations.withdraw(person=person, by=SYSTEM)  # a link that waits would open the account again
    sign_in_events.stop(person=person, by=by)


def _refuse_without_account(person: Person) -> None:
    if person.account is None or not person.account.is_active:
        raise FormError(_("%(name)s has no open sign-in.") % {"name": person.name})
