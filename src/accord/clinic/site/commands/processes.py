"""The processes of a served site: the web server, and the worker that runs jobs. Both run, or neither."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from types import FrameType

from accord.clinic.site.commands.site import CannotServe

MOST_RESTARTS, RESTARTS_WITHIN = 5, 300.0  # of the worker, in so many seconds
GRACE = 15.0  # seconds to finish what is under way


def refuse_taken_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotServe(
                f"Port {port} cannot be used ({error.strerror}); try --port with another."
            ) from None


def web_command(host: str, port: int, proxies: Sequence[str] = ()) -> list[str]:
    """How the web server is started. It keeps no access log: an address could be a link."""
    return [
        sys.executable, "-m", "accord.clinic.site.web_server", "accord.clinic.wsgi:application",
        "--host", host, "--port", str(port), *(f"--proxy={proxy}" for proxy in proxies),
    ]  # fmt: skip


def work_command() -> list[str]:
    return [sys.executable, "-m", "accord", "work"]


class Stopped(Exception):
    """Somebody asked the site to stop."""


def run(host: str, port: int, *, web_only: bool = False, proxies: Sequence[str] = ()) -> int:
    """Serve until asked to stop. Returns 0 when asked, 1 when a process ended that should not have."""
    signal.signal(signal.SIGTERM, _stop)
    children: dict[str, subprocess.Popen[bytes]] = {}
    try:
        children["web"] = _start(web_command(host, port, proxies))
        if not web_only:
            children["work"] = _start(work_command())
        return _mind(children)
    except (Stopped, KeyboardInterrupt):
        return 0
    finally:
        _end(list(children.values()))


def _stop(number: int, frame: FrameType | None) -> None:
    raise Stopped


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    # A session of their own: Ctrl-C reaches this process, which ends them in order.
    return subprocess.Popen(command, start_new_session=True)


def _mind(children: dict[str, subprocess.Popen[bytes]]) -> int:
    restarts: list[float] = []
    while True:
        time.sleep(0.5)
        if children["web"].poll() is not None:
            return _gave_up("the web server", children["web"].returncode)
        if "work" not in children or children["work"].poll() is None:
            continue
        now = time.monotonic()
        restarts = [moment for moment in restarts if moment > now - RESTARTS_WITHIN] + [now]
        if len(restarts) > MOST_RESTARTS:
            return _gave_up("the worker that runs jobs", children["work"].returncode)
        children["work"] = _start(work_command())


def _gave_up(what: str, code: int) -> int:
    print(f"accord: {what} ended with {code}; the site stops", file=sys.stderr)
    return 1


def _end(children: Sequence[subprocess.Popen[bytes]]) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # this is the way out already
    for child in children:
        if child.poll() is None:
            child.terminate()
    until = time.monotonic() + GRACE
    for child in children:
        try:
            child.wait(timeout=max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
