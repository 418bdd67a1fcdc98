"""How much a request may bring and how long it may take to arrive, before anybody looks at who sent it."""

from __future__ import annotations

import copy
import time
from typing import Any

from waitress.adjustments import Adjustments
from waitress.parser import HTTPRequestParser
from waitress.utilities import Error, RequestEntityTooLarge

KIB, MIB = 1024, 1024 * 1024
HEADERS = 32 * KIB  # bytes of all headers together
FORM = 3 * MIB  # bytes of a body; `DATA_UPLOAD_MAX_MEMORY_SIZE` is a little below
BESIDE_FILE = MIB  # bytes of a body beside the file that it holds
IN_MEMORY = 64 * KIB  # bytes of a body that stay in memory; more are in a file of the site's folder
UNDER_WAY = 64 * MIB  # bytes of all bodies together that a process holds, those that stay in memory apart
IN_TIME = 30.0  # seconds for headers and body
SLOWEST = 64 * KIB  # bytes a second: a large body has so much longer


class Busy(Error):  # type: ignore[misc]  # waitress has no types
    code = 503
    reason = "Service Unavailable"


class Request(HTTPRequestParser):  # type: ignore[misc]
    """A request on its way, which knows when it began and how much it may bring."""

    adj: Any
    error: Any

    def __init__(self, adjustments: Adjustments, server: Any) -> None:
        super().__init__(adjustments)
        self.server, self.began = server, time.monotonic()

    def parse_header(self, header_plus: bytes) -> None:
        super().parse_header(header_plus)
        self.adj = copy.copy(self.adj)
        self.adj.max_request_body_size = self.server.most_bytes(self.path) + 1

    def received(self, data: bytes) -> int:
        consumed: int = super().received(data)
        if self.headers_finished and self.error is None and self._is_too_much():
            self.error, self.completed = Busy("too much at once"), True
        return consumed

    @property
    def holds(self) -> int:
        """Bytes that the body may take outside of memory, known from the headers on."""
        if not self.headers_finished or self.error is not None:
            return 0
        promised = self.adj.max_request_body_size if self.chunked else self.content_length
        return promised if promised > IN_MEMORY else 0

    def is_late(self, now: float) -> bool:
        return now - self.began > IN_TIME + self.holds / SLOWEST

    def _is_too_much(self) -> bool:
        if self.completed or self.body_bytes_received or not self.holds:
            return False
        return bool(self.server.bytes_under_way() > UNDER_WAY)  # itself included


def adjustments(threads: int) -> Adjustments:
    """Settings of waitress. Limits on connections are the server's own."""
    return Adjustments(
        threads=threads,
        ident=None,
        max_request_header_size=HEADERS,
        max_request_body_size=FORM,
        inbuf_overflow=IN_MEMORY,
        channel_timeout=int(IN_TIME),
        cleanup_interval=2,
        connection_limit=100_000,  # never reached: the oldest connection that waits makes room for a new one
        asyncore_use_poll=True,
        log_socket_errors=False,
        clear_untrusted_proxy_headers=False,  # `proxies` does, also for addresses of a network
    )


__all__ = ["Busy", "Request", "RequestEntityTooLarge", "adjustments"]
