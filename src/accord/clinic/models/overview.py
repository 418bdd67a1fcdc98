"""The programme in figures as it was on a day: computed once, stored as shown, and never for one person."""

from __future__ import annotations

from django.db import models

from accord.clinic.models.fact import Fact
from accord.clinic.models.record_path import RecordPath

PEOPLE, CLINICIANS = 10, 5  # at least so many in each cell; clinicians where it says something of their work


class Overview(Fact):
    record_path = RecordPath()

    as_of = models.DateField()
    version = models.CharField(max_length=50)
    figures = models.JSONField()  # small cells are left out before it is stored
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["organisation", "made_at"])]
