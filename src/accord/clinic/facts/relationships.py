"""Interpret a relationship's rows: which series is followed, and whether each contact took place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from accord.clinic.facts import instruments
from accord.clinic.facts.columns import Entry
from accord.clinic.models import Contact as ContactRow
from accord.clinic.models import ContactReport
from accord.records.ratings import Absence, Construct, Contact, Hard, Instrument, Rater

ATTENDANCE = "attendance"  # the record of attendance, as files have it


def followed(
    counted: Mapping[tuple[str, Rater], int], organisation_id: UUID
) -> tuple[Instrument, Rater] | None:
    """The series to follow, as instrument and rater; None where nothing was filled.

    The client's alliance instrument with most check-ins, else the client's instrument with most, else
    whichever has most.
    """
    known = {name: instruments.find(organisation_id, name) for name, _ in counted}

    def rank(series: tuple[str, Rater]) -> tuple[bool, bool, int, str]:
        name, rater = series
        of_client = rater is Rater.CLIENT
        alliance = known[name].construct is Construct.ALLIANCE
        return (not (of_client and alliance), not of_client, -counted[series], name)

    if not counted:
        return None
    name, rater = min(counted, key=rank)
    return known[name], rater


ABSENCES = {
    ContactReport.Attendance.ANNOUNCED: Absence.ANNOUNCED,
    ContactReport.Attendance.CANCELLED_CLIENT: Absence.CANCELLED,
    ContactReport.Attendance.CANCELLED_CLINICIAN: Absence.BY_CLINICIAN,
    ContactReport.Attendance.MISSED_CLINICIAN: Absence.BY_CLINICIAN,
}


def contact_of(contact: ContactRow, reports: Sequence[ContactReport]) -> Contact:
    attendance = next((report.attendance for report in reports if report.attendance), "")
    # The clinician may say what it was for; the client says only that it was meant to be hard.
    hard = [
        report.hard for report in sorted(reports, key=lambda report: report.side == "client") if report.hard
    ]
    return Contact(
        contact.session,
        contact.day,
        came=came(attendance),
        absence=ABSENCES.get(ContactReport.Attendance(attendance)) if attendance else None,
        hard=Hard(hard[0]) if hard else None,
    )


def came(attendance: str) -> bool | None:
    """Whether the client came; None if the contact did not take place for another person's reason."""
    if attendance in ContactReport.TOOK_PLACE:
        return True
    return False if attendance == ContactReport.Attendance.MISSED_CLIENT else None


def attendance(report: ContactReport) -> Entry | None:
    """A contact's attendance as an entry of the record of attendance; None if it does not count."""
    attended = came(report.attendance)
    return None if attended is None else Entry(report.contact, Rater.SYSTEM, ATTENDANCE, float(attended), {})
