"""Assesses every relationship whose facts changed and that is not yet assessed."""

from __future__ import annotations

import logging
import time
from threading import Thread
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from accord.clinic.audit import verify_when_due as audits
from accord.clinic.models import read_only
from accord.clinic.site import mode as site_mode
from accord.clinic.site.due import run_due

log = logging.getLogger(__name__)


class Command(BaseCommand):
    reading: Thread | None = None  # of the log, at most one
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

    def _audit(self) -> None:
        """Beside the rounds: a large log takes longer to read than a round may take."""
        if self.reading is None or not self.reading.is_alive():
            self.reading = Thread(target=read_log, daemon=True)
            self.reading.start()

    def _round(self) -> None:
        close_old_connections()
        if read_only.is_on():
            return
        try:
            site_mode.take_in()
            run_due()
            self._audit()
        except DatabaseError:  # it may be busy or away for a moment; the heartbeat tells if it stays so
            log.exception("this round could not be finished")


def read_log() -> None:
    try:
        audits.verify_if_due(timezone.now())
    except DatabaseError:  # the next round begins anew
        log.exception("the log of who did what could not be read")
    finally:
        connection.close()
