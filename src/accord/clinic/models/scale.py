"""A scale outside the catalogue, defined by its range when a file that uses it was imported."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from accord.clinic.models.fact import Fact
from accord.clinic.models.record_path import RecordPath
from accord.records.ratings import Construct


class Scale(Fact):
    record_path = RecordPath()

    name = models.CharField(max_length=100)
    low = models.FloatField()
    high = models.FloatField()
    lower_is_better = models.BooleanField()
    construct = models.CharField(
        max_length=20, choices=[(construct.value, construct.value) for construct in Construct]
    )
    batch = models.ForeignKey("clinic.ImportBatch", on_delete=models.PROTECT, related_name="scales")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(high__gt=F("low")), name="scale_has_a_range")]
