"""A shift of somebody who can be called, as the programme lead entered it.

It is changed and taken back by a successor. A shift that was taken back keeps its row, so that what a page
said at any moment can be worked out afterwards.
"""

from __future__ import annotations

from datetime import tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accord.clinic.models.fact import Fact, index_of_replaced
from accord.clinic.models.record_path import RecordPath
from accord.clinic.telephone import dialled


class DutyShift(Fact):
    """From `starts_at`, inclusive, until `ends_at`, exclusive. Its times were entered as those of `zone`."""

    record_path = RecordPath()

    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    zone = models.CharField(max_length=64)  # an IANA name, such as Europe/Berlin
    name = models.CharField(max_length=100)
    number = models.CharField(max_length=40)  # as it is shown; `dialled` is what a telephone takes
    taken_back = models.BooleanField(default=False)
    # Who entered this row, and when. Empty: the site itself.
    entered_by = models.ForeignKey("clinic.Person", null=True, on_delete=models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        indexes = [
            index_of_replaced("duty_shift_replaced"),
            models.Index(fields=["organisation", "ends_at"], name="duty_shift_by_end"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="duty_shift_ends_after_it_starts"
            ),
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(number="") & ~Q(zone=""),
                name="duty_shift_names_somebody_to_call",
            ),
            models.CheckConstraint(
                condition=Q(taken_back=False) | Q(predecessor__isnull=False),
                name="duty_shift_taken_back_after_it_was_entered",
            ),
        ]

    @property
    def tz(self) -> tzinfo:
        """The zone; the site's own where this machine no longer knows the name."""
        try:
            return ZoneInfo(self.zone)
        except ZoneInfoNotFoundError:
            return timezone.get_default_timezone()

    @property
    def dialled(self) -> str:
        return dialled(self.number)
