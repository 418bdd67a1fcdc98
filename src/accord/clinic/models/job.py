"""When each job is next to run and who is running it, and which workers live. Neither is in any backup."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from accord.clinic.models.record_path import RecordPath


class JobState(models.Model):
    """A job of the site, or one of its parts: `key` names the part, such as a relationship to be assessed.

    The row says when and by whom, never whether something is due at all: that is said by the rows of facts,
    so an emptied table loses no work. `due` is empty while a part waits for nothing.
    """

    record_path = RecordPath()

    name = models.CharField(max_length=50)
    key = models.CharField(max_length=200, blank=True)  # empty: the job as a whole
    due = models.DateTimeField(null=True)
    claim = models.UUIDField(null=True)  # of the run that is under way; every run has another one
    claimed_by = models.CharField(max_length=150, blank=True)  # name of the worker
    claimed_until = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)  # since the last success
    last_success = models.DateTimeField(null=True)
    last_trouble = models.CharField(max_length=200, blank=True)  # time and kind of error, never its words

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "key"], name="job_state_once")]
        indexes = [models.Index(fields=["due"], condition=Q(due__isnull=False), name="job_state_due")]


class Worker(models.Model):
    """A process that runs jobs. One that is not seen any more is forgotten after a day."""

    record_path = RecordPath()

    name = models.CharField(max_length=150, primary_key=True)  # server, folder and process
    started = models.DateTimeField()
    seen = models.DateTimeField()
