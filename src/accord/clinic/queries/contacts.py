"""What became of each contact, in words: for the list on a client's page and the marks in the course."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accord.clinic.models import Contact, ContactReport, Engagement
from accord.clinic.queries import facts
from accord.figures.series import Mark
from accord.records import Hard
from accord.words_beside import hard_phrase

LATEST = 6


@dataclass(frozen=True)
class ContactView:
    """`told`: somebody said what became of it. `plain`: it took place, and nothing else is to be told."""

    id: UUID
    session: int
    day: date | None
    words: str
    told: bool
    plain: bool

    def mark(self) -> Mark:
        return Mark(self.session, self.words, self.day)


def contacts_of(engagements: QuerySet[Engagement]) -> Mapping[UUID, list[ContactView]]:
    """Relationship -> its contacts, newest first."""
    told: dict[UUID, list[ContactReport]] = {}
    for report in facts.standing_reports().filter(contact__engagement__in=engagements):
        told.setdefault(report.contact_id, []).append(report)
    found: dict[UUID, list[ContactView]] = {}
    for contact in facts.standing_contacts().filter(engagement__in=engagements).order_by("-session"):
        found.setdefault(contact.engagement_id, []).append(_view(contact, told.get(contact.pk, [])))
    return found


def _view(contact: Contact, reports: Sequence[ContactReport]) -> ContactView:
    clinicians = next((one for one in reports if one.side == ContactReport.Side.CLINICIAN), None)
    hard = sorted({one.hard for one in reports if one.hard} - {Hard.OTHER.value}) or [
        one.hard for one in reports if one.hard
    ]
    parts = [clinicians.get_attendance_display()] if clinicians else [_("not said what became of it")]
    parts += _special(clinicians) if clinicians else []
    parts += [hard_phrase(Hard(hard[0]), _)] if hard else []
    took_place = clinicians is None or clinicians.attendance in ContactReport.TOOK_PLACE
    return ContactView(
        contact.pk, contact.session, contact.day, ", ".join(map(str, parts)), clinicians is not None,
        took_place and not hard,
    )  # fmt: skip


def _special(report: ContactReport) -> list[str]:
    """The kind where it is not the session everybody expects, and that it was not planned."""
    usual = (ContactReport.Kind.INDIVIDUAL, ContactReport.Kind.GROUP)
    kind = [] if report.kind in usual else [str(report.get_kind_display())]
    return kind + ([] if report.planned else [_("not planned")])
