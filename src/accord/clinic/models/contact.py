"""A contact of a relationship, and each side's reports about it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accord.clinic.models.fact import Fact, index_of_replaced
from accord.clinic.models.record_path import RecordPath
from accord.records.ratings import Hard


class Contact(Fact):
    record_path = RecordPath(engagement="engagement")

    engagement = models.ForeignKey("clinic.Engagement", on_delete=models.PROTECT, related_name="contacts")
    session = models.PositiveIntegerField()
    day = models.DateField(null=True, blank=True)
    batch = models.ForeignKey(
        "clinic.ImportBatch", null=True, blank=True, on_delete=models.PROTECT, related_name="contacts"
    )
    made_at = models.DateTimeField()

    class Meta:
        indexes = [index_of_replaced("contact_replaced"), models.Index(fields=["engagement", "day"])]
        constraints = [
            models.UniqueConstraint(
                fields=["engagement", "session"],
                condition=Q(batch__isnull=True, predecessor__isnull=True),
                name="contact_once",
            ),
            models.UniqueConstraint(
                fields=["engagement", "session", "batch"],
                condition=Q(batch__isnull=False, predecessor__isnull=True),
                name="contact_once_in_a_batch",
            ),
        ]


class ContactReport(Fact):
    """One side's report about a contact: attendance, and whether it was deliberately difficult.

    Each side has one chain of reports about a contact; the current one is its last. A client tells one thing
    only, that the contact was meant to be hard.
    """

    record_path = RecordPath(engagement="contact__engagement")

    class Side(models.TextChoices):
        CLINICIAN = "clinician", _("clinician")
        CLIENT = "client", _("client")

    class Kind(models.TextChoices):
        INDIVIDUAL = "individual", _("individual session")
        GROUP = "group", _("group")
        PHONE = "phone", _("phone coaching")
        MILIEU = "milieu", _("milieu contact")
        FAMILY = "family", _("with family or others close")

    class Attendance(models.TextChoices):
        ATTENDED = "attended", _("took place")
        LATE = "late", _("took place, began late")
        MISSED_CLIENT = "missed_client", _("missed by the client")
        MISSED_CLINICIAN = "missed_clinician", _("missed by the clinician")
        CANCELLED_CLIENT = "cancelled_client", _("cancelled by the client")
        CANCELLED_CLINICIAN = "cancelled_clinician", _("cancelled by the clinician")
        ANNOUNCED = "announced", _("announced absence")
        MISTAKEN = "mistaken", _("entered by mistake: there was no such contact")

    TOOK_PLACE = (Attendance.ATTENDED, Attendance.LATE)

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="reports")
    side = models.CharField(max_length=10, choices=Side.choices)
    by = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind.choices, blank=True)
    planned = models.BooleanField(default=True)
    attendance = models.CharField(max_length=20, choices=Attendance.choices, blank=True)
    hard = models.CharField(max_length=15, choices=[(hard.value, hard.value) for hard in Hard], blank=True)
    made_at = models.DateTimeField()

    class Meta:
        indexes = [index_of_replaced("contact_report_replaced")]
        constraints = [
            models.UniqueConstraint(
                fields=["contact", "side"],
                condition=Q(predecessor__isnull=True),
                name="contact_report_one_chain_a_side",
            ),
            models.CheckConstraint(
                condition=Q(side="clinician", kind__in=["individual", "group", "phone", "milieu", "family"])
                & ~Q(attendance="")
                | Q(side="client", kind="", attendance=""),
                name="contact_report_tells_what_its_side_knows",
            ),
            models.CheckConstraint(
                condition=Q(
                    attendance__in=[
                        "", "attended", "late", "missed_client", "missed_clinician", "cancelled_client",
                        "cancelled_clinician", "announced", "mistaken",
                    ]
                ),
                name="contact_report_attendance_known",
            ),
            models.CheckConstraint(
                condition=Q(hard="") | Q(attendance__in=["", "attended", "late"]),
                name="contact_report_hard_only_where_it_took_place",
            ),
            models.CheckConstraint(
                condition=Q(hard__in=["", "chain_analysis", "limit", "exposure", "ending", "other"]),
                name="contact_report_hard_known",
            ),
        ]  # fmt: skip
