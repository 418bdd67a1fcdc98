"""`make bench`: a scan of 1,000,000 simulated sessions, part by part, beside other programs on the same file,
and the bounds on speed.

Every job runs alone in a fresh process on a file in random row order. Ratios are to accord in the same run;
seconds belong to the machine they were measured on.
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench import speed

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench-results"
PARTS = ("read", "learn", "assess", "write")
ABOUT = {
    "accord": "own level and trend, filter, reasons in words",
    "pandas": "groupby: deviation from the own earlier mean",
    "ruptures": "PELT search on a subsample, scaled",
}


def write_programme(path: Path, sessions: int, seed: int) -> int:
    """A simulated programme of at least `sessions` rows, cut to that many, in random row order."""
    import numpy as np

    from accord.exchange.ratings_csv import write_ratings
    from accord.instruments import catalogue
    from accord.simulator.generate import simulate

    each = 40
    simulated = simulate(
        "textbook", instruments=catalogue.catalogue(), clients=sessions // each + 1, sessions=each, seed=seed
    ).ratings
    keep = np.random.default_rng(seed).permutation(min(len(simulated), sessions))
    columns = ("client", "clinician", "session", "day", "rater", "instrument", "score", "line")
    shuffled: dict[str, Any] = {name: getattr(simulated, name)[keep] for name in columns}
    items = None if simulated.items is None else simulated.items[keep]
    write_ratings(path, replace(simulated, items=items, **shuffled))
    return len(keep)


def measured(name: str, ratings: Path, folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.jobs", name, str(ratings), str(folder / f"{name}.out")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{name} failed:\n{done.stderr}")
    result: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return result


def table(results: dict[str, dict[str, Any]]) -> str:
    """One line for each job: seconds of each part, peak memory and the ratios to accord."""
    head = f"{'job':<10}" + "".join(f"{part + ' s':>10}" for part in (*PARTS, "total"))
    lines = [head + f"{'memory MB':>11}{'x time':>8}{'x memory':>10}  what it does"]
    own = results["accord"]
    for name, result in results.items():
        seconds = result["seconds"]
        cells = "".join(f"{seconds[part]:>10.2f}" if part in seconds else f"{'-':>10}" for part in PARTS)
        total = sum(seconds.values())
        ratios = (
            f"{total / sum(own['seconds'].values()):>8.2f}{result['peak_bytes'] / own['peak_bytes']:>10.2f}"
        )
        scaled = f" ({result['share']:.2%} of the sessions)" if "share" in result else ""
        line = f"{name:<10}{cells}{total:>10.2f}{result['peak_bytes'] / 1e6:>11.0f}{ratios}"
        lines.append(f"{line}  {ABOUT[name]}{scaled}")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="make bench", description=__doc__.splitlines()[0] if __doc__ else ""
    )
    parser.add_argument("--sessions", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="accord-bench-") as scratch:
        ratings = Path(scratch) / "ratings.csv"
        rows = write_programme(ratings, asked.sessions, asked.seed)
        size = ratings.stat().st_size / 1e6
        results = {name: measured(name, ratings, Path(scratch)) for name in ABOUT}
        bounds = speed.measure(ratings, Path(scratch))
    where = f"seed {asked.seed}, Python {platform.python_version()}"
    told = f"{rows:,} sessions, {size:.0f} MB, scenario textbook, {where}\n{table(results)}\n"
    told += f"\n{speed.table(bounds)}\n"
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "scan.txt").write_text(told, encoding="utf-8")
    (RESULTS / "scan.json").write_text(json.dumps(results | {"bounds": bounds}, indent=2), encoding="utf-8")
    print(told, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
