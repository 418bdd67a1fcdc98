"""CUSUM's mean run length in calm and its mean delay, simulated, beside Siegmund's and the exact values.

python -m tests.reference.measure_sequential
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from accord.science.criteria.sequential import cusum
from accord.science.tracker.panel import Panel
from tests.reference.panels import panel_of

# The fall, and the line in standard deviations, as tables have it; the statistic counts log likelihood.
LINES = ((1.0, 2), (1.0, 3), (1.0, 4), (1.5, 2), (1.5, 3), (2.0, 2))
RUNS = 4000
LONGEST_IN_MEANS = 12  # a run longer than twelve times the mean has a chance of about e^-12
CELLS = 400


def siegmund(shift: float, line: float, *, fallen: bool) -> float:
    """Siegmund's corrected diffusion approximation to the mean run length of a one-sided CUSUM.

    (exp(-2 D b) + 2 D b - 1) / (2 D^2), b = line/shift + 1.166 and D the drift in standard deviations,
    shift/2 after the fall and -shift/2 before it (Siegmund 1985, Sequential analysis, chapter 2).
    """
    drift = shift / 2 if fallen else -shift / 2
    b = line / shift + 1.166
    return (math.exp(-2 * drift * b) + 2 * drift * b - 1) / (2 * drift**2)


def exact(shift: float, line: float, *, fallen: bool) -> float:
    """Mean run length by a Markov chain over slices of the statistic (Brook and Evans, Biometrika 1972)."""
    from scipy.special import ndtr

    width = 2 * line / (2 * CELLS - 1)
    middle = np.arange(CELLS) * width
    drift = shift**2 / 2 if fallen else -(shift**2) / 2
    edges = (middle[None, :] + width / 2 - middle[:, None] - drift) / shift
    lower = (middle[None, :] - width / 2 - middle[:, None] - drift) / shift
    moves = ndtr(edges) - ndtr(lower)
    moves[:, 0] = ndtr(edges[:, 0])
    return float(np.linalg.solve(np.eye(CELLS) - moves, np.ones(CELLS))[0])


def simulated(shift: float, line: float, *, fallen: bool, runs: int, seed: int) -> tuple[float, float]:
    """Mean run length over so many courses, and its Monte Carlo standard error."""
    length = int(LONGEST_IN_MEANS * exact(shift, line, fallen=fallen)) + 20
    each = max(1, 400_000 // length)
    lengths: list[NDArray[np.int64]] = []
    rng = np.random.default_rng(seed)
    while sum(len(length) for length in lengths) < runs:
        z = rng.standard_normal(each * length) - shift * fallen
        lengths.append(_run_lengths(panel_of_shape(each, length), z, shift, line, length))
    result = np.concatenate(lengths)[:runs]
    return float(result.mean()), float(result.std(ddof=1) / math.sqrt(len(result)))


def panel_of_shape(relationships: int, sessions: int) -> Panel:
    return panel_of([[0.0] * sessions] * relationships)


def _run_lengths(
    panel: Panel, z: NDArray[np.float64], shift: float, line: float, length: int
) -> NDArray[np.int64]:
    passed = (cusum(panel, z, shift=shift) > line).reshape(-1, length)
    return np.where(passed.any(axis=1), passed.argmax(axis=1) + 1, length)


def main() -> None:
    print("fall, line (sigmas) | calm: simulated (se) exact Siegmund | fallen: simulated (se) exact Siegmund")
    for shift, sigmas in LINES:
        line, result = shift * sigmas, []
        for fallen in (False, True):
            mean, se = simulated(shift, line, fallen=fallen, runs=RUNS, seed=1)
            values = exact(shift, line, fallen=fallen), siegmund(shift, line, fallen=fallen)
            result.append(f"{mean:.1f} ({se:.2f}) {values[0]:.1f} {values[1]:.1f}")
        print(f"{shift} {sigmas} | {' | '.join(result)}", flush=True)


if __name__ == "__main__":
    main()
