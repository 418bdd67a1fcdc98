"""Attendance of each contact in words, for the list on a client's page and the timeline."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from accord.clinic.facts import current as facts
from accord.clinic.facts.relationships import ATTENDANCE
from accord.clinic.facts.shown_relationships import ShownRelationships
from accord.clinic.models import Contact, ContactReport, Engagement
from accord.records.ratings import Hard
from accord.words.context import hard_phrase

LATEST = 6


@dataclass(frozen=True)
class ContactView:
    """`reported`: its clinician recorded attendance. `unremarkable`: attended, with nothing else to show."""

    id: UUID
    session: int
    day: date | None
    words: str
    reported: bool
    unremarkable: bool
    kind: str  # empty: not reported


def recently_announced(engagements: Collection[Engagement], since: date) -> dict[UUID, date]:
    """Relationship -> the latest day after `since` for which an absence was announced."""
    reports = facts.current_reports().filter(
        contact__engagement__in=engagements,
        contact__day__gt=since,
        attendance=ContactReport.Attendance.ANNOUNCED,
    )
    return dict(reports.values_list("contact__engagement").annotate(day=Max("contact__day")))


def contacts_of(relationships: ShownRelationships) -> Mapping[UUID, list[ContactView]]:
    """Relationship -> its contacts, newest first."""
    reports: dict[UUID, list[ContactReport]] = {}
    for report in facts.current_reports().filter(contact__engagement__in=relationships.rows):
        reports.setdefault(report.contact_id, []).append(report)
    attended = _record_of_attendance(relationships.rows)
    result: dict[UUID, list[ContactView]] = {}
    for contact in facts.current_contacts().filter(engagement__in=relationships.rows).order_by("-session"):
        result.setdefault(contact.engagement_id, []).append(
            _view(contact, reports.get(contact.pk, []), attended.get(contact.pk))
        )
    return result


def _record_of_attendance(engagements: QuerySet[Engagement]) -> dict[UUID, bool]:
    """Contact -> whether the client came, as an imported record of attendance has it."""
    of_record = facts.current_checkins().filter(contact__engagement__in=engagements, instrument=ATTENDANCE)
    scores = of_record.filter(given_score__isnull=False).values_list("contact", "given_score")
    return {contact: bool(score) for contact, score in scores}


def _without_report(came: bool | None) -> str:
    """Words for a contact that its clinician has not reported on."""
    if came is None:
        return _("attendance not recorded yet")
    return _("came, by the record of attendance") if came else _("missed, by the record of attendance")


def _view(contact: Contact, reports: Sequence[ContactReport], came: bool | None) -> ContactView:
    clinicians = next((report for report in reports if report.side == ContactReport.Side.CLINICIAN), None)
    hard = sorted({report.hard for report in reports if report.hard} - {Hard.OTHER.value}) or [
        report.hard for report in reports if report.hard
    ]
    parts = [clinicians.get_attendance_display()] if clinicians else [_without_report(came)]
    parts += _special(clinicians) if clinicians else []
    parts += [hard_phrase(Hard(hard[0]), _)] if hard else []
    took_place = clinicians.attendance in ContactReport.TOOK_PLACE if clinicians else came is not False
    return ContactView(
        contact.pk, contact.session, contact.day, ", ".join(map(str, parts)), clinicians is not None,
        took_place and not hard, clinicians.kind if clinicians else "",
    )  # fmt: skip


def _special(report: ContactReport) -> list[str]:
    """The kind if it is unusual, and a note if the contact was not scheduled."""
    usual = (ContactReport.Kind.INDIVIDUAL, ContactReport.Kind.GROUP)
    kind = [] if report.kind in usual else [str(report.get_kind_display())]
    return kind + ([] if report.planned else [_("not scheduled")])
