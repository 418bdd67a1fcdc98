"""Somebody opened the record of a client they do not treat, in an emergency. Nothing of it is ever changed.

How long it lasts and what it opens is no column, so no row can be longer or wider than another. Its reason is
in `SealedText`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import models
from django.db.models import F, Q

from accord.clinic.models.fact import Fact
from accord.clinic.models.record_path import RecordPath


class BreakGlass(Fact):
    record_path = RecordPath(client="client")

    LASTS = timedelta(hours=4)
    REASON = "reason"  # the sealed field

    by = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="+")
    client = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="emergencies")
    opened_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(by=F("client")), name="break_glass_of_two_people")]
        indexes = [models.Index(fields=["by", "client", "opened_at"])]

    @property
    def ends_at(self) -> datetime:
        end: datetime = self.opened_at + self.LASTS
        return end

    @property
    def sealed_client(self) -> UUID:
        return self.client_id

    @property
    def sealed_owner(self) -> None:
        return None


class BreakGlassSeen(Fact):
    """A programme lead looked at it."""

    record_path = RecordPath(client="opening__client")

    opening = models.ForeignKey(BreakGlass, on_delete=models.PROTECT, related_name="seen")
    by = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("opening", "by", name="break_glass_seen_once")]


class BreakGlassQuery(Fact):
    """Somebody asked, in an emergency, for a name or code that no single client has. Nothing was opened.

    What was asked for, and why, is in `SealedText`; it may be about a person who is no client here.
    """

    record_path = RecordPath()

    CALLED, REASON = "called", "reason"  # the sealed fields

    by = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["organisation", "asked_at"])]

    @property
    def sealed_client(self) -> UUID:
        """No client's record: the text is bound to the organisation."""
        return self.organisation_id

    @property
    def sealed_owner(self) -> None:
        return None
