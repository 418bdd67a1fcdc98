"""`accord study`: ratings, episodes and events in, a folder with a study out."""

from __future__ import annotations

import argparse
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accord.commands.scan import NOT_CONVERGED, add_scales
from accord.errors import InputError, how_to_install

if TYPE_CHECKING:
    from accord.study.plan.resolve_plan import Material
    from accord.study.run import StudyResult

EXAMPLE = """examples:
  accord study --ratings ratings.csv --episodes episodes.csv --events events.csv --out study
  accord study --ratings r.csv --episodes p.csv --events e.csv --plan plan.toml --out study
  accord study --by researcher@example.org --out study      from the record of the site of this folder
"""


def add_to(commands: Any) -> None:
    """Describe the command to argparse."""
    parser = commands.add_parser(
        "study",
        help="relate the alliance to leaving, events and outcome",
        description="Relates the alliance to what happened in treatment. Associations, not proof of causes.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    parser.add_argument("--ratings", metavar="FILE", help="one row per form")
    parser.add_argument("--episodes", metavar="FILE", help="one row per treatment of a client")
    parser.add_argument("--events", metavar="FILE", help="one row per client, day and kind of event")
    parser.add_argument(
        "--by",
        metavar="EMAIL",
        help="without files: the site's own record, taken out by this researcher or programme lead",
    )
    parser.add_argument("--out", required=True, metavar="FOLDER", help="a new folder for all that is made")
    parser.add_argument("--plan", metavar="FILE", help="what is asked of the data (default: what is usual)")
    parser.add_argument("--quiet", action="store_true", help="nothing on screen")
    add_scales(parser.add_argument_group("a scale that accord does not know"))


def run(given: argparse.Namespace) -> int:
    """Read everything, then make and write the study. Nothing is written before all is read."""
    from accord.study.plan.study_plan import PlanRequest, read_plan
    from accord.study.run import make_study, refuse_before_work

    refuse_before_work(given.out)
    asked = read_plan(given.plan) if given.plan else PlanRequest()
    files = {name: Path(path) for name in ("ratings", "episodes", "events") if (path := getattr(given, name))}
    material, notes = _read(given) if _of_files(given) else _from_the_record(given.by)
    tell = _tell if sys.stderr.isatty() and not given.quiet else _silent
    made = make_study(material, asked, given.out, inputs=files, tell=tell, progress=tell is _tell)
    if not given.quiet:
        print(_summary(made, given.out, notes))
    return 0 if made.converged else NOT_CONVERGED


def _of_files(given: argparse.Namespace) -> bool:
    """Whether the study is made of files. Raises `InputError` for some of them, or for both ways at once."""
    files = [name for name in ("ratings", "episodes", "events") if getattr(given, name)]
    if given.by and files:
        raise InputError("files, or --by for the site's own record", column=f"--{files[0]}", found="both")
    if not given.by:
        for name in ("ratings", "episodes"):
            if name not in files:
                raise InputError(
                    "a file, or --by for the site's own record", column=f"--{name}", found="neither"
                )
    return not given.by


def _from_the_record(email: str) -> tuple[Material, list[str]]:
    """By name, because an installation may be without the clinic."""
    try:
        record = import_module("accord.clinic.site.commands.record")
        material, note = record.material(email)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        if missing in ("", "accord"):
            raise
        expected = f"the clinic's parts; {how_to_install('clinic')}"
        raise InputError(expected, found=f"{missing} is not installed") from error
    return material, [note]


def _read(given: argparse.Namespace) -> tuple[Material, list[str]]:
    from accord.api import read_table
    from accord.exchange.declared import Declared, parse_ranges
    from accord.exchange.episodes_csv import read_episodes
    from accord.exchange.events_csv import read_events
    from accord.instruments.catalogue import by_range, catalogue
    from accord.records.ratings import Construct
    from accord.study.plan.resolve_plan import Material

    known = catalogue()
    construct = Construct(given.construct) if given.construct else None
    declared = Declared(known, parse_ranges(given.range), given.lower_is_better, construct, by_range)
    episodes = read_episodes(given.episodes)
    events = read_events(given.events, clients=episodes.table.clients) if given.events else None
    ratings = read_table(given.ratings, known, declared, False, sys.stderr.isatty() and not given.quiet)
    notes = [*ratings.notes, *declared.check(ratings.ratings.instruments), *episodes.notes]
    notes += events.notes if events else ["no events were given: nothing is said of self-injury or attempts"]
    return Material(ratings.ratings, episodes.table, events.table if events else None), notes


def _tell(doing: str) -> None:
    print(f"accord: {doing}", file=sys.stderr)


def _silent(doing: str) -> None:
    """Nobody watches."""


def _summary(made: StudyResult, folder: str, notes: list[str]) -> str:
    arms = "1 arm" if len(made.plan.arms) == 1 else f"{len(made.plan.arms)} arms"
    first = (
        f"{made.people:,} people in {arms}, {made.rows:,} periods of {made.plan.period_days} days: {folder}"
    )
    return "\n".join([first, *(f"note: {note}" for note in (*notes, *made.notes))])
