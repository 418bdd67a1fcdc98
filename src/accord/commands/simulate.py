"""`accord simulate`: ratings of a made-up programme, and what was really so in it."""

from __future__ import annotations

import argparse
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accord.errors import InputError

if TYPE_CHECKING:
    from accord.records.care import EventTable
    from accord.simulator.generate import Simulated

EXAMPLE = """examples:
  accord simulate --scenario textbook --clients 100 --sessions 40 --seed 1 --out ratings.csv --truth truth.csv
  accord simulate --scenario programme --out ratings.csv --episodes episodes.csv --events events.csv
"""


def add_to(commands: Any) -> None:
    """Describe the command to argparse."""
    parser = commands.add_parser(
        "simulate",
        help="write ratings of a simulated programme",
        description="Writes ratings of a simulated programme; nobody in it is real.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    parser.add_argument("--scenario", required=True, metavar="ID", help=(
        "textbook, ceiling, gradual, heavy-tails, irregular, few-sessions, missing, channels, null, "
        "residential or programme"))  # fmt: skip
    parser.add_argument("--clients", type=int, metavar="N", help="default: the scenario's own number")
    parser.add_argument("--sessions", type=int, metavar="T", help="most sessions of a relationship")
    parser.add_argument("--seed", type=int, default=0, metavar="S", help="the same seed, the same ratings")
    parser.add_argument("--out", required=True, metavar="FILE", help="the ratings, written as CSV")
    parser.add_argument("--truth", metavar="FILE", help="what was really so, session by session, as CSV")
    parser.add_argument("--episodes", metavar="FILE", help="the episodes of care, as CSV")
    parser.add_argument("--events", metavar="FILE", help="self-injury, attempts, skills and diary, as CSV")


def run(arguments: argparse.Namespace) -> int:
    """Simulate and write."""
    from accord.instruments.catalogue import catalogue
    from accord.simulator.generate import simulate

    options = ("--out", "--truth", "--episodes", "--events")
    wanted = {name: path for name in options if (path := getattr(arguments, name.removeprefix("--")))}
    _refuse_clashing(wanted)
    simulated = simulate(
        arguments.scenario,
        instruments=catalogue(),
        clients=arguments.clients,
        sessions=arguments.sessions,
        seed=arguments.seed,
    )
    _write(simulated, wanted)
    return 0


def _refuse_clashing(wanted: Mapping[str, str]) -> None:
    """No file may be written over another one, and each must be writable."""
    from accord.exchange.atomic import refuse_unwritable

    taken: dict[str, str] = {}
    for option, path in wanted.items():
        if other := taken.get(place := os.path.realpath(path)):
            raise InputError(f"another name than {other}", column=option, found=path)
        taken[place] = option
        refuse_unwritable(path)


def _write(simulated: Simulated, wanted: Mapping[str, str]) -> None:
    from accord.exchange.episodes_csv import write_episodes
    from accord.exchange.events_csv import write_events
    from accord.exchange.ratings_csv import write_ratings
    from accord.simulator.truth import write_truth

    if "--events" in wanted:
        write_events(wanted["--events"], _events(simulated))
    if "--episodes" in wanted:
        write_episodes(wanted["--episodes"], simulated.episodes)
    if "--truth" in wanted:
        write_truth(Path(wanted["--truth"]), simulated.truth)
    write_ratings(wanted["--out"], simulated.ratings)


def _events(simulated: Simulated) -> EventTable:
    from accord.simulator.scenarios import SCENARIOS, Channel

    if simulated.events is None:
        known = ", ".join(
            scenario.id for scenario in SCENARIOS.values() if Channel.EVENTS in scenario.channels
        )
        found = f"{simulated.scenario.id}, in which nothing happens beside the ratings"
        raise InputError(f"a scenario with events ({known})", column="--events", found=found)
    return simulated.events
