"""Work for nobody is bounded: what a stranger sends, however slowly or much, keeps nobody else waiting.

The server runs in this process with an application of the test's own; the last tests start the real one. No
test depends on speed: deadlines are moved, and whoever waits is given far more time than is needed.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from accord.clinic.site.commands.processes import web_command
from accord.clinic.site.web_server import limits
from accord.clinic.site.web_server import server as web_server
from accord.clinic.site.web_server.proxies import HERE, behind_proxies
from accord.clinic.site.web_server.server import Channel, Server
from tests.support.postgres import free_port

GB = 1024**3
FILES = "/imports/new/"
PATIENCE = 60  # seconds; nothing here takes as long
PAGE = b"<h1>too large</h1> 000 777"


@dataclass
class Site:
    """A server on a port of its own. `asked`: method, address and length of the body of each request."""

    port: int
    folder: Path
    asked: list[tuple[str, str, int]] = field(default_factory=list)
    at_work: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)

    def application(self, environ, start_response):
        body = environ["wsgi.input"].read()
        self.asked.append((environ["REQUEST_METHOD"], environ["PATH_INFO"], len(body)))
        if environ["PATH_INFO"] == "/long/":
            self.at_work.set()
            assert self.go_on.wait(PATIENCE)
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "2")])
        return [b"ok"]

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)

    def is_served(self, path: str = "/") -> bool:
        """Whether somebody else gets a page."""
        with self.connect() as wire:
            wire.sendall(f"GET {path} HTTP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n".encode())
            return read(wire).endswith(b"ok")

    def on_disk(self) -> int:
        """Bytes of files of this process in the folder, also of those without a name."""
        sizes = 0
        for each in Path("/proc/self/fd").iterdir():
            with suppress(OSError):
                if str(each.readlink()).startswith(str(self.folder)):
                    sizes += each.stat().st_size
        return sizes


def read(wire: socket.socket) -> bytes:
    """Everything until the other side closes."""
    parts = []
    with suppress(ConnectionError):
        while part := wire.recv(65536):
            parts.append(part)
    return b"".join(parts)


def head(path: str, *more: str, method: str = "POST") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: here", *more, "", ""]).encode()


@contextmanager
def serving(folder: Path, monkeypatch) -> Iterator[Site]:
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setattr(web_server, "POLL", 0.02)
    listening = socket.create_server(("127.0.0.1", 0))
    site = Site(listening.getsockname()[1], folder)
    server = Server(
        site.application, listening, threads=2, files=[FILES], most_of_file=20 * limits.MIB, pages={413: PAGE}
    )
    server.adj.cleanup_interval = 0
    thread = threading.Thread(target=server.serve_until, args=(site.over.is_set, PATIENCE), daemon=True)
    thread.start()
    try:
        yield site
    finally:
        site.go_on.set()
        site.over.set()
        thread.join(PATIENCE)
        assert not thread.is_alive()


@pytest.fixture
def site(tmp_path, monkeypatch) -> Iterator[Site]:
    with serving(tmp_path, monkeypatch) as made:
        yield made


@contextmanager
def strangers(site: Site, count: int, begin: bytes) -> Iterator[list[socket.socket]]:
    wires = [site.connect() for _ in range(count)]
    try:
        for wire in wires:
            wire.sendall(begin)
        yield wires
    finally:
        for wire in wires:
            wire.close()


BEGINNINGS = {
    "nothing": b"",
    "half a line": b"GET / HT",
    "headers without an end": b"GET / HTTP/1.1\r\nHost: here\r\nX-A: b",
    "a body of which one byte comes": head("/accounts/login/", "Content-Length: 1000") + b"a",
    "a part of a body in parts": head("/", "Transfer-Encoding: chunked") + b"5\r\nab",
    "a file of which a little comes": head(FILES, f"Content-Length: {10 * limits.MIB}") + b"a" * 1000,
}


@pytest.mark.parametrize("begin", BEGINNINGS.values(), ids=BEGINNINGS)
def test_somebody_is_served_while_24_strangers_send_slowly(site, begin):
    with strangers(site, 24, begin) as wires:
        for wire in wires:
            wire.sendall(b"a" if begin else b"")
            assert site.is_served()
    assert {path for _, path, _ in site.asked} == {"/"}


def _is_cut(site: Site, begin: bytes) -> bool:
    """Whether a connection that began so is closed, while another one is served."""
    with strangers(site, 1, begin) as [wire]:
        wire.settimeout(1)
        assert site.is_served()
        with suppress(TimeoutError):
            return read(wire) == b""
    return False


@pytest.mark.parametrize("begin", list(BEGINNINGS.values())[1:], ids=list(BEGINNINGS)[1:])
def test_what_has_not_arrived_in_its_time_is_cut(site, monkeypatch, begin):
    monkeypatch.setattr(limits, "IN_TIME", -1e6)  # as if it had been under way for so long
    assert _is_cut(site, begin)


def test_a_connection_on_which_nothing_comes_is_cut(site, monkeypatch):
    with site.connect() as wire:
        assert site.is_served()
        monkeypatch.setattr(time, "time", lambda real=time.time: real() + limits.IN_TIME + 2)
        assert read(wire) == b""


def test_a_server_without_a_deadline_is_noticed(site, monkeypatch):
    """Planted fault."""
    monkeypatch.setattr(limits, "IN_TIME", -1e6)
    monkeypatch.setattr(Channel, "is_late", lambda channel, now: False)
    assert not _is_cut(site, BEGINNINGS["a body of which one byte comes"])


def test_a_large_file_has_more_time_and_a_form_has_not():
    request = limits.Request(limits.adjustments(1), _Sized())
    request.began = 0.0
    request.received(head(FILES, f"Content-Length: {20 * limits.MIB}"))
    assert not request.is_late(300)
    assert request.is_late(400)
    form = limits.Request(limits.adjustments(1), _Sized())
    form.began = 0.0
    form.received(head("/", "Content-Length: 60000"))
    assert (form.is_late(29), form.is_late(31)) == (False, True)


class _Sized:
    def most_bytes(self, path: str) -> int:
        return 21 * limits.MIB

    def bytes_under_way(self) -> int:
        return 0


def _refused(site: Site, path: str, declared: int) -> bytes:
    with site.connect() as wire:
        wire.sendall(head(path, f"Content-Length: {declared}"))
        return read(wire)


@pytest.mark.parametrize("path", ["/accounts/login/", FILES])
def test_a_declared_gigabyte_is_refused_with_a_page_before_a_byte_of_it_is_taken(site, path):
    answer = _refused(site, path, GB)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert answer.endswith(PAGE)
    assert (site.asked, site.on_disk()) == ([], 0)
    assert site.is_served()


def test_only_where_a_file_is_asked_for_a_body_may_be_as_large_as_one(site):
    size = limits.FORM + 1
    assert _refused(site, "/accounts/login/", size).startswith(b"HTTP/1.1 413 ")
    with site.connect() as wire:
        wire.sendall(head(FILES, f"Content-Length: {size}", "Connection: close") + b"a" * size)
        assert read(wire).endswith(b"ok")
    assert site.asked == [("POST", FILES, size)]


def _endless_parts(site: Site) -> tuple[int, int, bool]:
    """Send a gigabyte in parts: how much was taken, the most on the disk, and whether others were served."""
    part, sent, most, served = b"10000\r\n" + b"a" * 65536 + b"\r\n", 0, 0, True
    with site.connect() as wire, suppress(ConnectionError):
        wire.sendall(head("/accounts/login/", "Transfer-Encoding: chunked"))
        while sent < 3 * limits.FORM:
            wire.sendall(part)
            sent += len(part)
            most = max(most, site.on_disk())
            if sent % (16 * len(part)) == 0:
                served = served and site.is_served()
    return sent, most, served


def test_a_body_that_comes_in_parts_without_end_is_refused_and_kept_small(site):
    _, most, served = _endless_parts(site)
    assert most <= limits.FORM + 2 * 65536
    assert served
    assert {path for _, path, _ in site.asked} == {"/"}


# With the fault the server keeps the endless body in a file until the request is collected.
@pytest.mark.filterwarnings("ignore:Exception ignored in.*FileIO:pytest.PytestUnraisableExceptionWarning")
def test_a_server_that_takes_any_size_is_noticed(site, monkeypatch):
    """Planted fault."""
    monkeypatch.setattr(Server, "most_bytes", lambda server, path: 10 * GB)
    monkeypatch.setattr(limits, "UNDER_WAY", 100 * GB)
    _, most, _ = _endless_parts(site)
    assert most > limits.FORM + 2 * 65536


def test_many_large_bodies_at_once_are_refused_and_small_ones_are_taken(site, monkeypatch):
    monkeypatch.setattr(limits, "UNDER_WAY", 5 * limits.MIB)
    with strangers(site, 1, head("/", f"Content-Length: {limits.FORM}")):
        assert site.is_served()
        assert _refused(site, "/", limits.FORM).startswith(b"HTTP/1.1 503 ")
        body = b"a" * limits.IN_MEMORY
        with site.connect() as wire:
            wire.sendall(head("/", f"Content-Length: {len(body)}", "Connection: close") + body)
            assert read(wire).endswith(b"ok")
    for _ in range(200):  # until the server has seen that the stranger left
        if _taken(site, limits.FORM):
            break
    else:
        pytest.fail("the room of whoever has left is not given to others")


def _taken(site: Site, size: int) -> bool:
    with site.connect() as wire, suppress(ConnectionError):
        wire.sendall(head("/", f"Content-Length: {size}", "Connection: close") + b"a" * size)
        return read(wire).endswith(b"ok")
    return False


def test_a_full_server_closes_the_connection_that_has_waited_longest(site, monkeypatch):
    monkeypatch.setattr(web_server, "CONNECTIONS", 10)
    with strangers(site, 14, b"GET / HT") as wires:
        assert site.is_served()
        assert read(wires[0]) == b""
        wires[-1].sendall(b"TP/1.1\r\nHost: here\r\nConnection: close\r\n\r\n")
        assert read(wires[-1]).endswith(b"ok")


def test_headers_without_end_are_refused(site):
    with site.connect() as wire, suppress(ConnectionError):
        wire.sendall(b"GET / HTTP/1.1\r\n" + b"X-A: b\r\n" * 10_000)
        assert read(wire).startswith(b"HTTP/1.0 431 ")
    assert site.asked == []
    assert site.is_served()


def test_what_is_under_way_is_finished_when_the_server_is_told_to_stop(site):
    with site.connect() as wire:
        wire.sendall(head("/long/", "Connection: close", method="GET"))
        assert site.at_work.wait(PATIENCE)
        site.over.set()
        for _ in range(200):
            try:
                site.connect().close()
            except ConnectionError:
                break
            time.sleep(0.02)
        site.go_on.set()
        assert read(wire).endswith(b"ok")


def _seen(peer, headers, trusted=HERE):
    seen: dict[str, str] = {}

    def application(environ, start_response):
        seen.update({name: environ.get(name) for name in ("wsgi.url_scheme", "HTTP_X_FORWARDED_FOR")})
        seen["others"] = " ".join(sorted(name for name in environ if "FORWARDED" in name))
        return []

    environ = {"REMOTE_ADDR": peer, "wsgi.url_scheme": "http", **headers}
    behind_proxies(application, trusted)(environ, None)
    return seen


def test_only_the_word_of_a_proxy_counts_about_where_a_request_came_from():
    said = {"HTTP_X_FORWARDED_PROTO": "https", "HTTP_X_FORWARDED_FOR": "9.9.9.9, 5.5.5.5",
            "HTTP_X_FORWARDED_HOST": "evil", "HTTP_FORWARDED": "for=9.9.9.9"}  # fmt: skip
    for proxy in ("127.0.0.1", "::1"):
        seen = _seen(proxy, said)
        assert (seen["wsgi.url_scheme"], seen["HTTP_X_FORWARDED_FOR"]) == ("https", "9.9.9.9, 5.5.5.5")
        assert seen["others"] == "HTTP_X_FORWARDED_FOR"
    for stranger in ("203.0.113.7", "10.0.0.5", "not an address"):
        seen = _seen(stranger, said)
        assert (seen["wsgi.url_scheme"], seen["HTTP_X_FORWARDED_FOR"]) == ("http", stranger)
    assert _seen("10.0.0.5", said, ["10.0.0.0/24"])["wsgi.url_scheme"] == "https"


@contextmanager
def real_server(tmp_path) -> Iterator[tuple[Site, subprocess.Popen]]:
    port = free_port()
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(web_command("127.0.0.1", port), stderr=log, stdout=log)
    try:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and process.poll() is None:
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", port), timeout=PATIENCE).close()
                break
            time.sleep(0.05)
        yield Site(port, tmp_path), process
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _left_page(site: Site) -> bytes:
    with site.connect() as wire:
        wire.settimeout(20)
        wire.sendall(head("/leave/", "Connection: close", method="GET").replace(b"here", b"localhost"))
        with suppress(TimeoutError):
            return read(wire)
    return b""


def test_the_site_itself_is_served_while_24_strangers_send_slowly_and_puts_ended_processes_back(tmp_path):
    with real_server(tmp_path) as (site, process):
        slow = head("/accounts/login/", "Content-Length: 1000").replace(b"here", b"localhost")
        with strangers(site, 24, slow + b"a"):
            assert _left_page(site).startswith(b"HTTP/1.1 200 "), (tmp_path / "log").read_text()
        answer = _refused(site, "/accounts/login/", GB)
        assert answer.startswith(b"HTTP/1.1 413 ")
        assert b"This is too large" in answer
        before = _children(process.pid)
        assert len(before) == 2
        for child in before:
            os.kill(child, signal.SIGKILL)
        assert _left_page(site).startswith(b"HTTP/1.1 200 ")
        assert not set(before) & set(_children(process.pid))
    assert process.returncode == 0


def _children(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_request_is_complete_with_its_last_byte_and_not_before():
    made: list[bool] = []
    request = limits.Request(limits.adjustments(1), _Sized())
    body = b"a" * 10
    for byte in head("/", "Content-Length: 10") + body:
        assert not request.completed
        request.received(bytes([byte]))
        made.append(request.completed)
    assert made.count(True) == 1
    assert made[-1]
