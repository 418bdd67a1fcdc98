"""The method's result for one relationship at one moment."""

from __future__ import annotations

from django.db import models

from accord.clinic.models.fact import Fact
from accord.clinic.models.record_path import RecordPath


class Assessment(Fact):
    record_path = RecordPath(engagement="engagement")

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
    # An assessment tells the sessions from `first` to `listed`; those before it stand in earlier ones of the
    # chain that began with `begins`. Empty: this one replayed the whole course.
    begins = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="later")
    first = models.PositiveIntegerField(default=0)
    listed = models.PositiveIntegerField(default=0)
    findings = models.JSONField()
    state = models.JSONField()  # of the filter, after `listed`
    basis = models.JSONField(default=dict)  # what the next one must know besides; see `queries.basis`

    class Meta:
        indexes = [
            models.Index(fields=["engagement", "-made_at"]),
            models.Index(fields=["engagement", "-revision"]),
        ]
