"""One filled form, exactly as it came."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accord.clinic.models.fact import Fact
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
    # How many forms about the same came before this in its chain. Undoing an import may take a form out of
    # the middle of a chain: the last form that is left holds, whatever it names as predecessor.
    revision = models.PositiveIntegerField(default=0)
    via = models.CharField(max_length=10, choices=Via.choices)
    batch = models.ForeignKey(
        "clinic.ImportBatch", null=True, blank=True, on_delete=models.PROTECT, related_name="checkins"
    )

    class Meta:
        # Only few forms have a predecessor; see `index_of_replaced`.
        indexes = [
            models.Index(
                fields=["contact", "rater", "instrument"],
                condition=Q(predecessor__isnull=False),
                name="checkin_replaced",
            )
        ]
