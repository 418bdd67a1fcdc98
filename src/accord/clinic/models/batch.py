"""One imported file, and the safety answers in it that somebody has read."""

from __future__ import annotations

from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from accord.clinic.models.fact import Fact
from accord.clinic.models.record_path import RecordPath
from accord.clinic.models.row import Row


class ImportBatch(Row):
    record_path = RecordPath()

    class What(models.TextChoices):
        RATINGS = "ratings", _("ratings")
        EPISODES = "episodes", _("episodes of care")
        EVENTS = "events", _("events")

    what = models.CharField(max_length=10, choices=What.choices, default=What.RATINGS)
    by = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="+")
    filename = models.CharField(max_length=200)
    # Where the file comes from, in the words of the person who imports; a source confirms its people once.
    source = models.CharField(max_length=100, blank=True)
    sha256 = models.CharField(max_length=64)
    confirmed_not_real = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey("clinic.Person", null=True, on_delete=models.PROTECT, related_name="+")
    rows = models.PositiveIntegerField()
    relationships = models.PositiveIntegerField()  # 0 where the file is not of ratings


class SafetyRead(Fact):
    record_path = RecordPath(engagement="checkin__contact__engagement")

    batch = models.ForeignKey(ImportBatch, on_delete=models.PROTECT, related_name="safety_reads")
    checkin = models.ForeignKey("clinic.CheckIn", on_delete=models.PROTECT, related_name="safety_reads")
    item = models.PositiveIntegerField()
    value = models.FloatField()
    read_by = models.CharField(max_length=200)
    read_on = models.DateField()


class LeftOutAnswer(Fact):
    """An answer above 0 on a safety item in a row that was not taken, which somebody has read.

    The row, the answer and what the row says of whose it is are sealed, as the file had them.
    """

    record_path = RecordPath(client="client")

    ROW = "row"  # the sealed field

    batch = models.ForeignKey(ImportBatch, on_delete=models.PROTECT, related_name="left_out_answers")
    line = models.PositiveIntegerField()  # of the file, the heading being 1
    # The client whom the row names, where the record knows them.
    client = models.ForeignKey("clinic.Person", null=True, on_delete=models.PROTECT, related_name="+")
    instrument = models.CharField(max_length=100)
    item = models.PositiveIntegerField()
    # Whether the row's day lies in the weeks before it was read, or cannot be read: the day itself is sealed.
    recent = models.BooleanField(default=True)
    read_by = models.ForeignKey("clinic.Person", on_delete=models.PROTECT, related_name="+")
    read_on = models.DateField()

    @property
    def sealed_client(self) -> UUID:
        """Whose record the words belong to; where nobody is known, the import's alone."""
        return self.client_id or self.batch_id

    @property
    def sealed_owner(self) -> None:
        return None
