"""Runs the checks and every test in stages, each in a process of its own, and ends with the totals.

The stages go on after a failure, so that one run tells everything. They run in two lanes beside each other,
and what a stage prints is told when it has ended. `--prove` runs the longer proofs instead, one by one.
"""

from __future__ import annotations

import ctypes
import os
import resource
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import Lock

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "test-results"
HANGING = 45 * 60  # seconds after which a stage is taken for hanging; no test depends on its own speed
CLINIC = ("tests/clinic", "tests/integration")
COST = ("tests/integration/test_worklist_cost.py", "tests/integration/test_page_growth.py")
MATRIX = "tests/integration/test_access_matrix.py"
LONG_PROOFS = 6 * 60 * 60  # the same for all the long proofs together
MEMORY, ROOM = Path("/dev/shm"), 4 * 2**30  # bytes; the long proofs copy sites  # noqa: S108
# Else every process that a test starts may compile all that it imports anew: four seconds for a site's.
COMPILED_ONCE = {"PYTHONDONTWRITEBYTECODE": ""}
PR_SET_CHILD_SUBREAPER = 36  # of Linux's <sys/prctl.h>
STAGES: set[int] = set()  # process ids, whose ends are waited for where they were started
STARTING = Lock()  # a stage is known as one before its end can be seen
ONE_AT_A_TIME = Lock()  # what a stage printed stays together
FIRST = ("unit", "spec", "generative", "reference", "faults")


@dataclass(frozen=True)
class Outcome:
    """What one stage came to. `passed`, `failed` and `skipped` count tests; `ok` also knows of crashes."""

    name: str
    ok: bool
    seconds: float
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    tests: bool = True
    processor: float = 0.0  # seconds of its processor time, with that of the processes it started

    def told(self) -> str:
        counts = (
            f"{self.passed:>5} passed, {self.failed} failed, {self.skipped} skipped" if self.tests else ""
        )
        return (
            f"  {self.name:<28} {'ok' if self.ok else 'FAILED':<7} {self.seconds:>5.0f} s, "
            f"{self.processor:>4.0f} s of processor time {counts}".rstrip()
        )


def counts(report: Path) -> tuple[int, int, int]:
    """Passed, failed and skipped tests of a JUnit file; nothing ran when there is none."""
    if not report.exists():
        return 0, 0, 0
    suites = list(ET.parse(report).getroot().iter("testsuite"))
    total, bad, skipped = (
        sum(int(suite.get(key, "0")) for suite in suites for key in keys)
        for keys in (("tests",), ("failures", "errors"), ("skipped",))
    )
    return max(total - bad - skipped, 0), bad, skipped


@dataclass(frozen=True)
class Ran:
    """How one process ended, and what it took: `processor` counts the processes that it started too."""

    ok: bool
    seconds: float
    processor: float


def run(name: str, command: Sequence[str], environment: dict[str, str], patience: float = HANGING) -> Ran:
    print(f"-- {name}: begun", flush=True)
    began, log = time.monotonic(), RESULTS / f"{_plain(name)}.log"
    with log.open("wb") as out:
        with STARTING:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=os.environ | _in_memory() | COMPILED_ONCE | environment,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
            STAGES.add(process.pid)
        code, processor = _end_of(process, patience)
        if code is None:
            out.write(f"{name} did not end within {patience // 60:.0f} minutes\n".encode())
    with ONE_AT_A_TIME:
        print(f"\n== {name}\n{log.read_text(encoding='utf-8', errors='replace')}", flush=True)
    return Ran(code == 0, time.monotonic() - began, processor)


def _end_of(process: subprocess.Popen[bytes], patience: float) -> tuple[int | None, float]:
    """Exit code, None where the process was taken for hanging, and seconds of processor time."""
    end, killed = time.monotonic() + patience, False
    while True:
        _reap_an_orphan()
        pid, status, used = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        if time.monotonic() > end and not killed:
            process.kill()
            killed = True
        time.sleep(0.05)
    process.returncode = os.waitstatus_to_exitcode(status)
    return None if killed else process.returncode, used.ru_utime + used.ru_stime


