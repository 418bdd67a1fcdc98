"""`accord benchmark`: how early and how surely ruptures are found, beside other ways to find them."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from accord.errors import InputError

if TYPE_CHECKING:
    from accord.benchmark.results import Results

DONE, NOT_CONVERGED = 0, 3
QUICK = (40, 12, 1)  # relationships, sessions, seeds
BEGIN, END = "<!-- benchmark: begin -->", "<!-- benchmark: end -->"
EXAMPLE = """examples:
  accord benchmark --quick                       a glance: few relationships, numbers not to be trusted
  accord benchmark --out results                 everything, about a quarter of an hour on two cores
  accord benchmark --scenario textbook --scenario channels --seeds 1
"""


def add_to(commands: Any) -> None:
    """Describe the command to argparse."""
    parser = commands.add_parser(
        "benchmark",
        help="how surely ruptures are found in simulated programmes",
        description="Judges accord's tracker and other detectors in simulated programmes with known truth.",
        epilog=EXAMPLE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(run=run)
    parser.add_argument("--scenario", action="append", metavar="ID", help="only this one; may be repeated")
    parser.add_argument("--relationships", type=int, metavar="N", help="in each programme (default: 1500)")
    parser.add_argument("--sessions", type=int, metavar="T", help="most of a relationship (default: 40)")
    parser.add_argument("--seeds", type=int, metavar="S", help="programmes of each scenario (default: 3)")
    parser.add_argument("--quick", action="store_true", help="few and small programmes, to see that it works")
    parser.add_argument("--executor", choices=("processes", "dask", "none"), default="processes", help=(
        "who does the work: processes here, a local Dask cluster, or this process alone"))  # fmt: skip
    parser.add_argument(
        "--out", metavar="FOLDER", help="write the measures, all tables and two figures there"
    )
    parser.add_argument("--write-docs", metavar="FILE", help="renew the numbers in this page of the manual")


def run(arguments: argparse.Namespace) -> int:
    """Judge, write, tell. Exit code 3 when some values did not converge."""
    from accord.benchmark.results import Results
    from accord.benchmark.run import run as judged
    from accord.benchmark.run import tasks
    from accord.benchmark.tables import as_text, short

    scenarios = _scenarios(arguments.scenario)
    size = _size(arguments)
    folder = _folder(arguments.out)
    page = _page(arguments.write_docs)
    results = Results(judged(tasks(scenarios, *size), arguments.executor))
    how = _how(scenarios if arguments.scenario else [], size)
    if folder:
        _write(folder, results, how)
    if page:
        _renew(page, results, how)
    print("\n".join(as_text(grid) for grid in short(results)))
    if not results.converged:
        print("Some population values did not converge; `converged` in measures.csv says which.")
    return DONE if results.converged else NOT_CONVERGED


def _scenarios(asked: list[str] | None) -> list[str]:
    from accord.simulator.scenarios import SCENARIOS

    for scenario in asked or ():
        if scenario not in SCENARIOS:
            raise InputError(f"one of {', '.join(SCENARIOS)}", column="--scenario", found=scenario)
    return [scenario for scenario in SCENARIOS if not asked or scenario in asked]


def _size(arguments: argparse.Namespace) -> tuple[int, int, int]:
    usual = QUICK if arguments.quick else (1500, 40, 3)
    names = ("relationships", "sessions", "seeds")
    size = [getattr(arguments, name) for name in names]
    for name, value, least in zip(names, size, (10, 5, 1), strict=True):
        if value is not None and value < least:
            raise InputError(f"a whole number of {least} or more", column=f"--{name}", found=str(value))
    relationships, sessions, seeds = (
        value if value is not None else other for value, other in zip(size, usual, strict=True)
    )
    return relationships, sessions, seeds


def _folder(name: str | None) -> Path | None:
    if name is None:
        return None
    try:
        Path(name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            "a folder that can be written", column="--out", found=f"“{error.strerror}”"
        ) from None
    return Path(name)


def _page(name: str | None) -> Path | None:
    """InputError, before any long work, unless the page has its two markers in order."""
    if name is None:
        return None
    try:
        text = Path(name).read_text(encoding="utf-8")
    except OSError as error:
        raise InputError("a page of the manual", file=name, found=f"“{error.strerror}”") from None
    if not 0 <= text.find(BEGIN) < text.find(END):
        raise InputError(f"the lines {BEGIN} and {END}", file=name)
    return Path(name)


def _how(scenarios: list[str], size: tuple[int, int, int]) -> str:
    from accord.benchmark.tracker import METHOD

    only = "".join(f" --scenario {scenario}" for scenario in scenarios)
    options = "--relationships {} --sessions {} --seeds {}".format(*size)
    return f"Method `{METHOD}`, by `accord benchmark{only} {options}`."


def _write(folder: Path, results: Results, how: str) -> None:
    from accord.benchmark.figure import recall
    from accord.benchmark.reliability_curves import curves
    from accord.benchmark.tables import page, whole
    from accord.exchange.atomic import replacing

    with replacing(folder / "measures.csv") as file:
        results.write(file)
    with replacing(folder / "tables.md") as file:
        file.write(page(whole(results), how))
    with replacing(folder / "found.svg") as file:
        file.write(recall(results) + "\n")
    with replacing(folder / "reliability.svg") as file:
        file.write(curves(results) + "\n")


def _renew(place: Path, results: Results, how: str) -> None:
    from accord.benchmark.tables import page, whole
    from accord.exchange.atomic import replacing

    before, _, rest = place.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    with replacing(place) as file:
        file.write(f"{before}{BEGIN}\n{page(whole(results), how)}\n{END}{after}")
