"""`accord keys`: the keys that free text is sealed under; making, changing and retiring them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from accord.clinic.site.commands import site

if TYPE_CHECKING:
    from accord.clinic.encryption.rings import RingName

RINGS = ("text", "reactions")


def main(arguments: Sequence[str]) -> int:
    """0: done; 1: something could not be read; 2: refused, nothing was changed."""
    options = _parser().parse_args(arguments)
    return site.run(lambda: _run(options))


def _run(options: argparse.Namespace) -> int:
    from django.conf import settings

    from accord.clinic.encryption.rings import KeyProblem, RingName
    from accord.clinic.site.keys import StillNeeded

    site.make_folder(settings.ACCORD.folder, with_key=False)
    names = [RingName(options.ring)] if options.ring else list(RingName)
    try:
        code: int = options.run(settings.ACCORD.folder, names, options)
    except (KeyProblem, StillNeeded) as refusal:
        raise site.CannotServe(str(refusal)) from refusal
    return code


def _list(folder: Path, names: Sequence[RingName], options: argparse.Namespace) -> int:
    from accord.clinic.encryption import rings
    from accord.clinic.site.keys import under_keys

    lost = 0
    for name in names:
        ring, held = rings.load(folder, name), under_keys(name)
        print(f"{name.value}: {rings.path_of(folder, name)}")
        for key in ring.keys.values():
            status = "current" if key.id == ring.current else "earlier"
            print(f"  {key.id}  {status}  made {key.made}  {held.pop(key.id, 0)} texts")
        for key_id, number in held.items():
            print(f"  {key_id}  MISSING: {number} texts cannot be read")
        lost += sum(held.values())
    return 1 if lost else 0


def _new(folder: Path, names: Sequence[RingName], options: argparse.Namespace) -> int:
    from accord.clinic.encryption import rings
    from accord.clinic.models.actors import SYSTEM
    from accord.clinic.site.keys import StillNeeded, note, under_keys

    for name in names:
        if rings.path_of(folder, name).exists():
            ring = rings.add(folder, name)
        elif held := sum(under_keys(name).values()):
            raise StillNeeded(f"found {held} texts under keys of a missing file, expected that file back")
        else:
            ring = rings.make(folder, name)
        note(what="keys.new", name=name, by=SYSTEM)
        print(f"{name.value}: {ring.current} is current. Keep a copy of {rings.path_of(folder, name)}.")
    return 0


def _rotate(folder: Path, names: Sequence[RingName], options: argparse.Namespace) -> int:
    from accord.clinic.models.actors import SYSTEM
    from accord.clinic.site.keys import rotate

    bad = 0
    for name in names:
        done = rotate(name=name, by=SYSTEM)
        print(f"{name.value}: {done.moved} moved to the current key, {len(done.unreadable)} cannot be read")
        for line in done.unreadable:
            print(f"  {line}", file=sys.stderr)
        bad += len(done.unreadable)
    return 1 if bad else 0


def _retire(folder: Path, names: Sequence[RingName], options: argparse.Namespace) -> int:
    from accord.clinic.encryption import rings
    from accord.clinic.models.actors import SYSTEM
    from accord.clinic.site.keys import note, refuse_retiring

    name = next((name for name in names if options.key in rings.load(folder, name).keys), names[0])
    refuse_retiring(name, options.key)
    rings.retire(folder, name, options.key)
    note(what="keys.retire", name=name, by=SYSTEM)
    print(f"{name.value}: {options.key} is retired; {name.value}.retired keeps it for backups of its time.")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="accord keys",
        description="The keys that free text is sealed under (docs/how-to/keys.md).",
    )
    parser.set_defaults(ring=None)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, run, about in (
        ("list", _list, "each key, and how many texts are under it"),
        ("new", _new, "a new current key for each ring, or for one; makes a ring that is missing"),
        ("rotate", _rotate, "move every text to the current key; may be stopped and run again"),
    ):
        command = commands.add_parser(name, help=about)
        command.add_argument("--ring", choices=RINGS, help="one ring only")
        command.set_defaults(run=run)
    retire = commands.add_parser(
        "retire", help="take an earlier key that holds nothing any more out of its ring"
    )
    retire.add_argument("key", metavar="KEY", help="its id, as `list` shows it")
    retire.set_defaults(run=_retire)
    return parser
