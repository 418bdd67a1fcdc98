"""A request whose body was cut off is refused. Servers hand on what came, and half a form reads as a form."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class CutOff(OSError):
    """The connection ended before the body did."""


class Body:
    """The body of a request, which is as long as it was said to be or raises `CutOff`."""

    def __init__(self, stream: Any, length: int) -> None:
        self._stream, self._left = stream, length

    def read(self, size: int = -1) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        return self._counted(self._stream.read(wanted), wanted)

    def readline(self, size: int = -1) -> bytes:
        wanted = self._left if size < 0 else min(size, self._left)
        return self._counted(self._stream.readline(wanted), min(1, wanted))

    def _counted(self, data: bytes, at_least: int) -> bytes:
        self._left -= len(data)
        if len(data) < at_least:
            raise CutOff("the body of a request ended early")
        return data


def require_complete_bodies(application: Application) -> Application:
    """The application, which never sees a part of a body as the whole of it."""

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        length = environ.get("CONTENT_LENGTH") or "0"
        if length.isdecimal():
            environ["wsgi.input"] = Body(environ["wsgi.input"], int(length))
        return application(environ, start_response)

    return answer
