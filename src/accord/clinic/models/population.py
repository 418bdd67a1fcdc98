"""Population values of one instrument across the programme, learned once and then fixed."""

from __future__ import annotations

from django.db import models

from accord.clinic.models.fact import Fact
from accord.clinic.models.record_path import RecordPath


class Population(Fact):
    record_path = RecordPath()

    instrument = models.CharField(max_length=100)
    rater = models.CharField(max_length=20)
    values = models.JSONField()
    relationships = models.PositiveIntegerField()
    batch = models.ForeignKey(
        "clinic.ImportBatch", null=True, blank=True, on_delete=models.PROTECT, related_name="populations"
    )
    made_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["organisation", "instrument", "made_at"])]
