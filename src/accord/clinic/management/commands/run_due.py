"""Does what is due: one round, or again and again as `accord work` does."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accord.clinic.models import read_only
from accord.clinic.site import due
from accord.clinic.site.commands import work


class Command(BaseCommand):
    help = "Do what is due: assess what is not yet assessed, and every other job. Safe to run at any time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--every", type=float, metavar="SECONDS",
            help="go on until stopped, as `accord work` does; every job has its own clock by now",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        if options["every"] is not None:
            work.run_jobs()
        elif read_only.is_on():
            self.stdout.write("read-only: nothing is done until it is turned off")
        else:
            waited, assessed = due.run_due()
            self.stdout.write(f"{waited} waited, {assessed} assessed")
