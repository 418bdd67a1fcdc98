"""Read-only mode: pages still show, and nothing can be written."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accord.clinic.models.actors import SYSTEM
from accord.clinic.site import mode as site_mode


class Command(BaseCommand):
    help = "Turn read-only mode on or off: for migrations, and in trouble."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("mode", choices=["on", "off"])

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            message = (site_mode.turn_on if options["mode"] == "on" else site_mode.turn_off)(by=SYSTEM)
        except OSError as error:
            raise CommandError(f"expected a data folder that can be written ({error})") from error
        self.stdout.write(message)
