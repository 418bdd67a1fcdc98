"""`accord fit`: a multilevel model of a table, with correct standard errors."""

from __future__ import annotations

import argparse
import json
import os
from typing import Any

from accord.errors import InputError
from accord.fitting import FAMILIES, HURDLES, fit, hurdle

NOT_CONVERGED = 3
THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")  # read when numpy is first loaded
EXAMPLE = """examples:
  accord fit 'bsl ~ week + aw + ab + (1 + week | client) + (1 | clinician)' frame.csv
  accord fit 'nssi ~ week + aw + (1 | client)' frame.csv --family negative-binomial --offset log_days --json
  accord fit 'bsl ~ week + (1 | client) + mm(clinician + second, weights = w1 + w2)' frame.csv
"""


def add_to(commands: Any) -> None:
    """Describe the command to argparse."""
    parser = commands.add_parser(
        "fit",
        help="a multilevel model of a table",
        description="Fits a multilevel model by maximum likelihood. Associations, not proof of causes.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    parser.add_argument("formula", metavar="FORMULA", help="such as 'y ~ time + (1 + time | client)'")
    parser.add_argument("data", metavar="DATA.csv", help="one row per observation, a header with names")
    families = (*FAMILIES, *HURDLES)
    parser.add_argument(
        "--family", choices=families, default="gaussian", metavar="FAMILY", help=", ".join(families)
    )
    parser.add_argument("--offset", metavar="COLUMN", help="added to the linear predictor, such as log days")
    parser.add_argument("--prior-sd", type=float, metavar="SD", help=(
        "weak normal priors on coefficients, in SDs of their predictors; for rare events"))  # fmt: skip
    parser.add_argument("--firth", action="store_true", help=(
        "Firth's penalised likelihood for rare yes-or-no events, without random terms"))  # fmt: skip
    parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")


def run(given: argparse.Namespace) -> int:
    """Print the fit; 3 where it did not converge, and then the print says so."""
    for threads in THREADS:  # the matrices are small: on several cores, and beside other work, far slower
        os.environ.setdefault(threads, "1")
    if given.prior_sd is not None and not given.prior_sd > 0:
        raise InputError("a number above 0", column="--prior-sd", found=f"{given.prior_sd:g}")
    result = _hurdle(given) if given.family in HURDLES else _fit(given)
    print(json.dumps(result.to_json()) if given.json else result.summary())
    return 0 if result.converged_ else NOT_CONVERGED


def _fit(given: argparse.Namespace) -> Any:
    return fit(
        given.formula,
        given.data,
        family=given.family,
        offset=given.offset,
        prior_sd=given.prior_sd,
        firth=given.firth,
    )


def _hurdle(given: argparse.Namespace) -> Any:
    if given.firth:
        raise InputError("a single yes-or-no outcome", column="--firth", found=given.family)
    return hurdle(
        given.formula, given.data, family=given.family, offset=given.offset, prior_sd=given.prior_sd
    )
