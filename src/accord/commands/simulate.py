"""`accord simulate`: ratings of a made-up programme, and what was really so in it."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from accord.records import InputError

EXAMPLE = """example:
  accord simulate --scenario textbook --clients 100 --sessions 40 --seed 1 --out ratings.csv --truth truth.csv
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


def run(arguments: argparse.Namespace) -> int:
    """Simulate and write."""
    from accord.exchange.atomic import refuse_unwritable
    from accord.exchange.ratings_csv import write_ratings
    from accord.instruments.catalogue import catalogue
    from accord.simulator.generate import simulate
    from accord.simulator.truth import write_truth

    if arguments.truth and os.path.realpath(arguments.truth) == os.path.realpath(arguments.out):
        raise InputError("another name than --out", column="--truth", found=arguments.truth)
    for name in filter(None, (arguments.out, arguments.truth)):
        refuse_unwritable(name)
    simulated = simulate(
        arguments.scenario,
        instruments=catalogue(),
        clients=arguments.clients,
        sessions=arguments.sessions,
        seed=arguments.seed,
    )
    if arguments.truth:
        write_truth(Path(arguments.truth), simulated.truth)
    write_ratings(arguments.out, simulated.ratings)
    return 0
