"""Sudden gains and losses by three criteria, looking back on a whole course. Never an online detector.

Tang TZ, DeRubeis RJ (1999), Journal of Consulting and Clinical Psychology 67, 894-904. Between the sessions
n and n+1 the score changes (1) by at least a fixed number of points, (2) by at least a quarter of the score
at n, and (3) reliably against the scatter of the sessions n-2..n and n+1..n+3.

The third criterion is computed in two ways. As most programs compute it, the mean change has to pass
t * sqrt(pooled variance), t being the two-sided 5 % value of Student's t on n1 + n2 - 2 degrees of freedom.
A two-sample t-test would compare it with t * sqrt(pooled variance * (1/n1 + 1/n2)), which is less: with
three sessions on either side .816 of it. `t_test=True` asks for that.

Gains are those of the R package suddengains 0.7.2. Losses are not: its second criterion is true of every
loss, here a loss has to be as large as a gain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NoReturn

import numpy as np

from accord.arrays import Floats
from accord.science.criteria.history import on
from accord.science.tracker.panel import Panel

SIDE = 3  # sessions looked at before and after
LEAST = 2  # of them must have a score, on either side
SHARE = 0.25
TWO_SIDED = 0.05


class NotOnline(TypeError):
    """A rule that needs later sessions was asked for an online statistic."""


@dataclass(frozen=True, slots=True, eq=False)
class Changes:
    """Arrays of shape (sessions,): 1 where the change to the next session is sudden, 0 where it is not.

    NaN where it is undefined: without a score at this session or the next, or with fewer than two in the
    three sessions on either side.
    """

    gain: Floats
    loss: Floats


def statistic(_panel: Panel, _unit: Floats) -> NoReturn:
    """Raise NotOnline: the rule needs the three sessions after a session."""
    raise NotOnline("sudden gains and losses need the sessions that come after; they only look back")


def looking_back(
    panel: Panel,
    scores: Floats,
    *,
    points: float,
    lower_is_better: bool,
    share: float | None = SHARE,
    t_test: bool = False,
) -> Changes:
    """Sudden gains and losses of every course. `scores` (sessions,) in the instrument's own points.

    `points` above 0 is the first criterion, by custom the reliable change index; `share` the second, which
    None leaves out. A share of a score needs a scale that begins at 0: take off the lowest score from one
    that does not. A loss is a change of the same size for the worse. ValueError for points or share not above
    0.
    """
    if not points > 0 or (share is not None and not share > 0):
        raise ValueError("points and share must be above 0")
    around = _around(on(panel, scores))
    better = -1.0 if lower_is_better else 1.0
    change = better * (around[SIDE] - around[SIDE - 1])
    size = points if share is None else np.maximum(points, share * np.abs(around[SIDE - 1]))
    shift, bar = _shift_and_bar(around, t_test)
    known = ~np.isnan(change) & ~np.isnan(bar)
    gain = (change >= size) & (better * shift > bar)
    loss = (-change >= size) & (-better * shift > bar)
    return Changes(*(np.where(known, sudden, np.nan) for sudden in (gain, loss)))


def _around(panel: Panel) -> Floats:
    """Scores of the sessions n-2..n+3 of the same relationship, shape (6, sessions), NaN outside it."""
    n = len(panel.session)
    around = np.full((2 * SIDE, n), np.nan)
    for ahead in range(1 - SIDE, SIDE + 1):
        at = np.arange(max(0, -ahead), min(n, n - ahead))
        same = panel.relationship[at + ahead] == panel.relationship[at]
        at = at[same & (panel.session[at + ahead] == panel.session[at] + ahead)]
        around[ahead + SIDE - 1, at] = panel.rating[at + ahead]
    return around


def _shift_and_bar(around: Floats, t_test: bool) -> tuple[Floats, Floats]:
    """Change of the mean from before to after, and what it has to pass; NaN with too few scores."""
    from scipy.special import stdtrit

    (n1, mean1, squares1), (n2, mean2, squares2) = _moments(around[:SIDE]), _moments(around[SIDE:])
    enough = (n1 >= LEAST) & (n2 >= LEAST)
    free = np.where(enough, n1 + n2 - 2, np.nan)
    per_mean = 1 / np.maximum(n1, 1) + 1 / np.maximum(n2, 1) if t_test else np.ones(len(free))
    t = np.asarray(stdtrit(free, 1 - TWO_SIDED / 2), dtype=np.float64)
    return mean2 - mean1, t * np.sqrt((squares1 + squares2) / free * per_mean)


def _moments(side: Floats) -> tuple[Floats, Floats, Floats]:
    """Number, mean and sum of squares about it, over the first axis and without NaN."""
    count = (~np.isnan(side)).sum(axis=0).astype(np.float64)
    mean = np.nansum(side, axis=0) / np.maximum(count, 1)
    return count, mean, np.nansum((side - mean) ** 2, axis=0)
