"""The command line. Exit codes: 0 done, 1 internal error, 2 bad usage or input, 3 a fit did not converge."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version

from accord.commands import benchmark, fit, instruments, scan, simulate, site, study
from accord.errors import InputError

DONE, INTERNAL_ERROR, BAD_INPUT = 0, 1, 2
EXAMPLE = """examples:
  accord scan ratings.csv --out findings.csv     which relationships need attention, and why
  accord demo                                    the site, with simulated people
  accord scan --help                             what a command can do
"""


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    whole = argparse.ArgumentParser(
        prog="accord",
        description="Follows the therapeutic alliance of each relationship and notices strain early.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    whole.add_argument("--version", action="version", version=f"accord {version('accord')}")
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for module in (scan, fit, study, simulate, benchmark, instruments, site):
        module.add_to(commands)
    return whole


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give its exit code; bad usage raises SystemExit(2), as argparse does."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = bool(os.environ.get("ACCORD_DEBUG"))
    try:
        return _run(given)
    except InputError as error:
        _complain(str(error))
        return BAD_INPUT
    except BrokenPipeError:  # the reader of the output has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        _complain("stopped")
        return INTERNAL_ERROR
    except Exception as error:
        if debug:
            raise
        _complain(f"internal error, {type(error).__name__}: {error} (ACCORD_DEBUG=1 shows where)")
        return INTERNAL_ERROR


def _run(given: list[str]) -> int:
    if given and given[0] in site.COMMANDS:
        return site.run(given[0], given[1:])
    known = parser().parse_args(given)
    code: int = known.run(known)
    sys.stdout.flush()
    return code


def _complain(message: str) -> None:
    print("accord:", " ".join(message.split()), file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
