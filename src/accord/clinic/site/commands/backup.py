"""`accord backup`: a copy of the record, made while the site runs and encrypted to a key kept elsewhere."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from accord.clinic.site.commands import site
from accord.errors import InputError

KEY_WORDS = (
    "# Private key of accord's backups. Keep it away from the site, twice: without it no backup opens.\n"
)


def main(arguments: Sequence[str]) -> int:
    """0: done; 2: bad settings or usage, and nothing was written."""
    parser = _parser()
    options = parser.parse_args(arguments)
    wants_key = options.file == "new-key"
    if wants_key != bool(options.key) or wants_key == bool(options.to):
        parser.error("expected FILE --to AGE-RECIPIENT, or new-key KEYFILE")
    os.umask(0o077)
    try:
        return _new_key(Path(options.key)) if wants_key else _backup(Path(options.file), options.to)
    except (site.CannotServe, InputError) as refusal:
        site.complain(refusal)
        return 2


def _new_key(path: Path) -> int:
    from accord.clinic.site.backup import creation

    private, public = creation.new_key()
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(f"{KEY_WORDS}# public key: {public}\n{private}\n")
    except OSError as error:
        raise site.CannotServe(f"{path}: expected a name that is free ({error.strerror})") from error
    print(public)
    print(f"The private key is in {path}. Move it to where the site cannot reach it, twice.", file=sys.stderr)
    return 0


def _backup(path: Path, to: str) -> int:
    site.load()
    site.refuse_absent_record()
    from django.db import DatabaseError

    from accord.clinic.models.actors import SYSTEM
    from accord.clinic.site import backups
    from accord.clinic.site.backup import creation

    try:
        at = creation.make(path, to)
    except creation.BadKey as error:
        raise site.CannotServe(f"--to: {error}") from error
    except DatabaseError as error:
        raise site.CannotServe(f"The database does not answer: {error}") from error
    print(f"{path}: the record as of {at:%Y-%m-%d %H:%M:%S} UTC, {path.stat().st_size} bytes")
    print(f"signed by {creation.signer()}")
    try:
        backups.note(at=at, by=SYSTEM)
    except DatabaseError as error:
        print(f"accord: the backup is good, but the site could not note its time ({error})", file=sys.stderr)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="accord backup",
        usage="accord backup FILE --to AGE-RECIPIENT\n       accord backup new-key KEYFILE",
        description="Write an encrypted copy of the record, or make the pair of keys for it.",
    )
    parser.add_argument("file", metavar="FILE", help="the backup to write (an older one is replaced)")
    parser.add_argument("key", nargs="?", metavar="KEYFILE", help="after new-key: the private key to write")
    parser.add_argument("--to", metavar="AGE-RECIPIENT", help="the public key, age1...")
    return parser
