"""`accord restore`: the record of a backup, put into an empty place, or only looked at."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from accord.clinic.site.commands import site


def main(arguments: Sequence[str]) -> int:
    """0: done; 2: refused, and the place is as it was."""
    options = _parser().parse_args(arguments)
    return site.run(lambda: _restore(options.file, options.key, only_check=options.check))


def _restore(path: Path, key: Path, *, only_check: bool) -> int:
    from django.conf import settings
    from django.db import DatabaseError

    from accord.clinic.models.actors import SYSTEM
    from accord.clinic.site import backups
    from accord.clinic.site.backup import archive, creation, restoration

    if not path.is_file():
        raise site.CannotServe(f"{path}: expected a backup, found no file")
    try:
        identity = restoration.identity_of(key)
        if only_check:
            head, counts = restoration.check(path, identity)
        else:
            site.make_folder(settings.ACCORD.folder, with_key=False)
            head, counts = restoration.restore(path, identity)
            backups.note_restored(by=SYSTEM)
    except (archive.BadBackup, creation.BadKey, restoration.NotEmpty, DatabaseError) as error:
        raise site.CannotServe(f"Nothing was restored: {error}") from error
    done = "is as it was made" if only_check else "was restored and read back"
    print(f"{path} {done}: the record as of {head.made_at}, {sum(counts.values())} rows")
    _print_counts(counts)
    return 0


def _print_counts(counts: Mapping[str, int]) -> None:
    for name in sorted(counts, key=lambda name: (-counts[name], name)):
        print(f"{counts[name]:>12,}  {name}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="accord restore", description="Restore a backup into an empty database, whole or not at all."
    )
    parser.add_argument("file", type=Path, metavar="FILE", help="the backup")
    parser.add_argument("--key", type=Path, required=True, metavar="KEYFILE", help="the private key's file")
    parser.add_argument("--check", action="store_true", help="read and compare it whole, restore nothing")
    return parser
