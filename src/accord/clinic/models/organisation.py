"""The organisation that runs the site. Everything else belongs to one."""

from __future__ import annotations

import uuid

from django.db import models


class Organisation(models.Model):
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200, unique=True)
    # What the alarm line is set by: weeks in which a client gets one false flag, over all relationships.
    weeks_per_false_flag = models.PositiveSmallIntegerField(default=8)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(weeks_per_false_flag__gte=1, weeks_per_false_flag__lte=52),
                name="organisation_weeks_per_false_flag",
            )
        ]

    def __str__(self) -> str:
        return self.name
