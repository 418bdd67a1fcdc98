"""Somebody asks that a client's sign-in be closed, and a second person confirms it. The reason is sealed."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.db.models import F, Q

from accord.clinic.models.record_path import RecordPath
from accord.clinic.models.row import Row


class ClosingRequest(Row):
    record_path = RecordPath(client="client")

    REASON = "reason"  # the sealed field

    client = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="closing_requests")
    by = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    confirmed_by = models.ForeignKey("clinic.Person", null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("by")),
                name="closing_request_of_two_people",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False, withdrawn_at__isnull=True),
                name="closing_request_confirmed_or_withdrawn",
            ),
            models.UniqueConstraint(
                "client",
                condition=Q(confirmed_at__isnull=True, withdrawn_at__isnull=True),
                name="closing_request_one_open_for_a_client",
            ),
        ]

    @property
    def sealed_client(self) -> UUID:
        return self.client_id

    @property
    def sealed_owner(self) -> None:
        return None
