"""Whose word counts about where a request came from: that of the proxy which ends TLS, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from ipaddress import ip_address, ip_network
from typing import Any

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]
HERE = ("127.0.0.0/8", "::1/128")
OTHERS = ("HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT", "HTTP_X_FORWARDED_BY", "HTTP_FORWARDED")


def behind_proxies(application: Application, trusted: Sequence[str] = HERE) -> Application:
    """The application, which sees the scheme and the address that a trusted proxy named.

    `trusted`: addresses or networks. The word of anybody else is taken away, and their own address counts.
    """
    networks = [ip_network(each) for each in trusted]

    def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        for name in OTHERS:
            environ.pop(name, None)
        peer = environ.get("REMOTE_ADDR", "")
        scheme = environ.pop("HTTP_X_FORWARDED_PROTO", "").rpartition(",")[2].strip()
        if _is_in(peer, networks):
            environ["wsgi.url_scheme"] = "https" if scheme == "https" else environ["wsgi.url_scheme"]
        else:
            environ["HTTP_X_FORWARDED_FOR"] = peer
        return application(environ, start_response)

    return answer


def _is_in(peer: str, networks: Sequence[Any]) -> bool:
    try:
        address = ip_address(peer.partition("%")[0])
    except ValueError:
        return False
    return any(address in network for network in networks)
