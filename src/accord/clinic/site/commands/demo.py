"""`accord demo`: a site with a simulated year, made on the first run and found again on the next."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from accord.clinic.encryption import rings
from accord.clinic.site.commands import processes, site

CRISIS = "Emergency (invented): 000 0000; Crisis line (invented): 000 111 222"


def main(arguments: Sequence[str]) -> int:
    """Make or find the demonstration and serve it. 0: asked to stop; 1: a process ended; 2: cannot start."""
    options = _parser().parse_args(arguments)
    folder = Path(options.folder or os.environ.get("ACCORD_FOLDER") or "accord-demo").absolute()
    port = options.port or urlsplit(os.environ.get("ACCORD_URL", "")).port or 8000
    try:
        _set(folder, port)
        site.make_folder(folder, with_key=True)
        site.load()
        rings.make_missing(folder)
        site.refuse_unready()
        if not options.no_serve:
            processes.refuse_taken_port("localhost", port)
        site.prepare()
        from accord.clinic.site.demo import programme as demo_programme

        if demo_programme.holds_others():
            raise site.CannotServe(
                "This database belongs to a programme; a demonstration needs one of its own."
            )
    except site.CannotServe as refusal:
        site.complain(refusal)
        return 2
    logins = demo_programme.logins() or demo_programme.load()
    _tell(logins, folder)
    return 0 if options.no_serve else processes.run("localhost", port)


def _set(folder: Path, port: int) -> None:
    """The settings of a demonstration. A site of real use is never turned into one."""
    if os.environ.get("ACCORD_USE", "demo") != "demo":
        raise site.CannotServe(
            "ACCORD_USE names a site of real use; `accord demo` would fill it with invented people."
        )
    os.environ["ACCORD_USE"] = "demo"
    os.environ["ACCORD_ENV_FILE"] = ""  # never the settings of a site beside it
    os.environ["ACCORD_FOLDER"] = str(folder)
    os.environ["ACCORD_URL"] = f"http://localhost:{port}"
    os.environ.setdefault("ACCORD_CRISIS_NUMBERS", CRISIS)


def _tell(logins: Sequence[tuple[str, str, str]], folder: Path) -> None:
    from django.conf import settings

    print(f"\nEverybody here is invented. Data: {folder}\n")
    for role, email, password in logins:
        print(f"  {role:<15} {email:<32} password: {password}")
    print("\nStaff need a second step: the sign-in page of the demonstration shows each one's code.")
    print(f"\n  {settings.ACCORD.url}\n", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="accord demo",
        description="A site with a simulated programme: 101 clients, a year, 12 clinicians, two teams.",
    )
    parser.add_argument("--folder", help="folder for its data (default: accord-demo)")
    parser.add_argument("--port", type=int, help="port on localhost (default: 8000)")
    parser.add_argument("--no-serve", action="store_true", help="make the data and stop")
    return parser
