"""The real web server of a site, as `accord serve` starts it, and the ways it can be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from accord.clinic.site.commands.processes import web_command
from tests.proofs.programme import ROOT

REAL = "accord.clinic.wsgi:application"
PATIENCE = 180.0  # seconds for a start


class Server:
    """`application`: what is served; the planted faults are applications of their own."""

    def __init__(self, environment: Mapping[str, str], port: int, log: Path, application: str = REAL) -> None:
        self.environment, self.port, self.log = dict(environment), port, log
        self.command = [application if part == REAL else part for part in web_command("127.0.0.1", port)]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, env=self.environment, cwd=ROOT, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
        self.wait()

    def wait(self) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.process is None or self.process.poll() is not None:
                raise RuntimeError(self.log.read_text(errors="replace")[-3000:])
            if self.answers():
                return
            time.sleep(0.05)
        self.stop()
        raise RuntimeError(
            f"no answer within {PATIENCE:.0f} s: {self.log.read_text(errors='replace')[-3000:]}"
        )

    def answers(self) -> bool:
        try:
            connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
            connection.request("GET", "/about/")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False

    def workers(self) -> list[int]:
        """Process ids of the master's children."""
        if self.process is None:
            return []
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        try:
            return [int(pid) for pid in path.read_text().split()]
        except OSError:
            return []

    def kill_worker(self, pid: int) -> None:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return

    def kill_all(self) -> None:
        """The master and every worker at once, as when the machine's memory runs out."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.kill_all()
