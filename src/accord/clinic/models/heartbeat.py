"""When the watcher last went round, and when the last backup was made, so that a page can say it."""

from __future__ import annotations

from django.db import models


class Heartbeat(models.Model):
    BACKUP = "backup"

    name = models.CharField(max_length=50, primary_key=True)
    at = models.DateTimeField()
