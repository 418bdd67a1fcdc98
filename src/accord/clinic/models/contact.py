"""One meeting of a relationship."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accord.clinic.models.fact import Fact


class Contact(Fact):
    engagement = models.ForeignKey("clinic.Engagement", on_delete=models.PROTECT, related_name="contacts")
    session = models.PositiveIntegerField()
    day = models.DateField(null=True, blank=True)
    batch = models.ForeignKey(
        "clinic.ImportBatch", null=True, blank=True, on_delete=models.PROTECT, related_name="contacts"
    )
    made_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["engagement", "session"],
                condition=Q(batch__isnull=True, predecessor__isnull=True),
                name="contact_once",
            ),
            models.UniqueConstraint(
                fields=["engagement", "session", "batch"],
                condition=Q(batch__isnull=False, predecessor__isnull=True),
                name="contact_once_in_a_batch",
            ),
        ]
