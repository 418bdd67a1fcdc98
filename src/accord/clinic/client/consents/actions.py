"""A client's consents and feedback mode: each choice is added, none is ever changed."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accord.clinic.audit.write import record_event
from accord.clinic.facts import consents
from accord.clinic.models import Consent, FeedbackMode, Person, PictureOpening
from accord.clinic.models.actors import Actor, Link, person_of
from accord.clinic.policy import Action, Denied, check
from accord.errors import FormError


@transaction.atomic
def choose(*, client: Person, choices: Mapping[str, bool], by: Actor) -> list[Consent]:
    """Store the client's yes or no for each purpose; an unchanged choice adds nothing.

    By the client, by a member of staff who treats them and writes down what they said, or by a link the first
    time. Takes effect with the next request, because every reader of answers asks for the current consents.
    """
    own = isinstance(by, Link) or person_of(by) == client
    check(by, Action.CHOOSE_USES if own else Action.NOTE_USES, client)
    _lock(client)
    if isinstance(by, Link) and consents.has_chosen(client):
        raise Denied("a link says this once; later the client signs in, or tells somebody")
    current = {row.purpose: row for row in consents.current_consents().filter(client=client)}
    made = [
        _added(client, Consent.Purpose(purpose), allowed, current.get(purpose), None if own else by)
        for purpose, allowed in choices.items()
        if purpose not in current or current[purpose].allowed != allowed
    ]
    for row in made:
        record_event(by=by, action="consent.choose", subject=row, client_id=client.pk, fields=[row.purpose])
    return made


def _added(
    client: Person, purpose: str, allowed: bool, before: Consent | None, noted_by: Actor | None
) -> Consent:
    return Consent.objects.create(
        organisation_id=client.organisation_id,
        client=client,
        purpose=purpose,
        allowed=allowed,
        at=timezone.now(),
        noted_by=person_of(noted_by) if noted_by else None,
        predecessor=before,
    )


@transaction.atomic
def set_feedback(*, client: Person, mode: str, by: Person) -> FeedbackMode:
    """Set who sees what is computed from now on; an unchanged mode adds nothing."""
    check(by, Action.SET_FEEDBACK, client)
    _lock(client)
    before = consents.current_modes().filter(client=client).first()
    if before is not None and before.mode == mode:
        return before
    row = FeedbackMode.objects.create(
        organisation_id=client.organisation_id,
        client=client,
        mode=FeedbackMode.Mode(mode).value,
        at=timezone.now(),
        set_by=by,
        predecessor=before,
    )
    record_event(by=by, action="feedback_mode.set", subject=row, client_id=client.pk, fields=["mode"])
    return row


@transaction.atomic
def open_picture(*, client: Person, by: Person) -> PictureOpening:
    """Open the client's picture on their own page for an hour, to look at it together.

    Raises `InputError` where that is not what was agreed, or where nothing is computed. While it is open,
    opening it again changes nothing.
    """
    check(by, Action.OPEN_PICTURE, client)
    _lock(client)
    if not consents.is_looked_at_together(client):
        raise FormError(_("The picture stays closed: looking at it together is not what is agreed now."))
    now = timezone.now()
    if (still_open := consents.open_picture(client, now)) is not None:
        return still_open
    opening = PictureOpening.objects.create(
        organisation_id=client.organisation_id, client=client, by=by, opened_at=now
    )
    record_event(by=by, action="picture.open", subject=opening, client_id=client.pk)
    return opening


def _lock(client: Person) -> None:
    """Lock the client's row, so that choices are added one after the other."""
    Person.objects.select_for_update(no_key=True).get(pk=client.pk)
