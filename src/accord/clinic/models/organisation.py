"""The organisation that runs the site. Everything else belongs to one."""

from __future__ import annotations

import uuid

from django.db import models

from accord.clinic.models.record_path import RecordPath


class Organisation(models.Model):
    record_path = RecordPath()

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200, unique=True)
    # What the alarm line is set by: weeks in which a client gets one false flag, over all relationships.
    weeks_per_false_flag = models.PositiveSmallIntegerField(default=8)
    # When somebody has left: so many scheduled contacts missed in a row, or all for so many days. Whether
    # being put out by such a rule is analysed as leaving; whether people live here (weeks become days).
    leaving_missed = models.PositiveSmallIntegerField(default=4)
    leaving_days = models.PositiveSmallIntegerField(default=28)
    leaving_put_out = models.BooleanField(default=False)
    in_residence = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(weeks_per_false_flag__gte=1, weeks_per_false_flag__lte=52),
                name="organisation_weeks_per_false_flag",
            ),
            models.CheckConstraint(
                condition=models.Q(leaving_missed__gte=2, leaving_missed__lte=12)
                & models.Q(leaving_days__gte=3, leaving_days__lte=90),
                name="organisation_leaving_can_be_told",
            ),
        ]

    def __str__(self) -> str:
        return self.name
