"""While strangers send slowly, much or without end, somebody else is served within a second.

The real web server of a site with a record. Each trial is one page for the second person, while 24 strangers
hold connections on which a byte comes now and then, one sends a body in parts without end, and one declares a
gigabyte. Strangers who are cut come back. What this does not show: strangers with more connections than the
server takes, whom a proxy has to bound.
"""

from __future__ import annotations

import socket
import statistics
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection, HTTPException

from tests.proofs import programme, telling
from tests.proofs.server import REAL, Server
from tests.support.postgres import free_port

LONG = 2_000
CLIENTS = 30
SLOW, AT_ONCE, PIECE = 24, 65536, 0.5
WITHIN = 1.0  # seconds
PAGES = ("/about/", "/accounts/login/", "/leave/")
FAULT = "tests.proofs.planted:a_thread_for_each()"
BEGIN = "POST /accounts/login/ HTTP/1.1\r\nHost: localhost:{port}\r\n"


class Strangers:
    """Threads that send until they are told to stop."""

    def __init__(self, port: int) -> None:
        self.port, self._over = port, threading.Event()
        kinds = [*[self._drips] * SLOW, self._never_ends, self._declares]
        self._threads = [threading.Thread(target=self._again, args=[kind], daemon=True) for kind in kinds]

    @contextmanager
    def at_work(self) -> Iterator[None]:
        for thread in self._threads:
            thread.start()
        try:
            yield
        finally:
            self._over.set()
            for thread in self._threads:
                thread.join(timeout=60)

    def _again(self, kind) -> None:
        while not self._over.wait(0.05):
            with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=40) as wire:
                kind(wire)

    def _drips(self, wire: socket.socket) -> None:
        wire.sendall(f"{BEGIN.format(port=self.port)}Content-Length: 1000\r\n\r\n".encode())
        while not self._over.wait(PIECE):
            wire.sendall(b"a")

    def _never_ends(self, wire: socket.socket) -> None:
        wire.sendall(f"{BEGIN.format(port=self.port)}Transfer-Encoding: chunked\r\n\r\n".encode())
        while not self._over.wait(0.01):
            wire.sendall(b"10000\r\n" + b"a" * AT_ONCE + b"\r\n")

    def _declares(self, wire: socket.socket) -> None:
        wire.sendall(f"{BEGIN.format(port=self.port)}Content-Length: {10**9}\r\n\r\n".encode())
        wire.recv(4096)
        self._over.wait(PIECE)


def seconds(port: int, page: str) -> float:
    """Until a page has come; infinite where it does not."""
    began = time.monotonic()
    connection = HTTPConnection("127.0.0.1", port, timeout=10 * WITHIN)
    try:
        connection.request("GET", page, headers={"Host": f"localhost:{port}"})
        answer = connection.getresponse()
        answer.read()
        return time.monotonic() - began if answer.status == 200 else float("inf")
    except (OSError, HTTPException):
        return float("inf")
    finally:
        connection.close()


def run(made: programme.Made, n: int, progress: telling.Progress, application: str = REAL) -> list[float]:
    """How long the second person waited for each of so many pages."""
    port = free_port()
    waited: list[float] = []
    with made.copied() as folder:
        server = Server(programme.environment(folder, port), port, folder / "log", application)
        server.start()
        try:
            with Strangers(port).at_work():
                time.sleep(2 * PIECE)
                for number in range(n):
                    waited.append(seconds(port, PAGES[number % len(PAGES)]))
                    progress(f"{number + 1} of {n} pages")
        finally:
            server.stop()
    return waited


def percentile(waited: list[float]) -> float:
    """The time within which 99 of 100 were served."""
    return statistics.quantiles(waited, n=100, method="inclusive")[98] if len(waited) > 1 else waited[0]


def prove(n: int, few: int, progress: telling.Progress) -> telling.Proof:
    with programme.prepared(CLIENTS) as made:
        waited = run(made, n, progress)
        planted = run(made, few, progress, FAULT)
    return telling.Proof(
        name="strangers who send slowly, much or without end",
        promise=f"somebody else is served, 99 of 100 within {WITHIN:g} s",
        bad=sum(one == float("inf") for one in waited) + int(percentile(waited) > WITHIN),
        of=n,
        unit="pages",
        figures={"p50, seconds": statistics.median(waited), "p99, seconds": percentile(waited)},
        planted={"a thread for each connection": percentile(planted) > WITHIN},
    )


if __name__ == "__main__":
    telling.finish(telling.run(prove, name="strangers", n=LONG, few=3))