def adopt_orphans() -> None:
    """Become the parent of processes whose own parent a test has killed, so that their time is counted."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _reap_an_orphan() -> None:
    with STARTING, suppress(ChildProcessError):
        ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if ended is not None and ended.si_pid not in STAGES:
            os.waitpid(ended.si_pid, 0)


def processor_time() -> float:
    """Seconds of all processes that have ended, orphans included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _in_memory() -> dict[str, str]:
    """The tests' own files lie in memory where there is room: no test needs a disk that is slow."""
    if "TMPDIR" in os.environ or not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ROOM:
        return {}
    return {"TMPDIR": str(MEMORY)}


def _plain(name: str) -> str:
    return name.replace(" ", "-").replace(",", "")


def tests(name: str, *arguments: str, profile: str = "check") -> Outcome:
    report = RESULTS / f"{_plain(name)}.xml"
    report.unlink(missing_ok=True)
    command = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}", *arguments]
    ran = run(name, command, {"ACCORD_HYPOTHESIS": profile})
    passed, failed, skipped = counts(report)
    # A stage in which nothing ran has proved nothing.
    ok = ran.ok and passed > 0
    return Outcome(name, ok, ran.seconds, passed, failed, skipped, processor=ran.processor)


def command(name: str, *arguments: str, patience: float = HANGING) -> Outcome:
    ran = run(name, arguments, {}, patience)
    return Outcome(name, ran.ok, ran.seconds, tests=False, processor=ran.processor)


def folders(*names: str) -> list[str]:
    return [f"tests/{name}" for name in names if (ROOT / "tests" / name).is_dir()]


def everyday() -> list[Outcome]:
    # Every other file in each lane, so that both take about as long.
    clinic = [
        str(path.relative_to(ROOT)) for name in CLINIC for path in sorted((ROOT / name).rglob("test_*.py"))
    ]
    lanes: list[list[Callable[[], Outcome]]] = [
        [
            partial(command, "checks", sys.executable, "tools/checks.py"),
            partial(tests, "science and files", *folders(*FIRST)),
            partial(tests, "browser", "tests/functional"),
            partial(tests, "clinic on SQLite, rest", *clinic[1::2]),
        ],
        [
            partial(tests, "clinic on PostgreSQL", *CLINIC, "--postgres"),
            partial(tests, "clinic on SQLite", *clinic[::2]),
        ],
    ]
    with ThreadPoolExecutor(len(lanes)) as pool:
        found = [outcome for lane in pool.map(_one_after_another, lanes) for outcome in lane]
    ran = command("hazards have their tests", sys.executable, "tools/hazards.py", "--ran", str(RESULTS))
    return [*found, ran]


def _one_after_another(stages: Sequence[Callable[[], Outcome]]) -> list[Outcome]:
    return [stage() for stage in stages]


def proofs() -> list[Outcome]:
    return [
        tests("generated cases, many more", *folders(*FIRST), profile="proof"),
        tests("cost of pages, many more", *COST, profile="proof"),
        tests(
            "record on PostgreSQL",
            "tests/clinic/audit/test_audit_chain.py",
            *COST,
            "--postgres",
            profile="proof",
        ),
        tests("access, every cell", MATRIX, profile="proof"),
        tests("browser, every look", "tests/functional", profile="proof"),
        command("long proofs", sys.executable, "-m", "tests.proofs", patience=LONG_PROOFS),
        command("the built wheel", sys.executable, "-m", "tools.check_wheel"),
    ]


def main() -> int:
    RESULTS.mkdir(exist_ok=True)
    adopt_orphans()
    for report in RESULTS.glob("*.xml"):  # of an earlier run
        report.unlink()
    outcomes = proofs() if "--prove" in sys.argv[1:] else everyday()
    print("\n== totals")
    for outcome in outcomes:
        print(outcome.told())
    ran = [outcome for outcome in outcomes if outcome.tests]
    passed, failed, skipped = (sum(getattr(o, key) for o in ran) for key in ("passed", "failed", "skipped"))
    bad = [outcome.name for outcome in outcomes if not outcome.ok]
    print(f"  not well: {'; '.join(bad)}" if bad else "  everything is well")
    print(f"processor time: {processor_time():.0f} s")
    print(f"total: {passed} passed, {failed} failed, {skipped} skipped")
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
