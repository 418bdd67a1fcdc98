"""An absence that a client announced: from its first day to its last, and the day on which they said so.

It is changed and taken back by a successor.
"""

from __future__ import annotations

from datetime import date

from django.db import models
from django.db.models import F, Q

from accord.clinic.models.fact import Fact, index_of_replaced
from accord.clinic.models.record_path import RecordPath


class Absence(Fact):
    record_path = RecordPath(client="client")

    client = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="absences")
    first_day = models.DateField()
    last_day = models.DateField()
    announced_on = models.DateField()
    is_taken_back = models.BooleanField(default=False)
    by = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        indexes = [
            index_of_replaced("absence_replaced"),
            models.Index(fields=["client", "last_day"], name="absence_of_client"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="absence_ends_after_it_begins"
            ),
            models.CheckConstraint(
                condition=Q(announced_on__lte=F("last_day")), name="absence_announced_before_it_ends"
            ),
        ]

    @property
    def counts_from(self) -> date:
        """The first day of the absence on which the team knew of it; a contact before then was missed."""
        return max(self.first_day, self.announced_on)

    def counts_on(self, day: date) -> bool:
        return self.counts_from <= day <= self.last_day
