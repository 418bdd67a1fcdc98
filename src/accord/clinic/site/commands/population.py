"""`accord population refit`: learn anew what ratings look like here. Nothing else does, but an import."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from accord.clinic.site.commands import site

DONE = 0


def main(arguments: Sequence[str]) -> int:
    """0: done, also where there was too little to learn from; 2: bad settings or usage."""
    _parser().parse_args(arguments)
    return site.run(_refit)


def _refit() -> int:
    from accord.clinic.models import Organisation
    from accord.clinic.monitoring import populations

    for organisation in Organisation.objects.all():
        for name, rater, row in populations.refit_all(organisation=organisation):
            message = (
                f"learned from {row.relationships} relationships"
                if row
                else f"too little to learn from (under {populations.ENOUGH} relationships), or no fit found; "
                "values in use stay"
            )
            print(f"{name}, rated by {rater}: {message}", flush=True)
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="accord population", description="What ratings look like across this site's relationships."
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser(
        "refit",
        help="learn the values of every followed series anew and store them as a new version",
        description="Learn from this site's own relationships. Later assessments use the new version.",
    )
    return parser
