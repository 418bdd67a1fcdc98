"""One imported file, and the safety answers in it that somebody has read."""

from __future__ import annotations

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
