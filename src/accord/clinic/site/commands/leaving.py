"""`accord leaving refit`: learn anew how leaving early shows here, and judge it. Nothing else does."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from accord.clinic.site.commands import site

if TYPE_CHECKING:
    from accord.clinic.models import LeavingModel
    from accord.clinic.monitoring.dropout_report import DropoutReport

DONE = 0


def main(arguments: Sequence[str]) -> int:
    """0: done, also where too few left for an estimate; 2: bad settings or usage."""
    _parser().parse_args(arguments)
    return site.run(_refit)


def _refit() -> int:
    from accord.clinic.models import Organisation
    from accord.clinic.monitoring import dropout
    from accord.clinic.monitoring.dropout_report import dropout_report

    for organisation in Organisation.objects.all():
        row = dropout.refit(organisation=organisation)
        print(
            "\n".join([f"{organisation.name}:", *_report_lines(row, dropout_report(organisation))]),
            flush=True,
        )
    return DONE


def _report_lines(row: LeavingModel, report: DropoutReport) -> Iterator[str]:
    if report.refusal:
        yield f"  no estimates: {report.refusal.why}"
        yield from (f"  {words}" for words in (report.refusal.there_is, report.refusal.needs) if words)
        return
    for split in report.splits:
        yield f"  {split.title}: {split.help}"
        yield from (f"    {line.name}: {line.value}; {line.means}" for line in split.lines)
    if report.suspicion:
        yield "  SUSPECT A LEAK: telling apart so well, something may know the future; do not use this"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="accord leaving", description="Who may leave treatment early, learned from this site's record."
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser(
        "refit",
        help="learn anew, judge it, and bring every client's estimate up to date",
        description="Learn from this site's own record, and store it as a new version with its report; where "
        "too few left, say what it would take.",
    )
    return parser
