"""What was done about self-injury, an attempt or a safety answer that had newly come on record."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accord.clinic.models.fact import Fact
from accord.clinic.models.flag import Response
from accord.clinic.models.record_path import RecordPath


class ActResponse(Fact):
    """A response to one act; those that were given together have `by`, `done` and `made_at` in common."""

    record_path = RecordPath(client="client")

    class Done(models.TextChoices):
        TALKED_ABOUT = Response.Done.TALKED_ABOUT.value, Response.Done.TALKED_ABOUT.label
        PLANNED = Response.Done.PLANNED.value, Response.Done.PLANNED.label
        REACHED_OUT = Response.Done.REACHED_OUT.value, Response.Done.REACHED_OUT.label
        TEAM = Response.Done.TEAM.value, Response.Done.TEAM.label
        READ = "read", _("read; nothing more is needed now")
        # Of a site that is older than this table: nobody was asked what they did, and it is not known.
        OPENED = "opened", _("their page was opened, before anybody was asked what was done")

    client = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="act_responses")
    event = models.ForeignKey(
        "clinic.Event", null=True, on_delete=models.PROTECT, related_name="responses", db_index=False
    )
    safety_read = models.ForeignKey(
        "clinic.SafetyRead", null=True, on_delete=models.PROTECT, related_name="responses", db_index=False
    )
    left_out = models.ForeignKey(
        "clinic.LeftOutAnswer", null=True, on_delete=models.PROTECT, related_name="responses", db_index=False
    )
    by = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="+")
    done = models.CharField(max_length=20, choices=Done.choices)
    day = models.DateField()
    made_at = models.DateTimeField()

    class Meta:
        # Of each kind alone: SQLite would count all the others as one value, and leave an index for that.
        indexes = [
            models.Index(
                fields=[topic], condition=Q(**{f"{topic}__isnull": False}), name=f"act_response_{topic}"
            )
            for topic in ("event", "safety_read", "left_out")
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(event__isnull=False, safety_read__isnull=True, left_out__isnull=True)
                | Q(event__isnull=True, safety_read__isnull=False, left_out__isnull=True)
                | Q(event__isnull=True, safety_read__isnull=True, left_out__isnull=False),
                name="act_response_is_about_one_thing",
            )
        ]

    @property
    def about(self) -> UUID:
        """The id of the event or the answer."""
        ids: tuple[UUID | None, ...] = (self.event_id, self.safety_read_id, self.left_out_id)
        return next(filter(None, ids))


# The answers that a person may choose; the other one is written when a site moves to this version.
CHOICES = [choice for choice in ActResponse.Done.choices if choice[0] != ActResponse.Done.OPENED]
