"""Health of the site in full: for the people who run it, at its own machine."""

from __future__ import annotations

import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from accord.clinic.site import health


class Command(BaseCommand):
    help = "Say how the site is: database, workers and jobs, disk, last backup, log. Ends with 1 if unwell."

    def handle(self, *args: Any, **options: Any) -> None:
        now = health.health(timezone.now(), settings.ACCORD.folder)
        self.stdout.write(now.as_text(), ending="")
        if not now.well:
            sys.exit(1)
