"""One filled form, exactly as it came."""

from __future__ import annotations

from django.db import models

from accord.clinic.models.fact import Fact, index_of_replaced
from accord.clinic.models.record_path import RecordPath
from accord.records.ratings import Rater


class CheckIn(Fact):
    record_path = RecordPath(engagement="contact__engagement")

    class Via(models.TextChoices):
        LINK = "link"
        STAFF = "staff"
        IMPORT = "import"

    # The sender of the form makes the `id`, so that sending twice stores once.
    contact = models.ForeignKey("clinic.Contact", on_delete=models.PROTECT, related_name="checkins")
    rater = models.CharField(max_length=20, choices=[(rater.value, rater.value) for rater in Rater])
    instrument = models.CharField(max_length=100)
    instrument_version = models.CharField(max_length=100)
    answers = models.JSONField(default=dict)  # number of the item -> value
    given_score = models.FloatField(null=True, blank=True)  # came as a total
    received_at = models.DateTimeField()
    body_hash = models.CharField(max_length=64)
    via = models.CharField(max_length=10, choices=Via.choices)
    batch = models.ForeignKey(
        "clinic.ImportBatch", null=True, blank=True, on_delete=models.PROTECT, related_name="checkins"
    )

    class Meta:
        indexes = [index_of_replaced("checkin_replaced")]
