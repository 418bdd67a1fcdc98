"""A clinician opened a client's picture, so that both can look at it in a session. Nothing is ever changed.

How long it stays open is no column, so no row can be longer than another.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import models
from django.db.models import F, Q

from accord.clinic.models.fact import Fact
from accord.clinic.models.record_path import RecordPath


class PictureOpening(Fact):
    record_path = RecordPath(client="client")

    LASTS = timedelta(minutes=60)

    by = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="+")
    client = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="picture_openings")
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(by=F("client")), name="picture_opening_of_two_people")
        ]
        indexes = [models.Index(fields=["client", "opened_at"], name="picture_opening_of_client")]

    @property
    def ends_at(self) -> datetime:
        end: datetime = self.opened_at + self.LASTS
        return end
