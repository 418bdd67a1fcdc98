"""`accord serve`: the site and its worker, after every check has passed."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from ipaddress import ip_network
from urllib.parse import urlsplit

from accord.clinic.site.commands import processes, site


def main(arguments: Sequence[str]) -> int:
    """Serve the site of the environment. 0: asked to stop; 1: a process ended; 2: refused to start."""
    options = _parser().parse_args(arguments)
    try:
        site.load()
        from django.conf import settings

        site.make_folder(settings.ACCORD.folder, with_key=False)
        site.refuse_unready()
        port = options.port or urlsplit(settings.ACCORD.url).port or 8000
        processes.refuse_taken_port(options.host, port)
        site.refuse_forgetful_database()
        site.prepare(migrate=not options.no_migrate)
        site.refuse_strange_record()
        site.refuse_demonstration()
        site.refuse_changeable_facts()
    except site.CannotServe as refusal:
        site.complain(refusal)
        return 2
    print(f"accord serves {settings.ACCORD.url} (at {options.host}:{port}; stop with Ctrl-C)", flush=True)
    return processes.run(options.host, port, web_only=options.web_only, proxies=options.proxy)


def _network(value: str) -> str:
    try:
        return str(ip_network(value))
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"expected an address or a network such as 10.0.0.5: {error}"
        ) from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="accord serve",
        description="Serve the site. Its settings come from the environment (docs/reference/settings.md).",
    )
    parser.add_argument("--host", default="localhost", help="address to listen on (default: localhost)")
    parser.add_argument("--port", type=int, help="port to listen on (default: that of ACCORD_URL, else 8000)")
    parser.add_argument(
        "--proxy",
        action="append",
        default=[],
        type=_network,
        help="address or network of a proxy at another machine, which says where a request came from",
    )
    parser.add_argument("--no-migrate", action="store_true", help="leave the database as it is")
    parser.add_argument("--web-only", action="store_true", help="no worker; `accord work` runs elsewhere")
    return parser
