"""How a proof tells what it found: "0 of N", the bound that N allows, and whether its planted faults were
seen."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import FrameType

RESULTS = Path(__file__).resolve().parents[2] / "test-results" / "proofs"
CERTAINTY = 3  # -ln(0.05), rounded up: with none of N seen, the rate is below 3/N with 95 % confidence


@dataclass(frozen=True)
class Proof:
    """`bad` of `of` trials broke the promise. `planted`: fault -> whether the proof turned red with it."""

    name: str
    promise: str
    bad: int
    of: int
    unit: str
    figures: Mapping[str, float] = field(default_factory=dict)
    planted: Mapping[str, bool] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Nothing broke in at least one trial, and every planted fault was seen, of which there is one."""
        return self.bad == 0 and self.of > 0 and bool(self.planted) and all(self.planted.values())

    def summary(self) -> str:
        bound = f"; below {bound_of(self.of):.2g} with 95 % confidence" if not self.bad and self.of else ""
        lines = [f"{self.name}: {self.bad} of {self.of} {self.unit}{bound} ({self.promise})"]
        lines += [f"  {name}: {value:g}" for name, value in self.figures.items()]
        lines += [
            f"  planted, {name}: {'seen' if seen else 'NOT SEEN'}" for name, seen in self.planted.items()
        ]
        return "\n".join([*lines, f"  {'holds' if self.holds else 'DOES NOT HOLD'}"])


def seen_within(once: Callable[[], bool], tries: int = 5) -> bool:
    """Whether a planted fault is seen: by chance a few trials may miss it, and then it is tried again."""
    return any(once() for _ in range(tries))


def bound_of(trials: int) -> float:
    """Upper bound of a rate of which none was seen in so many independent trials (rule of three)."""
    return CERTAINTY / trials


class Progress:
    """A line now and then, with the time that has passed, and whether somebody asked for an early end."""

    def __init__(self, name: str, every: float = 15.0) -> None:
        self.name, self.every = name, every
        self.began = self.last = time.monotonic()
        self.ends_early = False

    def trials(self, n: int) -> Iterator[int]:
        """1 to n, or to fewer when somebody asked for an early end; the first always."""
        for number in range(1, n + 1):
            yield number
            if self.ends_early:
                return

    def can_end_early(self) -> None:
        """One Ctrl-C ends the trials under way, and what was found by then is told; a second ends it all."""
        signal.signal(signal.SIGINT, self._end_early)

    def _end_early(self, number: int, frame: FrameType | None) -> None:
        self.ends_early = True
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self("ends early", always=True)

    def __call__(self, words: str, *, always: bool = False) -> None:
        now = time.monotonic()
        if always or now - self.last >= self.every:
            self.last = now
            print(f"  [{now - self.began:6.0f} s] {self.name}: {words}", flush=True)


Proving = Callable[[int, int, Progress], Proof]


def run(prove: Proving, *, name: str, n: int, few: int, arguments: Sequence[str] | None = None) -> int:
    """One proof as a command. `n`: trials of the long run; `few`: those of each planted fault at most."""
    parser = argparse.ArgumentParser(prog=f"python -m tests.proofs.{name}")
    parser.add_argument("--n", type=int, default=n, help=f"trials (default: {n})")
    parser.add_argument("--few", type=int, default=few, help="trials for each planted fault, at most")
    parser.add_argument("--keep", type=Path, default=RESULTS, help="folder for the result as JSON")
    options = parser.parse_args(arguments)
    progress = Progress(name)
    proof = prove(options.n, options.few, progress)
    print(proof.summary(), flush=True)
    options.keep.mkdir(parents=True, exist_ok=True)
    seconds = round(time.monotonic() - progress.began, 1)
    result = json.dumps({**asdict(proof), "holds": proof.holds, "seconds": seconds}, indent=2)
    (options.keep / f"{name}.json").write_text(result + "\n", encoding="utf-8")
    return 0 if proof.holds else 1


def finish(code: int) -> None:
    sys.exit(code)
