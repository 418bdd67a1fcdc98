"""What a forecast of leaving rests on, as rows: contacts, forms about them, and how treatments ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from accord.clinic.facts import care, uses
from accord.clinic.facts import current as facts
from accord.clinic.facts.relationships import ATTENDANCE
from accord.clinic.models import CareEpisode, CheckIn, ContactReport, Engagement, Person
from accord.records.ratings import Rater

Attendance = ContactReport.Attendance
MISSED = (Attendance.MISSED_CLIENT, Attendance.CANCELLED_CLIENT)


class Met(NamedTuple):
    """A contact; `came` None: nobody missed it, and it did not take place or nothing was told."""

    contact: UUID
    client: UUID
    clinician: UUID
    individual: bool
    day: date
    came: bool | None


@dataclass(frozen=True)
class Stays:
    """`episodes`: the newest episode of care of each client who has one; contacts before it are left out."""

    clients: tuple[UUID, ...]
    contacts: tuple[Met, ...]  # in order of client and day
    forms: tuple[CheckIn, ...]  # of clients
    episodes: dict[UUID, CareEpisode]


def estimated(organisation_id: UUID) -> QuerySet[Person]:
    """Clients of whom leaving may be estimated, and so of whom it is learned: of whoever said no to noticing
    strain nothing is computed."""
    nobody = uses.standing_modes().filter(mode=uses.Mode.NOBODY)
    clients = Person.objects.filter(organisation=organisation_id, kind=Person.Kind.CLIENT)
    said_yes = uses.may_use(uses.Purpose.LEAVING, "pk") & uses.may_use(uses.Purpose.NOTICING, "pk")
    return clients.filter(said_yes).exclude(pk__in=nobody.values("client"))


def of(clients: QuerySet[Person]) -> Stays:
    ids = tuple(sorted(clients.values_list("pk", flat=True)))
    episodes = dict(care.newest_of(ids))
    about = {"contact__engagement__client__in": clients}
    checkins = list(facts.standing_checkins().filter(**about).select_related("contact"))
    forms = tuple(one for one in checkins if one.rater == Rater.CLIENT)
    came = _came(clients, checkins)
    contacts = (
        Met(pk, client, clinician, role == Engagement.Role.INDIVIDUAL, day, came.get(pk))
        for pk, client, clinician, role, day in _contacts(clients)
        if client not in episodes or day >= episodes[client].since
    )
    return Stays(ids, tuple(sorted(contacts, key=lambda one: (one.client, one.day))), forms, episodes)


def _contacts(clients: QuerySet[Person]) -> Iterator[tuple[UUID, UUID, UUID, str, date]]:
    rows = facts.standing_contacts().filter(
        engagement__client__in=clients, day__isnull=False, day__lte=timezone.localdate()
    )
    told = rows.values_list("pk", "engagement__client", "engagement__clinician", "engagement__role", "day")
    yield from ((pk, client, clinician, role, day) for pk, client, clinician, role, day in told if day)


def _came(clients: QuerySet[Person], checkins: list[CheckIn]) -> dict[UUID, bool | None]:
    """What the clinician told counts most, then a record of attendance; who filled a form about it came."""
    found: dict[UUID, bool | None] = {one.contact_id: True for one in checkins if one.rater == Rater.CLIENT}
    for one in checkins:
        if one.instrument == ATTENDANCE and one.given_score is not None:
            found[one.contact_id] = bool(one.given_score)
    reports = facts.standing_reports().filter(
        contact__engagement__client__in=clients, side=ContactReport.Side.CLINICIAN
    )
    for contact, attendance in reports.values_list("contact", "attendance"):
        took_place = attendance in ContactReport.TOOK_PLACE
        found[contact] = True if took_place else False if attendance in MISSED else None
    return found
