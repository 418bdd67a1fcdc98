"""What the method said about one relationship at one moment."""

from __future__ import annotations

from django.db import models

from accord.clinic.models.fact import Fact


class Assessment(Fact):
    engagement = models.ForeignKey("clinic.Engagement", on_delete=models.PROTECT, related_name="assessments")
    instrument = models.CharField(max_length=100)
    instrument_version = models.CharField(max_length=100)
    rater = models.CharField(max_length=20)
    method_version = models.CharField(max_length=50)
    population = models.ForeignKey("clinic.Population", null=True, on_delete=models.PROTECT, related_name="+")
    assumed = models.BooleanField(default=False)  # rests on values that nobody has checked
    revision = models.PositiveIntegerField()  # the engagement's, when its facts were read
    checkins_seen = models.PositiveIntegerField()
    as_of = models.DateField()
    made_at = models.DateTimeField()
    findings = models.JSONField()
    state = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["engagement", "-made_at"])]
