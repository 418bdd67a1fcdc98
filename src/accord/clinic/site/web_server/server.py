"""A waitress server that cuts what comes too slowly, and makes room for the next one when it is full."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Collection, Mapping
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask, ThreadedTaskDispatcher

from accord.clinic.site.web_server import limits

CONNECTIONS = 400  # of one process
POLL = 1.0  # seconds
CONTENT = "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; frame-ancestors 'none'"


class Refusal(ErrorTask):  # type: ignore[misc]
    """What no page ever sees is answered with the site's own page, which has the numbers to call."""

    def execute(self) -> None:
        error = self.request.error
        page = self.channel.server.pages.get(error.code)
        if page is None:
            super().execute()
            return
        self.status = f"{error.code} {error.reason}"
        self.response_headers += [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", CONTENT),
        ]
        self.set_close_on_finish()
        self.content_length = len(page)
        self.write(page)


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection."""

    error_task_class = Refusal
    request: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.began = time.monotonic()
        super().__init__(*args, **kwargs)

    def parser_class(self, adjustments: Adjustments) -> limits.Request:
        return limits.Request(adjustments, self.server)

    def is_late(self, now: float) -> bool:
        return self.request is not None and self.request.is_late(now)

    def handle_close(self) -> None:
        arriving, self.request = self.request, None
        super().handle_close()
        if arriving is not None:
            arriving.close()  # the file of its body

    def cut(self) -> None:
        """Close with the next turn of the loop, whatever has arrived."""
        self.will_close = True


class Server(TcpWSGIServer):  # type: ignore[misc]
    """`files`: addresses that take a file of so many bytes. `pages`: bodies of refusals by their status."""

    channel_class = Channel

    def __init__(
        self,
        application: Callable[..., Any],
        listening: socket.socket,
        *,
        threads: int,
        files: Collection[str] = (),
        most_of_file: int = 0,
        pages: Mapping[int, bytes] | None = None,
    ) -> None:
        self.files, self.most_of_file, self.pages = frozenset(files), most_of_file, pages or {}
        dispatcher = ThreadedTaskDispatcher()
        dispatcher.set_thread_count(threads)
        about = (listening.family, listening.type, listening.proto, listening.getsockname())
        adjustments = limits.adjustments(threads)
        super().__init__(
            application, {}, True, listening, dispatcher, adjustments, sockinfo=about, bind_socket=False
        )

    def most_bytes(self, path: str) -> int:
        """How large the body of a request to this address may be."""
        return self.most_of_file + limits.BESIDE_FILE if path in self.files else limits.FORM

    def bytes_under_way(self) -> int:
        return sum(request.holds for channel in self._channels() for request in _requests(channel))

    def maintenance(self, now: float) -> None:
        super().maintenance(now)
        for channel in self._channels():
            if channel.is_late(time.monotonic()):
                channel.cut()

    def handle_accept(self) -> None:
        super().handle_accept()
        if len(self.active_channels) > CONNECTIONS:
            waiting = [each for each in self._channels() if not each.requests and not each.will_close]
            if waiting:
                min(waiting, key=lambda channel: channel.began).cut()

    def serve_until(self, is_over: Callable[[], bool], grace: float) -> None:
        """Serve, then take no more connections and finish what is under way for at most `grace` seconds."""
        while not is_over():
            self._turn()
        self.accepting = False
        wasyncore.dispatcher.close(self)  # the trigger stays, by which threads wake the loop
        until = time.monotonic() + grace
        while any(_is_at_work(channel) for channel in self._channels()) and time.monotonic() < until:
            self._turn()
        self.task_dispatcher.shutdown(cancel_pending=True, timeout=0.5)
        wasyncore.close_all(self._map, ignore_all=True)

    def _turn(self) -> None:
        wasyncore.loop(timeout=POLL, use_poll=True, map=self._map, count=1)

    def _channels(self) -> list[Channel]:
        return list(self.active_channels.values())


def _requests(channel: Channel) -> list[limits.Request]:
    return [*channel.requests, *([channel.request] if channel.request is not None else [])]


def _is_at_work(channel: Channel) -> bool:
    return bool(channel.requests or channel.total_outbufs_len)
