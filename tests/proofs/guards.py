"""Takes each guard of the site away in turn: python -m tests.proofs.guards [--n 100] [--only NAME]

Every guard in the code, and every empty cell of the policy's tables: without it the access matrix must
complain. Ends with 1 when one was not missed.
"""

from __future__ import annotations

import argparse
import sys

from tests.access import mutate
from tests.support import clinic_database

LONG = 10_000  # more than there are: all of them


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.guards")
    parser.add_argument("--n", type=int, default=LONG, help="try so many, spread evenly (default: all)")
    parser.add_argument("--only", default="", help="of modules whose name holds this")
    options = parser.parse_args()
    with clinic_database.running():
        return mutate.report(options.n, options.only)


if __name__ == "__main__":
    sys.exit(main())
