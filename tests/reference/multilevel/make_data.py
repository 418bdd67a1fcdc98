"""Makes sessions.csv: 60 simulated clients of 8 clinicians, 15 sessions, outcomes of every kind.

python tests/reference/multilevel/make_data.py && Rscript tests/reference/multilevel/fit_in_r.R
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
CLIENTS, SESSIONS, CLINICIANS = 60, 15, 8


def make(seed: int = 20260115) -> pd.DataFrame:
    """One row per session. aw and ab: the alliance within and between clients; clin2 with w2 = 1 - w1."""
    rng = np.random.default_rng(seed)
    client = np.repeat(np.arange(CLIENTS), SESSIONS)
    time = np.tile(np.arange(SESSIONS) / SESSIONS, CLIENTS)
    first = rng.integers(0, CLINICIANS, CLIENTS)
    second = (first + rng.integers(1, CLINICIANS, CLIENTS)) % CLINICIANS
    w1 = rng.choice([1.0, 0.6, 0.5], CLIENTS)
    ab = rng.normal(0, 0.6, CLIENTS)
    aw = rng.normal(0, 0.5, len(client))
    own = rng.multivariate_normal([0, 0], [[0.6, -0.25], [-0.25, 0.8]], CLIENTS)
    theirs = rng.normal(0, 0.5, CLINICIANS)
    by = (w1 * theirs[first] + (1 - w1) * theirs[second])[client]
    eta = 0.2 - 0.7 * time - 0.3 * aw - 0.4 * ab[client] + own[client, 0] + own[client, 1] * time + by
    days = rng.integers(4, 11, len(client))
    rate = np.exp(eta + np.log(days / 7) + 0.5)
    counts = rng.poisson(rate * rng.gamma(1.4, 1 / 1.4, len(client)))
    return pd.DataFrame(
        {
            "client": client,
            "clinician": first[client],
            "clin2": second[client],
            "w1": w1[client],
            "w2": 1 - w1[client],
            "time": time.round(6),
            "aw": aw.round(6),
            "ab": ab[client].round(6),
            "log_days": np.log(days / 7).round(6),
            "yg": (20 + 3 * eta + rng.normal(0, 2.5, len(client))).round(4),
            "yb": (rng.random(len(client)) < 1 / (1 + np.exp(-eta))).astype(int),
            "yn": counts,
            "yz": np.where(rng.random(len(client)) < 0.25, 0, counts),
        }
    )


if __name__ == "__main__":
    make().to_csv(HERE / "sessions.csv", index=False)
