"""Missed contacts on days that the client had announced: they count as announced, not as missed."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction
from django.db.models import Exists, OuterRef

from accord.clinic.facts import changed
from accord.clinic.facts import current as facts
from accord.clinic.facts.absences import current_absences
from accord.clinic.facts.heard import answered
from accord.clinic.facts.relationships import ATTENDANCE
from accord.clinic.models import Absence, Contact, ContactReport, Engagement, claims
from accord.clinic.models.actors import System
from accord.clinic.monitoring import contacts
from accord.records.ratings import Rater


def report_announced(*, engagement: Engagement, by: System) -> None:
    """Report missed contacts within announced absences as announced; what a clinician reported stays."""
    absences = list(current_absences().filter(client=engagement.client_id).select_related("by"))
    if not absences:
        return
    with transaction.atomic():
        # Locked before the claim, as by everybody who changes its facts: none then waits for another.
        locked_row = changed.locked(engagement)
        with claims.fenced():
            for contact, absence in _pairs(locked_row, absences):
                contacts.report_announced(contact=contact, absence=absence, by=by)


def _pairs(engagement: Engagement, absences: list[Absence]) -> Iterator[tuple[Contact, Absence]]:
    for contact in _missed(engagement):
        for absence in absences:
            if contact.day and absence.counts_on(contact.day):
                yield contact, absence
                break


def _missed(engagement: Engagement) -> list[Contact]:
    """Contacts without a clinician's report that were missed, by the attendance record or an empty form."""
    forms = facts.current_checkins().filter(contact=OuterRef("pk"))
    attendance = forms.filter(instrument=ATTENDANCE)
    clients = forms.filter(rater=Rater.CLIENT)
    rated = forms.exclude(instrument=ATTENDANCE).filter(answered())  # by either side: it took place
    reported = facts.current_reports().filter(contact=OuterRef("pk"), side=ContactReport.Side.CLINICIAN)
    rows = facts.current_contacts().filter(engagement=engagement)
    return list(
        rows.filter(Exists(attendance.filter(given_score=0)) | Exists(clients))
        .exclude(Exists(attendance.filter(given_score__gt=0)))
        .exclude(Exists(rated))
        .exclude(Exists(reported))
        .select_related("engagement__group")
        .order_by("session")
    )
