"""`accord work`: a worker that runs the site's jobs, and no web server."""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence
from types import FrameType

from accord.clinic.site.commands import site


def main(arguments: Sequence[str]) -> int:
    """Run jobs until asked to stop. 0: asked to stop; 1: it could not go on; 2: refused to start."""
    _parser().parse_args(arguments)
    return site.run(_work)


def _work() -> int:
    from django.conf import settings

    site.make_folder(settings.ACCORD.folder, with_key=False)
    site.refuse_unready()
    site.refuse_forgetful_database()
    site.refuse_unmigrated()
    site.refuse_changeable_facts()
    return run_jobs()


def run_jobs() -> int:
    """The loop alone, on a loaded site. SIGTERM and Ctrl-C end it in order."""
    from accord.clinic.site.worker import Stuck, Worker
    from accord.clinic.web.jobs import declared

    worker = Worker(declared())

    def stop(number: int, frame: FrameType | None) -> None:
        worker.stopping.set()

    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, stop)
    try:
        worker.run()
    except Stuck:
        print("accord: jobs went past their limits and do not end; this worker stops", file=sys.stderr)
        worker.end(0.0)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        prog="accord work",
        description="Run the site's jobs: assessing, learning, looking after the record. Several may run at "
        "once, on one or more servers. Migrations are left to `accord serve` or `accord manage migrate`.",
    )
