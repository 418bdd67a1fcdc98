"""Read-only mode: pages still show, and nothing can be written."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from accord.clinic.models.actors import SYSTEM
from accord.clinic.site import mode as site_mode


class Command(BaseCommand):
    help = "Turn read-only mode on or off: for migrations, and in trouble."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("mode", choices=["on", "off"])
        parser.add_argument(
            "--here", action="store_true", help="at this server only, not at all that share the database"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            turn = site_mode.turn_on if options["mode"] == "on" else site_mode.turn_off
            message = turn(by=SYSTEM, here=options["here"])
        except site_mode.OnlyHere as partly:
            raise CommandError(str(partly)) from partly
        except DatabaseError as error:
            raise CommandError(f"the database does not answer ({type(error).__name__}); try again") from error
        except OSError as error:
            raise CommandError(f"expected a data folder that can be written ({error})") from error
        self.stdout.write(message)
