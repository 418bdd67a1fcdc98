"""A client's own line: written with a check-in, shared or taken back later, opened by its readers."""

from __future__ import annotations

import hmac
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from accord.clinic.audit.write import record_event
from accord.clinic.client.own_notes.queries import current_sharings, engagement_of, shared_with
from accord.clinic.models import CheckIn, LineRead, LineSharing, OwnLine, Person, SealedText
from accord.clinic.models.actors import Actor
from accord.clinic.models.line import Line
from accord.clinic.policy import Action, Denied, check


class CannotOpen(Exception):
    """The words cannot be read just now; nobody is said to have read them."""


def write(*, checkin: CheckIn, line: Line) -> OwnLine:
    """The line beside a check-in, within the transaction that stores it."""
    made = OwnLine.objects.create(
        organisation_id=checkin.organisation_id, checkin=checkin, made_at=checkin.received_at
    )
    SealedText.about(made, OwnLine.TEXT, line.text).save()
    LineSharing.objects.create(
        organisation_id=made.organisation_id, line=made, audience=line.audience, at=made.made_at
    )
    return made


def is_same(checkin: CheckIn, line: Line | None) -> bool:
    """Whether a stored check-in came with these words. Raises `CannotOpen` if they cannot be read."""
    stored = OwnLine.objects.filter(checkin=checkin).first()
    if stored is None or line is None:
        return (stored is None) == (line is None)
    return hmac.compare_digest(_words(stored).encode(), line.text.encode())


@transaction.atomic
def share(*, line: OwnLine, audience: str, by: Actor) -> LineSharing:
    """Change a line's audience from now on. Receipts of people who already read it are kept."""
    check(by, Action.KEEP_OWN_LINES, line)
    OwnLine.objects.select_for_update().get(pk=line.pk)
    current = current_sharings().get(line=line)
    if current.audience == audience:
        return current
    changed = LineSharing.objects.create(
        organisation_id=line.organisation_id,
        line=line,
        audience=LineSharing.Audience(audience),
        at=timezone.now(),
        predecessor=current,
    )
    client_id = engagement_of(line).client_id
    record_event(by=by, action="line.share", subject=line, client_id=client_id, fields=["audience"])
    return changed


@transaction.atomic
def read(*, line_id: UUID, by: Person) -> tuple[LineSharing, str]:
    """Open a line: its sharing and its words. The writer sees from now on who opened it.

    Raises `Denied`, `OwnLine.DoesNotExist`, or `CannotOpen`, after which nobody is said to have read it.
    """
    line = OwnLine.objects.select_for_update().get(pk=line_id)
    shared = shared_with(by).filter(line=line).first()
    if shared is None:
        raise Denied("a line that is not shared with this person")
    words = _words(line)
    LineRead.objects.get_or_create(
        line=line, by=by, defaults={"organisation_id": line.organisation_id, "at": timezone.now()}
    )
    record_event(by=by, action="line.read", subject=line, client_id=engagement_of(line).client_id)
    return shared, words


def _words(line: OwnLine) -> str:
    words = SealedText.texts([line], OwnLine.TEXT)[line.pk]
    if words is None:
        raise CannotOpen
    return words
