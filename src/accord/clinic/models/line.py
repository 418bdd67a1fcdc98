"""A client's own line beside a check-in, who may read it, and who did. Its words are in `SealedText`."""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from accord.clinic.models.fact import Fact, index_of_replaced
from accord.clinic.models.record_path import RecordPath


@dataclass(frozen=True)
class Line:
    """Text on its way to being stored, with its audience: a value of `Audience`."""

    text: str = field(repr=False)
    audience: str


class OwnLine(Fact):
    record_path = RecordPath(engagement="checkin__contact__engagement")

    TEXT = "text"  # the sealed field

    checkin = models.OneToOneField("clinic.CheckIn", on_delete=models.PROTECT, related_name="line")
    made_at = models.DateTimeField()

    @property
    def sealed_client(self) -> UUID:
        client_id: UUID = self.checkin.contact.engagement.client_id
        return client_id

    @property
    def sealed_owner(self) -> None:
        return None


class LineSharing(Fact):
    """Who may read a line from `at` on; the newest, which has no successor, holds."""

    record_path = RecordPath(engagement="line__checkin__contact__engagement")

    class Audience(models.TextChoices):
        ONLY_ME = "only_me", _("only me for now")
        CLINICIAN = "clinician", _("the clinician of this relationship")
        READERS = "readers", _("everybody who may read the form")

    line = models.ForeignKey(OwnLine, on_delete=models.PROTECT, related_name="sharings")
    audience = models.CharField(max_length=10, choices=Audience.choices)
    at = models.DateTimeField()

    class Meta:
        indexes = [index_of_replaced("line_sharing_replaced")]
        constraints = [
            models.UniqueConstraint(
                "line", condition=models.Q(predecessor__isnull=True), name="line_sharing_begins_once"
            )
        ]


class LineRead(Fact):
    """The first time that somebody opened a line."""

    record_path = RecordPath(engagement="line__checkin__contact__engagement")

    line = models.ForeignKey(OwnLine, on_delete=models.PROTECT, related_name="reads")
    by = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint("line", "by", name="line_read_once")]
