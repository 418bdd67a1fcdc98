"""Load the rows behind a dropout forecast: contacts, forms about them, and how treatments ended."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from accord.clinic.facts import care, consents
from accord.clinic.facts import current as facts
from accord.clinic.facts.heard import is_answered
from accord.clinic.facts.relationships import ATTENDANCE
from accord.clinic.models import CareEpisode, CheckIn, ContactReport, Engagement, Person
from accord.records.ratings import Rater

Attendance = ContactReport.Attendance
MISSED = (Attendance.MISSED_CLIENT, Attendance.CANCELLED_CLIENT)
Asked = QuerySet[Person] | tuple[UUID, ...]
A_FEW = 200  # clients


class ContactRow(NamedTuple):
    """A contact. `came` is None if it did not take place unmissed, or if nothing was reported."""

    contact: UUID
    client: UUID
    clinician: UUID
    individual: bool
    day: date
    came: bool | None


@dataclass(frozen=True)
class TreatmentHistory:
    """Rows of some clients. `episodes`: the newest episode of each; contacts before it are left out."""

    clients: tuple[UUID, ...]
    contacts: tuple[ContactRow, ...]  # in order of client and day
    forms: tuple[CheckIn, ...]  # of clients
    episodes: dict[UUID, CareEpisode]


def eligible_clients(organisation_id: UUID) -> QuerySet[Person]:
    """Clients for whom dropout may be estimated and learned. Nothing is computed about a client who said no
    to noticing strain."""
    nobody = consents.current_modes().filter(mode=consents.Mode.NOBODY)
    clients = Person.objects.filter(organisation=organisation_id, kind=Person.Kind.CLIENT)
    allowing = consents.may_use(consents.Purpose.LEAVING, "pk") & consents.may_use(
        consents.Purpose.NOTICING, "pk"
    )
    return clients.filter(allowing).exclude(pk__in=nobody.values("client"))


def of(clients: QuerySet[Person]) -> TreatmentHistory:
    ids = tuple(sorted(clients.values_list("pk", flat=True)))
    # A few ids are quicker to ask by than the query that found them; many may be more than a query can hold.
    asked = ids if len(ids) <= A_FEW else clients
    episodes = dict(care.newest_of(ids))
    about = {"contact__engagement__client__in": asked}
    checkins = list(facts.current_checkins().filter(**about).select_related("contact"))
    forms = tuple(checkin for checkin in checkins if checkin.rater == Rater.CLIENT)
    came = _came(asked, checkins)
    contacts = (
        ContactRow(pk, client, clinician, role == Engagement.Role.INDIVIDUAL, day, came.get(pk))
        for pk, client, clinician, role, day in _contacts(asked)
        if client not in episodes or day >= episodes[client].since
    )
    return TreatmentHistory(
        ids, tuple(sorted(contacts, key=lambda row: (row.client, row.day))), forms, episodes
    )


def _contacts(clients: Asked) -> Iterator[tuple[UUID, UUID, UUID, str, date]]:
    rows = facts.current_contacts().filter(
        engagement__client__in=clients, day__isnull=False, day__lte=timezone.localdate()
    )
    values = rows.values_list("pk", "engagement__client", "engagement__clinician", "engagement__role", "day")
    yield from ((pk, client, clinician, role, day) for pk, client, clinician, role, day in values if day)


def _came(clients: Asked, checkins: list[CheckIn]) -> dict[UUID, bool | None]:
    """Contact -> whether the client came: by the clinician's report, the record of attendance, or a form
    with an answer in it."""
    result: dict[UUID, bool | None] = {
        checkin.contact_id: True
        for checkin in checkins
        if checkin.rater == Rater.CLIENT and is_answered(checkin)
    }
    for checkin in checkins:
        if checkin.instrument == ATTENDANCE and checkin.given_score is not None:
            result[checkin.contact_id] = bool(checkin.given_score)
    reports = facts.current_reports().filter(
        contact__engagement__client__in=clients, side=ContactReport.Side.CLINICIAN
    )
    for contact, attendance in reports.values_list("contact", "attendance"):
        took_place = attendance in ContactReport.TOOK_PLACE
        result[contact] = True if took_place else False if attendance in MISSED else None
    return result
