"""Forms that are sent twice, out of order, cut off on their way or without hearing the answer: each is stored
once, whole.

Each history is one or two forms about the same contact, each sent in several ways in a random order over
real connections to the real web server, and at last until it is thanked for. What this does not show:
phones that lose what they hold, which is the page's part.
"""

from __future__ import annotations

import random
import socket
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.proofs import programme, stored, telling
from tests.proofs.server import REAL, Server
from tests.proofs.traffic import ITEMS, Ledger
from tests.support.postgres import free_port

LONG = 4_000
CLIENTS, FEW = 200, 30
PEOPLE = 4
TRIES = 60

FAULTS = {
    "half a form is taken for a form": "tests.proofs.planted:takes_half_a_form()",
    "forgets the phone's id": "tests.proofs.planted:forgets_the_id()",
    "thanks before the commit": "tests.proofs.planted:acknowledges_first()",
}


@dataclass
class Sender:
    """One form on its way: the same bytes however often they are sent."""

    port: int
    request: bytes
    body_at: int  # where in the request the body begins

    def whole(self) -> int | None:
        """The status of the answer; None when there was none."""
        with suppress(OSError, IndexError, ValueError), self._connected() as wire:
            wire.sendall(self.request)
            return int(wire.recv(4096).split()[1])
        return None

    def cut(self, at: int) -> None:
        with suppress(OSError), self._connected() as wire:
            wire.sendall(self.request[:at])
            wire.shutdown(socket.SHUT_WR)
            wire.recv(4096)

    def deaf(self) -> None:
        """Everything is sent, and the answer is not waited for."""
        with suppress(OSError), self._connected() as wire:
            wire.sendall(self.request)

    def twice(self) -> None:
        """Two phones, or an impatient one: at the same moment."""
        threads = [threading.Thread(target=self.whole) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _connected(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=40)


def sender(port: int, token: str, name: str, answers: dict[str, float], chance: random.Random) -> Sender:
    fields = {"checkin_id": name} | {f"item_{number}": f"{value:g}" for number, value in answers.items()}
    body, kind = (
        _multipart(fields)
        if chance.random() < 0.5
        else (urlencode(fields).encode(), "application/x-www-form-urlencoded")
    )
    head = (
        f"POST /c/{token}/ HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n"
        f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    return Sender(port, head + body, len(head))


def _multipart(fields: dict[str, str]) -> tuple[bytes, str]:
    """As a browser's own script sends it."""
    mark = "----accord-proof"
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()
    ]
    return "".join([*parts, f"--{mark}--\r\n"]).encode(), f"multipart/form-data; boundary={mark}"


@dataclass
class Histories:
    """What was sent in all histories, and those in which a form with other answers was not refused."""

    port: int
    tokens: list[str]
    ledger: Ledger = field(default_factory=Ledger)
    overwritten: int = 0
    unthanked: int = 0

    def try_history(self, seed: int) -> None:
        chance = random.Random(seed)
        token = self.tokens[seed % len(self.tokens)]
        forms = [self._form(token, chance) for _ in range(chance.choice((1, 2)))]
        ways = [self._way(sender, chance) for _, sender in forms for _ in range(chance.randint(0, 4))]
        chance.shuffle(ways)
        for way in ways:
            way()
        for name, sender in forms:
            self._until_thanked(name, sender)
        self._other_answers(token, forms[0][0], chance)

    def _form(self, token: str, chance: random.Random) -> tuple[str, Sender]:
        answers = {str(number): float(chance.randint(1, 7)) for number in ITEMS}
        name = str(uuid.UUID(int=chance.getrandbits(128), version=4))
        self.ledger.sends(name, answers)
        return name, sender(self.port, token, name, answers, chance)

    def _way(self, sender: Sender, chance: random.Random) -> Callable[[], object]:
        at = (
            chance.randint(sender.body_at, len(sender.request) - 1)
            if chance.random() < 0.8
            else chance.randint(1, sender.body_at)
        )
        return chance.choice(
            (sender.whole, sender.deaf, sender.twice, lambda: sender.cut(at), lambda: sender.cut(at))
        )

    def _until_thanked(self, name: str, sender: Sender) -> None:
        for _ in range(TRIES):
            status = sender.whole()
            self.ledger.hears(name, status)
            if status is not None and status < 500:
                break
        self.unthanked += name not in self.ledger.thanked

    def _other_answers(self, token: str, name: str, chance: random.Random) -> None:
        """The same id with another body is a conflict."""
        before = self.ledger.sent[name]
        other = {number: 1.0 if value > 1 else 7.0 for number, value in before.items()}
        self.overwritten += sender(self.port, token, name, other, chance).whole() != 409


def run(
    made: programme.Made, count: int, progress: telling.Progress, application: str = REAL
) -> tuple[int, Histories]:
    """How many forms or histories broke the promise."""
    port = free_port()
    with made.copied() as folder:
        server = Server(programme.environment(folder, port), port, folder / "log", application)
        histories = Histories(port, made.tokens)
        server.start()
        try:
            with ThreadPoolExecutor(PEOPLE) as pool:
                for done, _ in enumerate(pool.map(histories.try_history, range(count)), 1):
                    progress(f"{done} of {count} histories")
        finally:
            server.stop()
        verdict = stored.judge(stored.in_sqlite(folder / "accord.sqlite3"), histories.ledger)
    return verdict.bad + histories.overwritten + histories.unthanked, histories


def prove(n: int, few: int, progress: telling.Progress) -> telling.Proof:
    with programme.prepared(CLIENTS if n > FEW else FEW) as made:
        bad, histories = run(made, n, progress)
        seen = {fault: run(made, few, progress, application)[0] > 0 for fault, application in FAULTS.items()}
    return telling.Proof(
        name="doubled, reordered and cut-off uploads",
        promise="each form stored once and whole, the same id with other answers refused",
        bad=bad,
        of=n,
        unit="histories",
        figures={"forms": len(histories.ledger.sent)},
        planted=seen,
    )


if __name__ == "__main__":
    telling.finish(telling.run(prove, name="uploads", n=LONG, few=25))
