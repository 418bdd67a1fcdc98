"""Check-in links: signed, for one contact and one instrument, good for fourteen days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.core import signing

from accord.clinic.models import Contact, LinkWithdrawal

SALT = "accord.clinic.checkin-link"
GOOD_FOR = timedelta(days=14)


class LinkProblem(Exception):
    """A link that opens nothing: `expired`, `changed`, `ended` or `withdrawn`."""

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
    made_at: datetime


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


def refuse_withdrawn(invitation: Invitation) -> None:
    """Raises `LinkProblem` for a link that was made before links about its contact were taken back."""
    later = LinkWithdrawal.objects.filter(contact=invitation.contact_id, at__gte=invitation.made_at)
    if later.exists():
        raise LinkProblem("withdrawn")


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
    made_at = datetime.fromtimestamp(signing.b62_decode(token.rsplit(":", 2)[1]), UTC)
    return Invitation(organisation, client, contact, instrument, made_at)
