"""Makes the reference values of tests/unit/science/dropout/test_scoring.py with scikit-survival 0.28.

pip install scikit-survival && python tests/reference/measure_dropout_scores.py
"""

import numpy as np
from sksurv.metrics import brier_score, cumulative_dynamic_auc  # type: ignore[import-not-found]
from sksurv.util import Surv  # type: ignore[import-not-found]

PEOPLE = 60

rng = np.random.default_rng(5)
risk = rng.normal(size=PEOPLE).round(2)
rng.permutation(PEOPLE)
days = np.empty(PEOPLE, int)
days[np.argsort(-risk + rng.normal(size=PEOPLE) * 1.2)] = np.arange(1, PEOPLE + 1)
event = rng.random(PEOPLE) < 0.6
seen = Surv.from_arrays(event, days.astype(float))
stays = np.column_stack([1 - 1 / (1 + np.exp(-risk))] * 3)
print("days", days.tolist())
print("left", event.astype(int).tolist())
print("risk", risk.tolist())
print("AUC", cumulative_dynamic_auc(seen, seen, risk, [16, 27, 42])[0].tolist())
print("Brier", brier_score(seen, seen, stays, [16.0, 27.0, 42.0])[1].tolist())
