"""What somebody may do in each of a client's relationships, for the page about the client."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from accord.clinic.facts import care
from accord.clinic.models import Engagement, Person
from accord.clinic.policy import Action, visible_to


@dataclass(frozen=True)
class Permissions:
    """The client's relationships in which the viewer may ask, answer a flag, and log a contact."""

    ask: frozenset[UUID]
    respond: frozenset[UUID]
    log: frozenset[UUID]


def permissions(viewer: Person, these: QuerySet[Engagement], today: date) -> Permissions:
    """Permissions for all of a client's relationships, with one query each."""
    asked = frozenset(care.in_care(today).filter(pk__in=these).values_list("pk", flat=True))
    return Permissions(
        ask=_permitted(viewer, Action.ASK_CHECKIN, these, today) & asked,
        respond=_permitted(viewer, Action.RESPOND, these, today),
        log=_permitted(viewer, Action.LOG_CONTACT, these, today),
    )


def _permitted(viewer: Person, action: Action, these: QuerySet[Engagement], today: date) -> frozenset[UUID]:
    open_to = visible_to(viewer, today, action).filter(pk__in=these)
    return frozenset(open_to.values_list("pk", flat=True))
