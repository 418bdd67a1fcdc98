"""Flags that a person must look at, and their responses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import models
from django.utils.translation import gettext_lazy as _

from accord.clinic.models.fact import Fact
from accord.clinic.models.record_path import RecordPath
from accord.clinic.models.row import Row

if TYPE_CHECKING:
    from accord.clinic.models.engagement import Engagement


class Flag(Row):
    record_path = RecordPath(engagement="engagement")

    class Kind(models.TextChoices):
        SAID = "said", _("somebody's own word")
        RUPTURE = "rupture", _("rupture")
        WORSE = "worse", _("worse than own course")
        LOW_START = "low_start", _("low from the start")
        STRAIN = "strain", _("strain")
        DIP = "dip", _("below own course")

    engagement = models.ForeignKey("clinic.Engagement", on_delete=models.PROTECT, related_name="flags")
    session = models.PositiveIntegerField()
    kind = models.CharField(max_length=20, choices=Kind.choices)
    method_version = models.CharField(max_length=50)
    # The relationship whose clinician sees to it now, where another one took over; null: its own.
    handed_to = models.ForeignKey(
        "clinic.Engagement", null=True, blank=True, on_delete=models.PROTECT, related_name="flags_taken_over"
    )
    assessment = models.ForeignKey(
        "clinic.Assessment", null=True, on_delete=models.PROTECT, related_name="flags"
    )
    finding = models.JSONField()  # what was found, as it was when the flag was raised
    facts = models.CharField(max_length=64)  # digest of the check-ins up to the session, as they were then
    raised_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint("engagement", "session", "kind", "method_version", name="flag_once")
        ]
        indexes = [
            models.Index(fields=["engagement", "withdrawn_at"]),
            # Of the few that were handed on: the others count as one value, for which SQLite leaves an index.
            models.Index(
                fields=["handed_to", "withdrawn_at"],
                condition=models.Q(handed_to__isnull=False),
                name="flag_handed_on",
            ),
        ]

    @property
    def in_hands_of(self) -> Engagement:
        """The relationship in which somebody sees to this flag."""
        return self.handed_to or self.engagement


class Response(Fact):
    record_path = RecordPath(engagement="flag__engagement")

    class Done(models.TextChoices):
        TALKED_ABOUT = "talked_about", _("talked about it together")
        PLANNED = "planned", _("planned for the next contact")
        REACHED_OUT = "reached_out", _("called or wrote")
        TEAM = "team", _("taken to the team")
        LOOKED = "looked", _("reviewed: the context explains it")
        SETTLED = "settled", _("it seems settled to me; the client has not been asked")
        REOPENED = "reopened", _("open again: it is not settled")

    flag = models.ForeignKey(Flag, on_delete=models.PROTECT, related_name="responses")
    by = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="+")
    done = models.CharField(max_length=20, choices=Done.choices)
    day = models.DateField()
    made_at = models.DateTimeField()
