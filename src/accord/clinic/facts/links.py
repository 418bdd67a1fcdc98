"""Check-in links: signed, for one contact and one instrument, good for fourteen days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.core import signing

from accord.clinic.models import Contact

SALT = "accord.clinic.checkin-link"
GOOD_FOR = timedelta(days=14)


class LinkProblem(Exception):
    """A link that opens nothing: `expired`, `changed` or `ended`."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True)
class Invitation:
    """Content of a link: who is asked about which contact, with which form."""

    organisation_id: UUID
    client_id: UUID
    contact_id: UUID
    instrument: str


def make_token(contact: Contact, instrument: str) -> str:
    """The token of a link to fill `instrument` about `contact`."""
    ids = (contact.organisation_id, contact.engagement.client_id, contact.pk)
    return signing.dumps([*(identifier.hex for identifier in ids), instrument], salt=SALT)


def read_token(token: str) -> Invitation:
    """Decode a token. Raises `LinkProblem` if it has expired or was changed."""
    try:
        return _decoded(token, GOOD_FOR)
    except signing.SignatureExpired:
        raise LinkProblem("expired") from None
    except signing.BadSignature:
        raise LinkProblem("changed") from None


def is_valid(token: str) -> bool:
    """Whether a token is as it was made and has not expired."""
    try:
        read_token(token)
    except LinkProblem:
        return False
    return True


def form_of(token: str) -> tuple[UUID, str] | None:
    """The organisation and form that a link was made for, also of an expired one; None for a changed one."""
    try:
        invitation = _decoded(token, None)
    except signing.BadSignature:
        return None
    return invitation.organisation_id, invitation.instrument


def _decoded(token: str, max_age: timedelta | None) -> Invitation:
    *ids, instrument = signing.loads(token, salt=SALT, max_age=max_age)
    organisation, client, contact = (UUID(identifier) for identifier in ids)
    return Invitation(organisation, client, contact, instrument)
