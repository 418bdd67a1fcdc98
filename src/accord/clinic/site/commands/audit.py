"""`accord audit`: whether the log of who did what is as it was written, and its head to be kept elsewhere."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from accord.clinic.site.commands import site

UNBROKEN, BROKEN = 0, 1
NO_ANCHOR = "Without --anchor, events cut off at the end together with their head are not seen."


def main(arguments: Sequence[str]) -> int:
    """0: done, every chain is unbroken; 1: a chain is broken; 2: bad settings, usage, or no database."""
    options = _parser().parse_args(arguments)
    return site.run(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    _refuse_no_database()
    code: int = options.run(options)
    return code


def _verify(options: argparse.Namespace) -> int:
    from accord.clinic.audit import verification, verify_when_due

    results = verify_when_due.verify(_anchors(options.anchor))
    for result in results:
        message = f"BROKEN after event {result.events}: {result.wrong}" if result.wrong else "unbroken"
        print(f"{result.organisation_id}: {result.events} events, {message}")
    for head in verification.heads():
        print(f"head: {head}")
    if options.anchor is None:
        print(NO_ANCHOR)
    return BROKEN if any(result.wrong for result in results) else UNBROKEN


def _head(options: argparse.Namespace) -> int:
    from accord.clinic.audit import verification

    for head in verification.heads():
        print(head)
    return UNBROKEN


def _anchors(path: Path | None) -> list[Any]:
    """Heads from a file, one a line; a line may begin with "head:", as `verify` prints it."""
    from accord.clinic.audit.verification import head_of

    if path is None:
        return []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise site.CannotServe(f"{path}: expected a file of heads ({error})") from error
    anchors = []
    for number, line in enumerate(lines, 1):
        try:
            anchors += [head_of(line.removeprefix("head:"))] if line.strip() else []
        except ValueError:
            expected = "ORGANISATION NUMBER DIGEST, as `accord audit head` prints it"
            raise site.CannotServe(f"{path}, line {number}: found {line!r}, expected {expected}") from None
    if not anchors:
        raise site.CannotServe(f"{path}: found no head, expected at least one")
    return anchors


def _refuse_no_database() -> None:
    from django.db import DatabaseError, connection

    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite" and not Path(name).is_file():
        raise site.CannotServe(f"found no database at {name}")
    try:
        tables = connection.introspection.table_names()
    except DatabaseError as error:
        raise site.CannotServe(f"the database does not answer: {error}") from error
    if "clinic_audithead" not in tables:
        raise site.CannotServe("found a database without an audit chain; type: accord manage migrate")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="accord audit", description=__doc__)
    does = parser.add_subparsers(dest="what", required=True, metavar="WHAT")
    verify = does.add_parser("verify", help="read the whole log; exit code 1 if it was changed anywhere")
    verify.add_argument("--anchor", type=Path, metavar="FILE", help="heads that were written down elsewhere")
    verify.set_defaults(run=_verify)
    head = does.add_parser("head", help="print the head of each chain, to be kept on another machine")
    head.set_defaults(run=_head)
    return parser
