"""`accord scan`: a file of ratings in, a file of findings out."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accord.errors import InputError
from accord.records.ratings import Construct

if TYPE_CHECKING:
    from accord.result import ScanResult

NOT_CONVERGED = 3
EXAMPLE = """examples:
  accord scan ratings.csv --out findings.csv
  accord scan long.csv --out findings.csv --range 36:252 --lower-is-better --construct outcome --skip-bad
"""


def add_to(commands: Any) -> None:
    """Describe the command to argparse."""
    parser = commands.add_parser(
        "scan",
        help="follow every relationship in a file of ratings",
        description="Follows every relationship in a file of ratings; says which need attention, and why.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    parser.add_argument(
        "ratings", metavar="RATINGS.csv", help="one row per form; see docs/reference/formats.md"
    )
    parser.add_argument(
        "--out", required=True, metavar="FINDINGS.csv", help="written with one row per session"
    )
    parser.add_argument(
        "--instrument", metavar="ID", help="the series to follow (default: the client's alliance)"
    )
    parser.add_argument("--alarm-rate", type=float, default=0.03, metavar="SHARE", help=(
        "false alarms per calm session, .001 to .5 (default: .03)"))  # fmt: skip
    parser.add_argument("--skip-bad", action="store_true", help=(
        "leave out rows that cannot be read and list them in FINDINGS.bad.csv"))  # fmt: skip
    add_scales(parser.add_argument_group("a scale that accord does not know"))
    _add_population(parser.add_argument_group("values of the programme"))
    _add_screen(parser.add_argument_group("on screen"))


def add_scales(group: Any) -> None:
    """The options that describe a scale which the catalogue does not know."""
    group.add_argument("--range", action="append", default=[], metavar="[NAME=]LOW:HIGH", help=(
        "lowest and highest score; by name where there are several (below zero: --range=-3:3)"))  # fmt: skip
    group.add_argument("--lower-is-better", action="append", nargs="?", const="", default=[], metavar="NAME")
    group.add_argument("--construct", choices=[construct.value for construct in Construct])


def _add_population(group: Any) -> None:
    group.add_argument(
        "--save-population", metavar="FILE", help="write the values learned from these ratings"
    )
    group.add_argument("--population", metavar="FILE", help="use such values and learn nothing")


def _add_screen(group: Any) -> None:
    group.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    group.add_argument("--quiet", action="store_true", help="no table and no progress")


def run(arguments: argparse.Namespace) -> int:
    """Scan, write, tell. Nothing is written before everything is read and assessed."""
    _refuse_clashing_names(arguments)
    from accord.api import scan
    from accord.exchange.declared import parse_ranges

    result = scan(
        arguments.ratings,
        instrument=arguments.instrument,
        population=arguments.population,
        alarm_rate=arguments.alarm_rate,
        ranges=parse_ranges(arguments.range),
        lower_is_better=arguments.lower_is_better,
        construct=arguments.construct,
        skip_bad=arguments.skip_bad,
        progress=not arguments.quiet and sys.stderr.isatty(),
    )
    if arguments.save_population:
        result.save_population(arguments.save_population)
    result.write(arguments.out)
    _tell(result, arguments)
    return 0 if result.converged else NOT_CONVERGED


def _tell(result: ScanResult, arguments: argparse.Namespace) -> None:
    if arguments.json:
        print(json.dumps(result.to_json(), ensure_ascii=False))
    elif not arguments.quiet:
        print(result.summary())
        for cell in result.bad[:10]:
            print(f"left out: {cell.as_error('')}")
        if len(result.bad) > 10:
            print(f"left out: {len(result.bad) - 10:,} rows more")


def _refuse_clashing_names(arguments: argparse.Namespace) -> None:
    """No file may be written over one that is read, nor over another; each must be writable."""
    from accord.exchange.atomic import refuse_unwritable
    from accord.result import bad_path

    if not Path(arguments.out).name:
        raise InputError("the name of a file to write", column="--out", found=repr(arguments.out))
    written = [("--out", arguments.out), ("--save-population", arguments.save_population)]
    if arguments.skip_bad:
        written.append(("the list of bad rows", str(bad_path(arguments.out))))
    taken = {os.path.realpath(arguments.ratings): "the ratings themselves"}
    if arguments.population:
        taken[os.path.realpath(arguments.population)] = "--population"
    for option, name in written:
        if not name:
            continue
        place = os.path.realpath(name)
        if place in taken:
            raise InputError(f"another name than {taken[place]}", column=option, found=name)
        taken[place] = option
        refuse_unwritable(name)
