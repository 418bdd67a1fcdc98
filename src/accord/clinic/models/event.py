"""Something that happened to a client on a day, as files and diaries have it: so many times.

Self-injury and attempts stand here as the record of what was. Nothing is computed from them about a single
person.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accord.clinic.models.fact import Fact, index_of_replaced
from accord.clinic.models.record_path import RecordPath

KIND_LENGTH = 40  # of a kind, in characters


class Event(Fact):
    record_path = RecordPath(client="client")

    client = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="events")
    day = models.DateField()
    kind = models.CharField(max_length=KIND_LENGTH)  # one of `care.EVENT_KINDS`, or the site's own word
    count = models.PositiveIntegerField()  # 0: asked for, and none
    batch = models.ForeignKey(
        "clinic.ImportBatch", null=True, blank=True, on_delete=models.PROTECT, related_name="events"
    )
    made_at = models.DateTimeField()

    class Meta:
        indexes = [index_of_replaced("event_replaced"), models.Index(fields=["client", "kind", "day"])]
        constraints = [
            models.CheckConstraint(condition=~Q(kind=""), name="event_has_a_kind"),
            models.UniqueConstraint(
                fields=["client", "day", "kind"],
                condition=Q(batch__isnull=True, predecessor__isnull=True),
                name="event_once",
            ),
            models.UniqueConstraint(
                fields=["client", "day", "kind", "batch"],
                condition=Q(batch__isnull=False, predecessor__isnull=True),
                name="event_once_in_a_batch",
            ),
        ]
