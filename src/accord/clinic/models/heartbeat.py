"""When the watcher last went round, so that a page can say when it stopped."""

from __future__ import annotations

from django.db import models


class Heartbeat(models.Model):
    name = models.CharField(max_length=50, primary_key=True)
    at = models.DateTimeField()
