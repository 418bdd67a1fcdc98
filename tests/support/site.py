"""The whole site as a person starts it: `accord demo` in a process of its own, with scratch data."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support import clinic_environment
from tests.support.postgres import free_port

DEMO = (sys.executable, "-m", "accord", "demo")
PATIENCE = 300  # seconds until a site that does not answer is given up
GRACE = 20  # seconds to stop by itself


class SiteDown(Exception):
    """The site did not come up, with what it printed."""


@dataclass
class Site:
    """`url` without a slash at its end; `printed()` is what the command told its person, logins included."""

    url: str
    folder: Path
    process: subprocess.Popen[bytes]

    def printed(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def _log(self) -> Path:
        return log_of(self.folder)

    def wait(self) -> None:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.process.poll() is not None:
                raise SiteDown(f"ended with {self.process.returncode}:\n{self.printed()}")
            if answers(f"{self.url}/health"):
                return
            time.sleep(0.1)
        raise SiteDown(f"no answer within {PATIENCE} s:\n{self.printed()}")

    def stop(self) -> None:
        """Ends the command and the server processes it started."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=GRACE)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()


def log_of(folder: Path) -> Path:
    return folder / "printed.log"


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def start(folder: Path, command: Sequence[str] = DEMO, database_url: str | None = None, **more: str) -> Site:
    """A site that answers; `more` are further environment variables. SiteDown when it does not come up."""
    # localhost and not 127.0.0.1: browsers allow some things, such as passkeys, only there.
    url = f"http://localhost:{free_port()}"
    told = clinic_environment.variables(database_url, str(folder / "site")) | {"ACCORD_URL": url} | more
    environment = clinic_environment.without_accord(dict(os.environ)) | told
    with log_of(folder).open("ab") as log:
        process = subprocess.Popen(
            command, env=environment, cwd=folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
    site = Site(url, folder, process)
    try:
        site.wait()
    except BaseException:
        site.stop()
        raise
    return site


@contextmanager
def running(command: Sequence[str] = DEMO, database_url: str | None = None) -> Iterator[Site]:
    folder = Path(tempfile.mkdtemp(prefix="accord-site-"))
    site = None
    try:
        site = start(folder, command, database_url)
        yield site
    finally:
        if site is not None:
            site.stop()
        shutil.rmtree(folder, ignore_errors=True)
