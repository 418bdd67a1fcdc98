"""`accord programme overview`: the programme in figures, computed now instead of with the next week."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from accord.clinic.commands import site

DONE, UNUSABLE = 0, 2


def main(arguments: Sequence[str]) -> int:
    """0: done; 2: bad settings or usage."""
    _parser().parse_args(arguments)
    try:
        site.load()
    except site.CannotServe as refusal:
        site.complain(refusal)
        return UNUSABLE
    from accord.clinic.actions import overviews
    from accord.clinic.models import Organisation

    for organisation in Organisation.objects.order_by("name"):
        row = overviews.make(organisation=organisation)
        print(f"{organisation.name}: figures as of {row.as_of}", flush=True)
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
    return parser
