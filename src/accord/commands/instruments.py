"""`accord instruments`: the scales accord knows."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import Any

from accord.records.ratings import Instrument, Scoring

EXAMPLE = """examples:
  accord instruments list
  accord instruments show PHQ-9
"""


def add_to(commands: Any) -> None:
    """Describe the command to argparse."""
    parser = commands.add_parser(
        "instruments",
        help="the scales accord knows",
        description="Lists the scales accord knows, or shows one of them.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="list|show")
    actions.add_parser("list", help="one line for each").set_defaults(run=run_list)
    show = actions.add_parser("show", help="what is known of one")
    show.add_argument("id", metavar="ID", help="in any case, such as wai-sr")
    show.set_defaults(run=run_show)


def run_list(_arguments: argparse.Namespace) -> int:
    """One line for each instrument: id, range, construct, name."""
    from accord.instruments.catalogue import catalogue

    for instrument in catalogue().values():
        print(
            f"{instrument.id:24} {instrument.low:g}-{instrument.high:g}".ljust(34),
            f"{instrument.construct:9} {instrument.name}",
        )
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """Everything a user of one instrument has to know."""
    from accord.instruments.catalogue import get

    print("\n".join(described(get(arguments.id))))
    return 0


def described(instrument: Instrument) -> Iterator[str]:
    """An instrument in lines of text. Values that nobody checked at their source are not printed."""
    yield f"{instrument.name} ({instrument.id}, version {instrument.version})"
    if not instrument.validated:
        yield "not validated"
    yield f"measures: {instrument.construct}; {'lower' if instrument.lower_is_better else 'higher'} is better"
    yield f"score: {_scoring(instrument)}, {instrument.low:g} to {instrument.high:g}"
    yield f"rated by: {', '.join(instrument.raters)}"
    for item in instrument.items:
        options = ", ".join(f"{option.value:g}" for option in item.options)
        yield f"  item_{item.number}: {item.about} ({options}){_marks(item.number, instrument)}"
    yield f"reliability: {_reliability(instrument)}"
    yield f"licence: {instrument.licence}"
    yield f"source: {instrument.citation}"


def _scoring(instrument: Instrument) -> str:
    if instrument.scoring is Scoring.TOTAL:
        return "comes as a total"
    return f"{instrument.scoring} of items {', '.join(map(str, instrument.scored))}"


def _marks(number: int, instrument: Instrument) -> str:
    item = next(item for item in instrument.items if item.number == number)
    marks = [word for word, is_so in (("reversed", item.reversed), ("safety", item.safety)) if is_so]
    return f" [{', '.join(marks)}]" if marks else ""


def _reliability(instrument: Instrument) -> str:
    known = instrument.reliability
    if known.sd is None and known.alpha is None and known.retest is None:
        return "not known; learned from the ratings"
    if not known.checked:
        return "assumed"
    values = (("alpha", known.alpha), ("retest", known.retest), ("SD", known.sd))
    return (
        ", ".join(f"{name} {value:g}" for name, value in values if value is not None) + f" ({known.source})"
    )
