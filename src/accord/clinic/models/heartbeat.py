"""When something was last done, so that a page can say it: a round of the watcher, a backup, reading logs."""

from __future__ import annotations

from django.db import models

from accord.clinic.models.record_path import RecordPath


class Heartbeat(models.Model):
    record_path = RecordPath()

    BACKUP = "backup"
    UNBROKEN = "audit_unbroken"  # the whole log was read, and is as it was written
    BROKEN = "audit_broken"  # it was found to be otherwise; gone once it is found unbroken again

    name = models.CharField(max_length=50, primary_key=True)
    at = models.DateTimeField()
