"""The bounds on speed, in processor seconds of one core, in one run: python -m bench.speed JOB FILE...

Processor seconds, not the clock's: what else the machine does at the time hardly changes them. Each job runs
alone in a fresh process; polars reads with one thread.
"""

from __future__ import annotations

import json
import math
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
# Compiled modules are kept, as wherever a program is run twice.
ONE_CORE = {
    "PYTHONDONTWRITEBYTECODE": "",
    "POLARS_MAX_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}
REPEATS = 3  # the fastest counts
CHECKINS = 200
LEARNED_FROM, SESSIONS_EACH = 1500, 40
WIDE_SESSIONS = 1_000_000
SEED = 2
WITHOUT_POLARS = (
    "import sys; sys.modules['polars'] = None; from accord.__main__ import main; sys.exit(main())"
)


class Bound(NamedTuple):
    name: str
    limit: float
    unit: str  # of the measured value


BOUNDS = {
    "filter": Bound("filter, one channel, of polars' reading", 3.0, "x"),
    "filter-channels": Bound("filter, four channels beside, of polars' reading", 5.0, "x"),
    "scan-fast": Bound("accord scan --population, polars installed, of polars' reading", 15.0, "x"),
    "scan-plain": Bound("accord scan --population, without polars, of polars' reading", 40.0, "x"),
    "learn": Bound("learning from 1,500 relationships, one channel", 10.0, "s"),
    "learn-channels": Bound("learning from 1,500 relationships, with channels", 10.0, "s"),
    "check-in": Bound("one new check-in after 500 others", 5.0, "ms"),
}


def measure(ratings: Path, folder: Path) -> dict[str, float]:
    """Every measured value by the name of its bound; `ratings` has one row for each session."""
    population = folder / "population.json"
    _job("save-population", ratings, population)
    read, wide = _read_by_polars(ratings), folder / "wide.csv"
    channels = _job("filter-channels", wide)
    found = {
        "filter": _job("filter", ratings) / read,
        "filter-channels": channels / _read_by_polars(wide),
        "learn": _job("learn", "textbook"),
        "learn-channels": _job("learn", "channels"),
        "check-in": _job("check-in"),
    }
    outs = folder / "fast.csv", folder / "plain.csv"
    arguments = ["scan", str(ratings), "--population", str(population), "--quiet", "--out"]
    found["scan-fast"] = _spent([sys.executable, "-m", "accord", *arguments, str(outs[0])]) / read
    found["scan-plain"] = _spent([sys.executable, "-c", WITHOUT_POLARS, *arguments, str(outs[1])]) / read
    if outs[0].read_bytes() != outs[1].read_bytes():
        raise SystemExit("accord scan writes other bytes with polars than without")
    return found


def table(found: dict[str, float]) -> str:
    lines = [f"{'bound (processor seconds, one core)':<66}{'limit':>10}{'measured':>12}"]
    for key, bound in BOUNDS.items():
        verdict = "pass" if found[key] <= bound.limit else "falls short"
        limit, value = f"{bound.limit:g} {bound.unit}", f"{found[key]:.2f} {bound.unit}"
        lines.append(f"{bound.name:<66}{limit:>10}{value:>12}  {verdict}")
    return "\n".join(lines)


def _spent(command: list[str]) -> float:
    """Processor seconds of a program and its children, start of the interpreter included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, cwd=ROOT, env=os.environ | ONE_CORE, capture_output=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{command[1:4]} failed:\n{done.stderr.decode()}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _job(name: str, *files: Path | str) -> float:
    command = [sys.executable, "-m", "bench.speed", name, *map(str, files)]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | ONE_CORE, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise SystemExit(f"{name} failed:\n{done.stderr}")
    return float(json.loads(done.stdout.splitlines()[-1]))


def _read_by_polars(file: Path) -> float:
    """One reading in a fresh process, as a scan reads once; the median of REPEATS."""
    return median(_job("polars", file) for _ in range(REPEATS))


def _fastest(work: Callable[[], Any]) -> float:
    best = math.inf
    for _ in range(REPEATS):
        began = time.process_time()
        work()
        best = min(best, time.process_time() - began)
    return best


def save_population(ratings: str, out: str) -> float:
    """The stated values of the file's instrument, so that the scans learn nothing."""
    from accord.exchange.ratings_csv import read_ratings
    from accord.instruments.catalogue import catalogue
    from accord.science.tracker import assess

    read = read_ratings(ratings, instruments=catalogue()).ratings
    assess.prior(read.instruments[0]).save(Path(out))
    return 0.0


def polars(file: str) -> float:
    import polars as pl

    began = time.process_time()
    pl.read_csv(file, try_parse_dates=True)
    return time.process_time() - began


def filter_alone(ratings: str) -> float:
    """The filter over sessions already laid out in columns."""
    from accord.exchange.ratings_csv import read_ratings
    from accord.instruments.catalogue import catalogue

    read = read_ratings(ratings, instruments=catalogue()).ratings
    return _followed(_laid_out(read))


def filter_channels(wide: str) -> float:
    """The same with four channels; writes the sessions to `wide`, a row each, for polars to read."""
    laid = _laid_out(_programme("channels", WIDE_SESSIONS // SESSIONS_EACH))
    _write_wide(laid[0], wide)
    return _followed(laid)


def _write_wide(panel: Any, wide: str) -> None:
    from accord.exchange import csv_escape
    from accord.exchange.csv_writer import write_columns

    names = ("client", "clinician", "session", "date", "rating", *panel.channels)
    columns = [csv_escape.numbers(one) for one in (panel.client, panel.clinician, panel.session)]
    columns += [csv_escape.dates(panel.day), csv_escape.numbers(panel.rating)]
    columns += [csv_escape.numbers(came.round(3)) for came in panel.channels.values()]
    write_columns(wide, names, columns)


def _programme(scenario: str, clients: int) -> Any:
    from accord.instruments.catalogue import catalogue
    from accord.simulator.generate import simulate

    return simulate(
        scenario, instruments=catalogue(), clients=clients, sessions=SESSIONS_EACH, seed=SEED
    ).ratings


def _laid_out(ratings: Any) -> tuple[Any, Any]:
    from accord.api import followed_series
    from accord.science.tracker import assess
    from accord.science.tracker.channels import with_channels
    from accord.science.tracker.panel import lay_out

    followed, rater = followed_series(ratings)
    panel = with_channels(lay_out(ratings, followed, rater), ratings, followed, rater)
    return panel, assess.prior(followed)


def _followed(laid: tuple[Any, Any]) -> float:
    from accord.science.tracker.filter import run

    panel, values = laid
    return _fastest(lambda: run(panel, values, values.alarm_line(0.03)))


def learning(scenario: str) -> float:
    from accord.api import followed_series
    from accord.science.tracker import assess

    ratings = _programme(scenario, LEARNED_FROM)
    followed, rater = followed_series(ratings)
    began = time.process_time()
    assess.learn(ratings, followed, rater=rater)
    return time.process_time() - began


def check_in() -> float:
    """Milliseconds for the next check-in of a course of 500, from the stored state; the median."""
    from datetime import date, timedelta

    from accord.instruments.catalogue import catalogue
    from accord.records.ratings import CheckIn, Course, Rater
    from accord.science.tracker import assess

    followed = catalogue()["wai-sr"]
    values, first = assess.prior(followed), date(2015, 1, 5)

    def course(sessions: range) -> Course:
        days = (first + timedelta(weeks=one) for one in sessions)
        rated = (
            CheckIn(one, day, Rater.CLIENT, followed.id, 40.0 + one % 7)
            for one, day in zip(sessions, days, strict=True)
        )
        return Course("c", "t", followed, tuple(rated))

    as_of = first + timedelta(weeks=1000)
    state = assess.assess(course(range(1, 501)), values, as_of).state
    took = []
    for _ in range(CHECKINS):
        began = time.process_time()
        assess.assess(course(range(501, 502)), values, as_of, state)
        took.append(time.process_time() - began)
    return 1000 * median(took)


JOBS: dict[str, Callable[..., float]] = {
    "save-population": save_population,
    "polars": polars,
    "filter": filter_alone,
    "filter-channels": filter_channels,
    "learn": learning,
    "check-in": check_in,
}

if __name__ == "__main__":
    print(json.dumps(JOBS[sys.argv[1]](*sys.argv[2:])))
