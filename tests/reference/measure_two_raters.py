"""How often the 95 % intervals of the two raters hold the true value, in simulated programmes.

python -m tests.reference.measure_two_raters
"""

from __future__ import annotations

import numpy as np

from accord.science.dyad import gaps, together
from tests.reference.simulated_dyads import simulate

PROGRAMMES = 1000
NAMES = ("tracking", "client_first", "clinician_first", "lead")
SETTINGS: tuple[tuple[int, int, float, float], ...] = (
    (40, 20, 0.0, 0.0), (40, 20, 0.0, 0.3), (40, 20, 0.5, 0.3), (40, 12, 0.5, 0.3), (12, 40, 0.5, 0.5),
    (200, 20, 0.5, 0.3),
)  # fmt: skip


def coverage(
    relationships: int, sessions: int, late: float, ar: float, programmes: int
) -> tuple[dict[str, float], dict[str, float]]:
    """Share of intervals that hold the truth, and the mean error, by name of the estimate."""
    held: dict[str, list[float]] = {name: [] for name in (*NAMES, "gap")}
    error: dict[str, list[float]] = {name: [] for name in NAMES}
    for seed in range(programmes):
        pairs, truth = simulate(relationships, sessions, seed, late=late, ar=ar)
        result, each = together(pairs), gaps(pairs)
        for name in NAMES:
            value, low, high = getattr(result, name)
            held[name].append(low <= getattr(truth, name) <= high)
            error[name].append(value - getattr(truth, name))
        true = truth.difference[each.client_code]
        said = ~np.isnan(each.difference)
        held["gap"].append(float(((each.low <= true) & (true <= each.high))[said].mean()))
    return (
        {name: float(np.mean(values)) for name, values in held.items()},
        {name: float(np.mean(values)) for name, values in error.items()},
    )


def main() -> None:
    print(f"{PROGRAMMES} programmes a row; held in %, mean error in brackets")
    for relationships, sessions, late, ar in SETTINGS:
        held, error = coverage(relationships, sessions, late, ar, PROGRAMMES)
        result = [f"{name} {100 * held[name]:.1f} ({error[name]:+.3f})" for name in NAMES]
        result.append(f"gap {100 * held['gap']:.1f}")
        print(f"{relationships} x {sessions}, late {late}, AR {ar}: {', '.join(result)}", flush=True)


if __name__ == "__main__":
    main()
