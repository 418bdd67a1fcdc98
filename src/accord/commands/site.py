"""The commands of the clinic, handed to it: an installation may be without it."""

from __future__ import annotations

import sys
from importlib import import_module
from typing import Any

from accord.errors import how_to_install

COMMANDS = {
    "demo": "try the site with a simulated programme",
    "serve": "serve the site of a clinic",
    "work": "run the jobs of a site, without its web server",
    "keys": "the keys that free text is sealed under",
    "manage": "look after the site: setting up, accounts, migrations, read-only mode",
    "audit": "whether the log of who did what is as it was written",
    "population": "learn anew what this site's ratings look like",
    "programme": "what the programme learns from its own record: its figures, and files for a study",
    "leaving": "learn anew how leaving early shows here, and how well it is estimated",
    "backup": "an encrypted copy of the record, made while the site runs",
    "restore": "the record of a backup, into an empty place",
}
MISSING = f"accord {{0}} needs the clinic's parts ({{1}} is not installed); {how_to_install('clinic')}"


def add_to(commands: Any) -> None:
    """Name the commands in the list; their own options are known to the clinic alone."""
    for name, about in COMMANDS.items():
        commands.add_parser(name, help=about, add_help=False)


def run(name: str, arguments: list[str]) -> int:
    """Run a command of the clinic with the arguments after its name."""
    try:
        module = import_module(f"accord.clinic.site.commands.{name}")
        code: int = module.main(arguments)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing in ("", "accord"):
            raise
        print(MISSING.format(name, missing), file=sys.stderr)
        return 2
    return code
