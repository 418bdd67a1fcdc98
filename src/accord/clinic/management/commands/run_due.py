"""Assesses every relationship whose facts changed and that is not yet assessed."""

from __future__ import annotations

import logging
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections

from accord.clinic import read_only
from accord.clinic.actions import site_mode
from accord.clinic.actions.watch import run_due

log = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Assess what is not yet assessed. Safe to run again at any time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--every", type=float, metavar="SECONDS", help="go round again and again")

    def handle(self, *args: Any, **options: Any) -> None:
        every = options["every"]
        if every is None:
            waited, assessed = run_due()
            self.stdout.write(f"{waited} waited, {assessed} assessed")
            return
        while True:
            self._round()
            time.sleep(every)

    def _round(self) -> None:
        close_old_connections()
        if read_only.is_on():
            return
        try:
            site_mode.take_in()
            run_due()
        except DatabaseError:  # it may be busy or away for a moment; the heartbeat tells if it stays so
            log.exception("this round could not be finished")
