"""Who can sign in, who is invited, and whose invitation ran out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import QuerySet

from accord.clinic.models import Invitation, Person
from accord.clinic.policy import Action, can


class Way(StrEnum):
    """Into the site."""

    NONE = "none"
    INVITED = "invited"
    EXPIRED = "expired"
    CONFIRMED = "confirmed"
    CLOSED = "closed"


@dataclass(frozen=True)
class SignIn:
    """How a person stands to signing in. `until`: of the open invitation."""

    person: Person
    way: Way
    email: str
    until: datetime | None
    invitation: Invitation | None


def sign_in(person: Person, now: datetime) -> SignIn:
    return _told(person, _latest([person]).get(person.pk), now)


def _latest(people: Iterable[Person]) -> dict[UUID, Invitation]:
    """The newest invitation of each of them who has one."""
    made = Invitation.objects.filter(person__in=people).order_by("made_at")
    return {one.person_id: one for one in made}


def _told(person: Person, latest: Invitation | None, now: datetime) -> SignIn:
    account = person.account
    email = account.email if account else ""
    if account and account.confirmed_at:
        return SignIn(person, Way.CONFIRMED if account.is_active else Way.CLOSED, email, None, None)
    state = latest.state(now) if latest else None
    if state is Invitation.State.OPEN and latest is not None:
        return SignIn(person, Way.INVITED, email, latest.expires_at, latest)
    return SignIn(person, Way.EXPIRED if state is Invitation.State.EXPIRED else Way.NONE, email, None, None)


def invitable(viewer: Person) -> QuerySet[Person]:
    """The people of the viewer's organisation, for whoever may invite them; nobody for all others."""
    if not can(viewer, Action.INVITE, viewer.organisation):
        return Person.objects.none()
    return Person.objects.filter(organisation=viewer.organisation_id).select_related(
        "account", "organisation"
    )


def listed(viewer: Person, now: datetime) -> Sequence[SignIn]:
    """All staff. Clients stand on no list here; one is found by their code, and their record tells of it."""
    staff = list(invitable(viewer).filter(kind=Person.Kind.STAFF).order_by("name"))
    latest = _latest(staff)
    return [_told(person, latest.get(person.pk), now) for person in staff]
