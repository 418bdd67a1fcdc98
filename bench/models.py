"""Multilevel models beside lme4 and glmmTMB, one core each, in one run; and what ten times the clients cost.

Every fit runs alone in a fresh process. Processor seconds, which other work on the machine hardly changes: of
accord from the model matrix to estimates, standard errors and log likelihood; of R the call that fits.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "bench-results"
ONE_CORE = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
SIZES = (100, 1000, 10_000)
CLINICIANS, SESSIONS = 100, 39
FORMULA = "time + aw + ab + (1 + time | client) + (1 | clinician)"
# family -> outcome, R's call, and how many times faster than it accord is asked to be
MODELS = {
    "negative-binomial": ("yn", "glmmTMB(yn ~ {f}, d, family = nbinom2())", 100),
    "bernoulli": ("yb", "glmmTMB(yb ~ {f}, d, family = binomial())", 40),
    "gaussian": ("yg", "lmer(yg ~ {f}, d, REML = FALSE)", 25),
}
MOST_MEMORY = 500e6  # bytes, at the largest size
STRAIGHT = 1.5  # seconds a row may grow by from the smallest to the largest size


def write_data(path: Path, clients: int, seed: int) -> None:
    """Weekly sessions with a Gaussian, a count and a yes-or-no outcome; clinicians cross clients."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(seed)
    client = np.repeat(np.arange(clients), SESSIONS)
    time = np.tile(np.arange(SESSIONS) / 52, clients)
    clinician = rng.integers(0, min(CLINICIANS, clients // 10), clients)[client]
    aw, ab = rng.normal(0, 0.6, len(client)), rng.normal(0, 0.9, clients)[client]
    own = rng.multivariate_normal([0, 0], [[0.65, -0.25], [-0.25, 1.0]], clients)[client]
    eta = 0.2 - time - 0.25 * aw - 0.4 * ab + own[:, 0] + own[:, 1] * time
    eta += rng.normal(0, 0.4, CLINICIANS)[clinician]
    pd.DataFrame(
        {
            "client": client,
            "clinician": clinician,
            "time": time,
            "aw": aw,
            "ab": ab,
            "yg": 20 + 3 * eta + rng.normal(0, 3, len(client)),
            "yn": rng.poisson(np.exp(eta) * rng.gamma(1.5, 1 / 1.5, len(client))),
            "yb": (rng.random(len(client)) < 1 / (1 + np.exp(-eta))).astype(int),
        }
    ).to_csv(path, index=False)


def fit(data: Path, family: str) -> None:
    """One fit in this process: seconds of the fit, log likelihood, and the memory it added at its peak."""
    import pandas as pd

    from accord.science.multilevel.estimate import estimate
    from accord.science.multilevel.model_frame import data_of

    arrays, _ = data_of(f"{MODELS[family][0]} ~ {FORMULA}", pd.read_csv(data), family=family)
    began = time.process_time()
    found = estimate(arrays)
    seconds = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    told = {"seconds": seconds, "loglik": found.log_likelihood, "converged": found.converged}
    print(json.dumps({**told, "peak": peak}))


def measured(data: Path, family: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.models", "--fit", str(data), family]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | ONE_CORE, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{family} failed:\n{done.stderr}")
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def in_r(data: Path, family: str) -> dict[str, float]:
    call = MODELS[family][1].format(f=FORMULA)
    script = (
        "suppressMessages({library(lme4); library(glmmTMB)});"
        f"d <- read.csv('{data}'); d$client <- factor(d$client); d$clinician <- factor(d$clinician);"
        f"t <- system.time(m <- {call}); cat(t[['user.self']] + t[['sys.self']], as.numeric(logLik(m)))"
    )
    done = subprocess.run(
        ["Rscript", "-e", script], env=os.environ | ONE_CORE, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"R failed on {family}:\n{done.stderr}")
    seconds, log_likelihood = map(float, done.stdout.split()[-2:])
    return {"seconds": seconds, "loglik": log_likelihood}


def beside_r(data: Path) -> list[str]:
    lines = []
    for family, (_, call, asked) in MODELS.items():
        mine, theirs = measured(data, family), in_r(data, family)
        ratio = theirs["seconds"] / mine["seconds"]
        verdict = "pass" if ratio >= asked else "falls short"
        lines.append(
            f"{family:<18}{mine['seconds']:>8.2f} s   {call.split('(')[0]:<8}{theirs['seconds']:>8.1f} s"
            f"   {ratio:>6.0f} times faster, asked {asked}: {verdict}"
            f"   log likelihood {mine['loglik'] - theirs['loglik']:+.1g}"
        )
    return lines


def by_size(folder: Path) -> list[str]:
    lines = []
    for family in MODELS:
        found = {size: measured(folder / f"{size}.csv", family) for size in SIZES}
        each = {size: one["seconds"] / (size * SESSIONS) for size, one in found.items()}
        peak, growth = found[SIZES[-1]]["peak"], each[SIZES[-1]] / each[SIZES[0]]
        good = growth <= STRAIGHT and peak <= MOST_MEMORY
        seconds = ", ".join(f"{size:,} clients {one['seconds']:.2f} s" for size, one in found.items())
        lines.append(
            f"{family:<18}{seconds}; a row costs {growth:.2f} times as much, {peak / 1e6:.0f} MB: "
            + ("pass" if good else "falls short")
        )
    return lines


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.models")
    parser.add_argument("--fit", nargs=2, metavar=("DATA.csv", "FAMILY"), help=argparse.SUPPRESS)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    if asked.fit:
        fit(Path(asked.fit[0]), asked.fit[1])
        return 0
    if shutil.which("Rscript") is None:
        raise SystemExit("R is not here: apt-get install r-base-core r-cran-lme4 r-cran-glmmtmb")
    with tempfile.TemporaryDirectory(prefix="accord-bench-") as scratch:
        for size in SIZES:
            write_data(Path(scratch) / f"{size}.csv", size, asked.seed)
        lines = [f"1,000 clients, {1000 * SESSIONS:,} rows, beside R, one core each"]
        lines += beside_r(Path(scratch) / "1000.csv")
        lines += ["", f"{CLINICIANS} clinicians (fewer with 100 clients)", *by_size(Path(scratch))]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "models.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    print("\n".join(lines))
    return 0


if __name__ == "__main__":
    sys.exit(main())
