"""`python -m accord.clinic.site.web_server`: one process that listens, and some that serve.

The first loads the application, forks those that serve, and puts another in the place of one that ended. All
take connections from the same socket, so that none is refused while one of them is away.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

PROCESSES, THREADS = 2, 4
GRACE = 10.0  # seconds to finish what is under way
BACKLOG = 512
PAUSE = 0.2  # seconds before another process takes the place of one that ended
ENDS = (signal.SIGTERM, signal.SIGINT)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until asked to stop. Returns 0."""
    options = _parser().parse_args(arguments)
    listening = _listen(options.host, options.port)
    application = _load(options.application)
    serve = _server_of(application, listening, options.proxy)
    signal.pthread_sigmask(signal.SIG_BLOCK, {*ENDS, signal.SIGCHLD})
    children = {_fork(serve) for _ in range(options.processes)}
    while (signal.sigwaitinfo({*ENDS, signal.SIGCHLD})).si_signo not in ENDS:
        for _ in _ended(children):
            time.sleep(PAUSE)
            children.add(_fork(serve))
    _stop(children)
    return 0


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=BACKLOG)


def _load(name: str) -> Callable[..., Any]:
    """The application `module:name`, or what `module:name()` gives back."""
    module, _, attribute = name.partition(":")
    application: Callable[..., Any] = getattr(import_module(module), attribute.removesuffix("()"))
    return application() if attribute.endswith("()") else application


def _server_of(
    application: Callable[..., Any], listening: socket.socket, proxies: Sequence[str]
) -> Callable[[], None]:
    """What a process that serves does. Everything is loaded before it is forked, and nothing is connected."""
    from django.conf import settings
    from django.db import connections

    from accord.clinic.site.web_server import refusals
    from accord.clinic.site.web_server.proxies import HERE, behind_proxies
    from accord.clinic.site.web_server.server import Server
    from accord.clinic.web import file_parts, log_redaction

    log_redaction.redact_faults()
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR)
    _empty(folder)
    options: dict[str, Any] = {
        "threads": THREADS,
        "files": tuple(file_parts.addresses()),
        "most_of_file": settings.IMPORT_LIMIT,
        "pages": refusals.pages(),
    }
    connections.close_all()
    parent = os.getpid()

    def serve() -> None:
        tempfile.tempdir = str(folder)  # where bodies are that do not stay in memory
        stopping: list[int] = []
        for number in ENDS:
            signal.signal(number, lambda number, _: stopping.append(number))
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {*ENDS, signal.SIGCHLD})
        server = Server(behind_proxies(application, [*HERE, *proxies]), listening, **options)
        server.serve_until(lambda: bool(stopping) or os.getppid() != parent, GRACE)

    return serve


def _empty(folder: Path) -> None:
    """Make the folder of bodies and files on their way, and remove what a stop in the middle left there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in folder.iterdir():
        path.unlink(missing_ok=True)


def _fork(serve: Callable[[], None]) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        serve()
        code = 0
    except BaseException:
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(code)  # what the first process has open stays its own


def _ended(children: set[int]) -> list[int]:
    """Processes that ended since the last look."""
    gone = [child for child in children if os.waitpid(child, os.WNOHANG)[0]]
    children.difference_update(gone)
    return gone


def _stop(children: set[int]) -> None:
    for child in children:
        os.kill(child, signal.SIGTERM)
    until = time.monotonic() + GRACE + 2
    while children and time.monotonic() < until:
        _ended(children)
        time.sleep(0.05)
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m accord.clinic.site.web_server")
    parser.add_argument("application", help="module:name, or module:name() for what it gives back")
    parser.add_argument("--host", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--processes", type=int, default=PROCESSES)
    parser.add_argument(
        "--proxy", action="append", default=[], help="address or network of a proxy elsewhere"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
