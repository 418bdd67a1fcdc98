"""People who send check-ins by their links, and try again under the same id until they are thanked."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlencode

ITEMS = range(1, 6)
PAUSE = 0.05  # seconds before somebody tries again


@dataclass
class Ledger:
    """What was sent, and what the site thanked for; kept by whoever sends and never by the site."""

    sent: dict[str, dict[str, float]] = field(default_factory=dict)
    thanked: set[str] = field(default_factory=set)
    odd: list[str] = field(default_factory=list)  # answers that nobody should get
    tries: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sends(self, name: str, answers: dict[str, float]) -> None:
        with self._lock:
            self.sent[name] = answers
            self.tries += 1

    def hears(self, name: str, status: int | None) -> None:
        with self._lock:
            if status == 302:
                self.thanked.add(name)
            elif status is not None and status < 500:
                self.odd.append(f"{name}: {status}")


def post(port: int, token: str, name: str, answers: dict[str, float], timeout: float = 30) -> int | None:
    """The status of one sending; None when the connection broke before an answer."""
    body = urlencode({"checkin_id": name} | {f"item_{n}": f"{value:g}" for n, value in answers.items()})
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Host": f"localhost:{port}"}
    connection = HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        connection.request("POST", f"/c/{token}/", body, headers)
        return connection.getresponse().status
    except (OSError, HTTPException):
        return None
    finally:
        connection.close()


class Traffic:
    """So many people at once, each with links of their own, until told to stop."""

    def __init__(self, port: int, tokens: list[str], people: int = 6, seed: int = 1) -> None:
        self.port, self.ledger = port, Ledger()
        self._ending, self._going = threading.Event(), threading.Event()
        self._going.set()
        shares = [tokens[start::people] for start in range(people)]
        self._threads = [
            threading.Thread(
                target=self._person, args=(share, random.Random(seed * 1000 + number)), daemon=True
            )
            for number, share in enumerate(shares)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Nobody begins another check-in meanwhile."""
        self._going.clear()
        try:
            yield
        finally:
            self._going.set()

    def stop(self) -> None:
        """What was begun is finished first: everybody tries until thanked."""
        self._ending.set()
        for thread in self._threads:
            thread.join(timeout=120)

    def wait_for(self, thanked: int, seconds: float = 120) -> bool:
        """Until so many are thanked in all; False when that took too long."""
        end = time.monotonic() + seconds
        while len(self.ledger.thanked) < thanked and time.monotonic() < end:
            time.sleep(0.002)
        return len(self.ledger.thanked) >= thanked

    def _person(self, tokens: list[str], chance: random.Random) -> None:
        while self._going.wait() and not self._ending.is_set():
            answers = {str(number): float(chance.randint(1, 7)) for number in ITEMS}
            self._send(chance.choice(tokens), str(uuid.UUID(int=chance.getrandbits(128), version=4)), answers)

    def _send(self, token: str, name: str, answers: dict[str, float]) -> None:
        end = time.monotonic() + 100
        while name not in self.ledger.thanked and time.monotonic() < end:
            self.ledger.sends(name, answers)
            status = post(self.port, token, name, answers)
            self.ledger.hears(name, status)
            if status is not None and 300 < status < 500:
                return
            if status is None or status >= 500:
                time.sleep(PAUSE)
