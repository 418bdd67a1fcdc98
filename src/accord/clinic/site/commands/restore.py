"""`accord restore`: the record of a backup, put into an empty place, or only looked at."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from accord.clinic.site.commands import site

if TYPE_CHECKING:
    from accord.clinic.site.backup.archive import Head


def main(arguments: Sequence[str]) -> int:
    """0: done; 2: refused, and the place is as it was."""
    options = _parser().parse_args(arguments)
    return site.run(lambda: _restore(options))


def _restore(options: argparse.Namespace) -> int:
    from django.conf import settings
    from django.db import DatabaseError

    from accord.clinic.models.actors import SYSTEM
    from accord.clinic.site import backups
    from accord.clinic.site.backup import archive, creation, restoration

    path, signed_by = options.file, options.signed_by or _own_signer()
    if not path.is_file():
        raise site.CannotServe(f"{path}: expected a backup, found no file")
    try:
        identity = restoration.identity_of(options.key)
        head, counts = restoration.check(path, identity, options.signed_by or "")
        _print_head(head)
        if not options.check:
            if head.signed_by != signed_by and not options.yes:
                _ask_whether_it_is_ours(head)
            site.make_folder(settings.ACCORD.folder, with_key=False)
            restoration.restore(path, identity, head.signed_by)
            backups.note_restored(by=SYSTEM)
    except (archive.BadBackup, creation.BadKey, restoration.NotEmpty, DatabaseError) as error:
        raise site.CannotServe(f"Nothing was restored: {error}") from error
    done = "is as it was made" if options.check else "was restored and read back"
    print(f"{path} {done}: the record as of {head.made_at}, {sum(counts.values())} rows")
    _print_counts(counts)
    return 0


def _own_signer() -> str:
    """The public half of this site's own signing key; empty where it has none yet."""
    from django.conf import settings

    from accord.clinic.site.backup import signing

    folder = Path(settings.ACCORD.folder)
    return signing.public_of(signing.key_of(folder)) if signing.path_in(folder).exists() else ""


def _print_head(head: Head) -> None:
    """What the backup is of, before anything is restored."""
    for of in head.organisations:
        print(f"{of.name}: audit log of {of.events} events, head {of.digest}")
    print(f"made {head.made_at} by accord {head.version}")
    print(f"signed by {head.signed_by}" if head.signed_by else "not signed: anybody could have made it")


def _ask_whether_it_is_ours(head: Head) -> None:
    """Raises `CannotServe` unless a person at the terminal says that the backup is theirs."""
    why = "The signature is not one that this site knows."
    if not sys.stdin.isatty():
        raise site.CannotServe(
            f"Nothing was restored: {why} Give --signed-by KEY as you kept it, or --yes for a backup that "
            "you know to be yours."
        )
    name = head.organisations[0].name if head.organisations else "yes"
    if input(f"{why} If the lines above are those of your record, type {name}: ").strip() != name:
        raise site.CannotServe("Nothing was restored.")


def _print_counts(counts: Mapping[str, int]) -> None:
    for name in sorted(counts, key=lambda name: (-counts[name], name)):
        print(f"{counts[name]:>12,}  {name}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="accord restore", description="Restore a backup into an empty database, whole or not at all."
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the backup")
    parser.add_argument("--key", type=Path, required=True, metavar="KEYFILE", help="the private key's file")
    parser.add_argument(
        "--signed-by", metavar="KEY", help="refuse a backup that this key (accord-sign-...) did not sign"
    )
    parser.add_argument(
        "--yes", action="store_true", help="restore without asking one that no known key signed"
    )
    parser.add_argument("--check", action="store_true", help="read and compare it whole, restore nothing")
    return parser
