"""Whether intervals hold what they promise: programmes of known effects, simulated and fitted many times.

    python -m tests.proofs.recovery --n 300

Each programme has 101 clients of 12 clinicians, twelve months of self-injury counts (negative binomial, theta
.3, much variation between clients) and an alliance with a part within clients, one between the clients of a
clinician, and one between clinicians. They are simulated once with a within effect and once without. Reported
without a bound: what twelve clinicians tell of clinicians, by the normal and by a t distribution; and rare
events, yes or no, of which there are about 22 in a programme.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from tqdm import tqdm

from accord.science.multilevel.estimate import Data, estimate
from accord.science.multilevel.layout import intercepts

LONG = 2000
CLIENTS, CLINICIANS, MONTHS = 101, 12, 12
NAMES = ("Intercept", "month", "aw", "ab", "ac")
TRUE = np.array([-2.6, -0.6, -0.3, -0.5, -0.5])  # rates by day; month runs from 0 to 1
SD_CLIENT, SD_CLINICIAN, THETA = 1.0, 0.3, 0.3
WITHIN, CLINICIAN = NAMES.index("aw"), NAMES.index("ac")
RARE_NAMES = ("Intercept", "aw")
RARE = np.array([-4.5, -0.5])  # logit of an event in a month, and what aw adds
BOUNDED = [NAMES.index(name) for name in ("month", "aw", "ab")]
REACH = 1.959964  # standard errors of a 95 % interval
REACH_T = 2.228139  # the same by a t distribution with 10 degrees of freedom: clinicians less two


@dataclass(frozen=True)
class Study:
    """Estimates and standard errors (programmes, coefficients), and how many fits converged."""

    true: np.ndarray
    estimates: np.ndarray
    errors: np.ndarray
    converged: int

    @property
    def covered(self) -> np.ndarray:
        """Share of intervals that hold the true value."""
        return self.within(REACH)

    def within(self, reach: float) -> np.ndarray:
        """How often the true value is within so many standard errors."""
        return np.mean(np.abs(self.estimates - self.true) <= reach * self.errors, axis=0)

    @property
    def bias(self) -> np.ndarray:
        """Mean error, in standard deviations of the estimates."""
        return np.mean(self.estimates - self.true, axis=0) / self.estimates.std(axis=0, ddof=1)

    @property
    def rejected(self) -> float:
        """How often a within effect was taken to be there."""
        return float(np.mean(np.abs(self.estimates[:, WITHIN]) > REACH * self.errors[:, WITHIN]))


def programme(rng: np.random.Generator, true: np.ndarray) -> Data:
    client = np.repeat(np.arange(CLIENTS), MONTHS)
    clinician = rng.integers(0, CLINICIANS, CLIENTS)[client]
    month = np.tile(np.arange(MONTHS) / MONTHS, CLIENTS)
    aw, ab = rng.normal(0, 0.5, len(client)), rng.normal(0, 0.6, CLIENTS)[client]
    ac = rng.normal(0, 0.4, CLINICIANS)[clinician]
    x = np.column_stack([np.ones(len(client)), month, aw, ab, ac])
    days = rng.integers(20, 31, len(client))
    own = rng.normal(0, SD_CLIENT, CLIENTS)[client] + rng.normal(0, SD_CLINICIAN, CLINICIANS)[clinician]
    rate = np.exp(x @ true + own + np.log(days))
    y = rng.poisson(rate * rng.gamma(THETA, 1 / THETA, len(client))).astype(float)
    terms = (intercepts("client", client), intercepts("clinician", clinician))
    return Data(y, x, terms, np.log(days), NAMES, "negative-binomial")


def rare(rng: np.random.Generator, true: np.ndarray) -> Data:
    client = np.repeat(np.arange(CLIENTS), MONTHS)
    x = np.column_stack([np.ones(len(client)), rng.normal(0, 0.5, len(client))])
    eta = x @ true + rng.normal(0, SD_CLIENT, CLIENTS)[client]
    y = (rng.random(len(client)) < 1 / (1 + np.exp(-eta))).astype(float)
    terms = (intercepts("client", client),)
    return Data(y, x, terms, np.zeros(len(y)), RARE_NAMES, "bernoulli")


Made = Callable[[np.random.Generator, np.ndarray], Data]


def study(n: int, true: np.ndarray, seed: int, made: Made = programme) -> Study:
    sources = tqdm(np.random.SeedSequence(seed).spawn(n), desc="programmes", leave=False)
    result = [estimate(made(np.random.default_rng(source), true)) for source in sources]
    beta, errors = (np.array([getattr(fit, key) for fit in result]) for key in ("beta", "errors"))
    return Study(true, beta, errors, sum(fit.converged for fit in result))


def both(n: int, seed: int) -> tuple[Study, Study]:
    """n programmes with the within effect, and n without."""
    none = TRUE.copy()
    none[WITHIN] = 0.0
    return study(n, TRUE, seed), study(n, none, seed + 1)


def report_of(study: Study, names: tuple[str, ...]) -> Iterator[str]:
    for name, covered, bias in zip(names, study.covered, study.bias, strict=True):
        yield f"  {name:<10} covered {_share(covered, len(study.errors))}, mean error {bias:+.3f} SD"


def report(real: Study, null: Study) -> Iterator[str]:
    yield from report_of(real, NAMES)
    by_t = _share(real.within(REACH_T)[CLINICIAN], len(real.errors))
    yield f"  {NAMES[CLINICIAN]} by a t distribution with {CLINICIANS - 2} degrees of freedom: covered {by_t}"
    yield f"  no effect within: taken for one in {_share(null.rejected, len(null.errors))} of programmes"
    yield f"  converged: {real.converged + null.converged} of {len(real.errors) + len(null.errors)}"


def _share(share: float, n: int) -> str:
    return f"{share:.3f} (Monte Carlo error {np.sqrt(share * (1 - share) / n):.3f})"


def misses(real: Study, null: Study) -> list[str]:
    """What is asked, of clients, and does not hold; allowing for chance where programmes are few."""
    n = len(real.errors)
    few = 0.0 if n >= LONG else 2.5 / np.sqrt(n)
    chance = few * np.sqrt(0.05 * 0.95)
    asked = {
        "intervals cover .93 to .97": np.abs(real.covered[BOUNDED] - 0.95).max() <= 0.02 + chance,
        "mean errors are at most a tenth of an SD": np.abs(real.bias[BOUNDED]).max() <= 0.1 + few,
        "no effect is taken for one in .035 to .065": abs(null.rejected - 0.05) <= 0.015 + chance,
        "every fit converged": real.converged + null.converged == 2 * n,
    }
    return [what for what, holds in asked.items() if not holds]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.proofs.recovery")
    parser.add_argument("--n", type=int, default=LONG, help="simulated programmes of each kind")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    real, null = both(given.n, given.seed)
    print("\n".join(report(real, null)))
    print(
        "  rare events, yes or no:", *report_of(study(given.n, RARE, given.seed, rare), RARE_NAMES), sep="\n"
    )
    missed = misses(real, null)
    print(f"  does not hold: {'; '.join(missed)}" if missed else "  all that is asked holds")
    return bool(missed)


if __name__ == "__main__":
    sys.exit(main())
