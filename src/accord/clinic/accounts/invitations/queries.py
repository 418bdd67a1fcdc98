"""Sign-in states: who can sign in, who is invited, and whose invitation has expired."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import QuerySet

from accord.clinic.models import Invitation, Person
from accord.clinic.policy import Action, can


class SignInWay(StrEnum):
    """States of a person's way into the site."""

    NONE = "none"
    INVITED = "invited"
    EXPIRED = "expired"
    CONFIRMED = "confirmed"
    CLOSED = "closed"


@dataclass(frozen=True)
class SignIn:
    """The sign-in state of a person. `until`: when the open invitation expires."""

    person: Person
    way: SignInWay
    email: str
    until: datetime | None
    invitation: Invitation | None


def sign_in(person: Person, now: datetime) -> SignIn:
    return _sign_in(person, _latest([person]).get(person.pk), now)


def _latest(people: Iterable[Person]) -> dict[UUID, Invitation]:
    """The newest invitation of each of them who has one."""
    invitations = Invitation.objects.filter(person__in=people).order_by("made_at")
    return {invitation.person_id: invitation for invitation in invitations}


def _sign_in(person: Person, latest: Invitation | None, now: datetime) -> SignIn:
    account = person.account
    email = account.email if account else ""
    if account and account.confirmed_at:
        return SignIn(
            person, SignInWay.CONFIRMED if account.is_active else SignInWay.CLOSED, email, None, None
        )
    state = latest.state(now) if latest else None
    if state is Invitation.State.OPEN and latest is not None:
        return SignIn(person, SignInWay.INVITED, email, latest.expires_at, latest)
    return SignIn(
        person, SignInWay.EXPIRED if state is Invitation.State.EXPIRED else SignInWay.NONE, email, None, None
    )


def invitable(viewer: Person) -> QuerySet[Person]:
    """The people whom the viewer may invite."""
    if not can(viewer, Action.INVITE, viewer.organisation):
        return Person.objects.none()
    return Person.objects.filter(organisation=viewer.organisation_id).select_related(
        "account", "organisation"
    )


def staff_sign_ins(viewer: Person, now: datetime) -> Sequence[SignIn]:
    """The sign-in states of all staff. Clients are not listed: they are found by code, which is audited."""
    staff = list(invitable(viewer).filter(kind=Person.Kind.STAFF).order_by("name"))
    latest = _latest(staff)
    return [_sign_in(person, latest.get(person.pk), now) for person in staff]
