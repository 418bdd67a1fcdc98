"""`accord programme`: its figures computed now, and its record taken out for research."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from accord.clinic.site.commands import site
from accord.errors import InputError

DONE = 0
FILES = ("ratings.csv", "episodes.csv", "events.csv")


def main(arguments: Sequence[str]) -> int:
    """0: done; 2: bad settings or usage, or nothing that may be taken out."""
    given = _parser().parse_args(arguments)
    return site.run(_overview if given.action == "overview" else lambda: _asked(given.by, Path(given.folder)))


def _overview() -> int:
    from accord.clinic.models import Organisation
    from accord.clinic.programme.outcomes import actions as outcome_actions

    for organisation in Organisation.objects.order_by("name"):
        row = outcome_actions.make(organisation=organisation)
        print(f"{organisation.name}: figures as of {row.as_of}", flush=True)
    return DONE


def _asked(email: str, folder: Path) -> int:
    try:
        return _export_record(email, folder)
    except InputError as error:
        raise site.CannotServe(str(error)) from error


def _export_record(email: str, folder: Path) -> int:
    from accord.clinic.site.commands.record import taken_out
    from accord.exchange.episodes_csv import write_episodes
    from accord.exchange.events_csv import write_events
    from accord.exchange.ratings_csv import write_ratings

    if folder.exists():
        raise InputError("the name of a folder that is not there yet", column="--folder", found=str(folder))
    taken = taken_out(email)
    folder.mkdir(parents=True)
    write_ratings(folder / FILES[0], taken.ratings)
    write_episodes(folder / FILES[1], taken.episodes)
    write_events(folder / FILES[2], taken.events)
    print(f"{taken.clients} people who said yes to research, without names or exact dates: {folder}")
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="accord programme", description="What a programme can learn from its own record."
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser(
        "overview",
        help="compute the programme in figures now",
        description="Compute and store the programme in figures. The watch does it once a week.",
    )
    out = actions.add_parser(
        "take-out",
        help="ratings, episodes and events of those who said yes to research, as files for `accord study`",
        description="Write the record as three files: codes for names, days counted from one fixed day.",
    )
    out.add_argument(
        "--by", required=True, metavar="EMAIL", help="researcher or programme lead who takes it out"
    )
    out.add_argument("--folder", required=True, metavar="FOLDER", help="a new folder")
    return parser
