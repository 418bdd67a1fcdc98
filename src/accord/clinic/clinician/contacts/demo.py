"""Missed contacts of the demonstration."""

from __future__ import annotations

from uuid import uuid4

from django.db.models import Exists, OuterRef

from accord.clinic.facts import consents
from accord.clinic.models import Consent, Contact, ContactReport, Engagement, Flag
from accord.clinic.monitoring import contacts
from accord.clinic.monitoring.contacts import ReportedContact
from accord.clinic.web.demonstration import Demonstration


def fill(demonstration: Demonstration) -> None:
    """One of the clinician's clients without a flag missed the last two contacts."""
    clinician, today = demonstration.clinician, demonstration.today
    flagged = Flag.objects.filter(withdrawn_at__isnull=True).values("engagement__client")
    switched_off = Consent.objects.filter(
        purpose__in=(consents.Purpose.NOTICING, consents.Purpose.LEAVING), allowed=False
    )
    came_today = Contact.objects.filter(engagement__client=OuterRef("client"), day__gte=today)
    mine = Engagement.objects.filter(clinician=clinician, until__isnull=True)
    calm = mine.exclude(client=demonstration.client).exclude(client__in=flagged)
    calm = calm.exclude(client__in=switched_off.values("client")).exclude(Exists(came_today))
    missed = ReportedContact(ContactReport.Attendance.MISSED_CLIENT, ContactReport.Kind.INDIVIDUAL)
    for engagement in calm.order_by("client__code")[:1]:
        for _ in range(2):
            contacts.log(contact_id=uuid4(), engagement=engagement, day=today, reported=missed, by=clinician)
