"""The jobs that `bench.scan` times, each run in a process of its own: python -m bench.jobs NAME RATINGS OUT

Prints one line of JSON: seconds of each part, peak memory, rows. Imports are done before the clock starts.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SEARCHED = (
    200  # relationships that ruptures searches; its time is scaled to the whole file, and the table says so
)
PENALTY = (
    3.0  # of one more change point, in within-person variances; any value does, only the time is looked at
)
DROP = 2.0  # pooled within-person SDs below the own mean at which the groupby rule alarms


class Clock:
    """Seconds by part, in the order of the parts."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - began


def accord(ratings_file: Path, out: Path, clock: Clock) -> dict[str, Any]:
    """What `accord scan` does."""
    from accord.exchange.findings_csv import write_findings
    from accord.exchange.ratings_csv import read_ratings
    from accord.instruments import catalogue
    from accord.science.tracker import assess

    with clock.part("read"):
        reading = read_ratings(ratings_file, instruments=catalogue.catalogue())
    followed = reading.ratings.instruments[0]
    with clock.part("learn"):
        learned = assess.learn(reading.ratings, followed)
    with clock.part("assess"):
        findings = assess.assess_all(reading.ratings, followed, learned)
    with clock.part("write"):
        write_findings(out, findings)
    return {"rows": len(findings)}


def pandas(ratings_file: Path, out: Path, clock: Clock) -> dict[str, Any]:
    """The rule many sites use: an alarm below the mean of a person's own earlier ratings."""
    import pandas as pd

    who = ["client", "clinician"]
    with clock.part("read"):
        frame = pd.read_csv(ratings_file, parse_dates=["date"])
    with clock.part("assess"):
        frame = frame.sort_values([*who, "session"])
        groups = frame.groupby(who, sort=False)["score"]
        earlier = groups.cumsum() - frame["score"]
        frame["level"] = earlier / groups.cumcount()
        spread = (frame["score"] - groups.transform("mean")).std()
        frame["surprise"] = (frame["level"] - frame["score"]) / spread
        frame["alarm"] = frame["surprise"] > DROP
    with clock.part("write"):
        frame[[*who, "session", "date", "level", "surprise", "alarm"]].to_csv(out, index=False)
    return {"rows": len(frame)}


def ruptures(ratings_file: Path, out: Path, clock: Clock) -> dict[str, Any]:
    """An offline change-point search (PELT, change in mean) over each of SEARCHED relationships."""
    import pandas as pd
    import ruptures as rpt

    with clock.part("read"):
        frame = pd.read_csv(ratings_file).dropna(subset=["score"])
        frame = frame.sort_values(["client", "clinician", "session"])
        groups = frame.groupby(["client", "clinician"], sort=False)["score"]
        courses = [course.to_numpy() for _, course in groups if len(course) > 1]
    variance = float(groups.var().mean())
    searched = courses[:: max(len(courses) // SEARCHED, 1)][:SEARCHED]
    with clock.part("assess"):
        changes = [
            rpt.Pelt(model="l2", jump=1).fit(course).predict(pen=PENALTY * variance) for course in searched
        ]
    with clock.part("write"):
        out.write_text("\n".join(map(str, changes)), encoding="utf-8")
    share = sum(map(len, searched)) / sum(map(len, courses))
    clock.seconds["assess"] /= share
    clock.seconds["write"] /= share
    return {"rows": sum(map(len, searched)), "share": share}


def peak_bytes() -> int:
    """The most memory this process ever held.

    Where Linux tells it: getrusage also counts the parent's memory up to the moment this program was started.
    """
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


JOBS: dict[str, Callable[[Path, Path, Clock], dict[str, Any]]] = {
    "accord": accord,
    "pandas": pandas,
    "ruptures": ruptures,
}


def main() -> None:
    name, ratings_file, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    clock = Clock()
    told = JOBS[name](ratings_file, out, clock)
    print(json.dumps(told | {"seconds": clock.seconds, "peak_bytes": peak_bytes()}))


if __name__ == "__main__":
    main()
