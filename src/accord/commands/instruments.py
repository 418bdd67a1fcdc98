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

    for one in catalogue().values():
        print(f"{one.id:24} {one.low:g}-{one.high:g}".ljust(34), f"{one.construct:9} {one.name}")
    return 0


def run_show(arguments: argparse.Namespace) -> int:
    """Everything a user of one instrument has to know."""
    from accord.instruments.catalogue import get

    print("\n".join(described(get(arguments.id))))
    return 0


def described(one: Instrument) -> Iterator[str]:
    """An instrument in lines of text. Values that nobody checked at their source are not printed."""
    yield f"{one.name} ({one.id}, version {one.version})"
    if not one.validated:
        yield "not validated"
    yield f"measures: {one.construct}; {'lower' if one.lower_is_better else 'higher'} is better"
    yield f"score: {_scoring(one)}, {one.low:g} to {one.high:g}"
    yield f"rated by: {', '.join(one.raters)}"
    for item in one.items:
        options = ", ".join(f"{option.value:g}" for option in item.options)
        yield f"  item_{item.number}: {item.about} ({options}){_marks(item.number, one)}"
    yield f"reliability: {_reliability(one)}"
    yield f"licence: {one.licence}"
    yield f"source: {one.citation}"


def _scoring(one: Instrument) -> str:
    if one.scoring is Scoring.TOTAL:
        return "comes as a total"
    return f"{one.scoring} of items {', '.join(map(str, one.scored))}"


def _marks(number: int, one: Instrument) -> str:
    item = next(item for item in one.items if item.number == number)
    marks = [word for word, is_so in (("reversed", item.reversed), ("safety", item.safety)) if is_so]
    return f" [{', '.join(marks)}]" if marks else ""


def _reliability(one: Instrument) -> str:
    known = one.reliability
    if known.sd is None and known.alpha is None and known.retest is None:
        return "not known; learned from the ratings"
    if not known.checked:
        return "assumed"
    values = (("alpha", known.alpha), ("retest", known.retest), ("SD", known.sd))
    return (
        ", ".join(f"{name} {value:g}" for name, value in values if value is not None) + f" ({known.source})"
    )
