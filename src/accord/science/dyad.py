"""Client and clinician ratings of the same sessions: distance, agreement over time, and who moves first.

Neither of the two is the truth, and raw ratings of the two are never compared: each side is standardised
within its own ratings of the whole programme (mean 0, SD 1, higher is better), so that 0.5 means half a
standard deviation above what that side usually gives.

Within-relationship correlations are pooled over relationships: sums of products of deviations from each
relationship's own mean (or own line), over the root of the sums of squares. Their standard errors take the
relationship as the unit (influence values of the ratio), so that sessions need not be independent. Deviations
from a mean of few sessions make such correlations too small, most of all the lagged ones; the half-panel
jackknife (Dhaene and Jochmans, 2015, Review of Economic Studies 82, 991-1030) takes out the part that falls
as 1 / sessions.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from accord.arrays import Bools, Floats, Ints
from accord.errors import InputError
from accord.records.ratings import RATERS, Instrument, Rater, Ratings
from accord.science.tracker.channels import to_unit

LEAST_SESSIONS = 8  # rated by both, for one relationship to count in correlations; halves of 4
LEAST_RELATIONSHIPS = 10
LEAST_FOR_GAP = 4
COVERAGE = 0.95
NORMAL = 1.959963984540054  # standard normal quantile of such an interval
WIDEST = 0.999  # beyond it Fisher's z says nothing sensible about an interval


class TooFew(Exception):
    """There are too few joint ratings for the question; the message says how many are needed."""


class Estimate(NamedTuple):
    """A value with its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Sessions rated by both, ordered by relationship and session. Arrays of shape (pairs,)."""

    relationship: Ints  # 0, 1, 2, ... rising
    session: Ints
    client: Floats  # standardised within all the client-side ratings of the file
    clinician: Floats
    client_code: NDArray[np.int32]  # as in the ratings
    clinician_code: NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Gaps:
    """One row per relationship that both have rated. `difference` is client less clinician, in SDs of each.

    0: this client is as far from what clients here usually give as the clinician is from what clinicians
    give. `difference` and its 95 % interval are NaN with fewer than 4 sessions rated by both.
    """

    client_code: NDArray[np.int32]
    clinician_code: NDArray[np.int32]
    sessions: Ints  # rated by both
    difference: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Together:
    """Agreement over the programme's relationships: correlations with 95 % intervals."""

    levels: Estimate  # do relationships with high client ratings have high clinician ratings?
    tracking: Estimate  # do they move together around their own levels?
    client_first: Estimate  # client's deviation with the clinician's of the next session
    clinician_first: Estimate
    lead: Estimate  # client_first less clinician_first; above 0 the client moves first
    relationships: int
    sessions: int  # rated by both, in those relationships
    left_out: int  # relationships with too few sessions rated by both


def pair(ratings: Ratings, client: Instrument, clinician: Instrument) -> Pairs:
    """The sessions that both have rated, on the same instrument or on different ones.

    InputError when the two measure different things; TooFew when a side has no two different ratings.
    """
    if client.construct is not clinician.construct:
        raise InputError(
            f"two instruments for {client.construct}", found=f"{clinician.id} for {clinician.construct}"
        )
    mine, by_client = _side(ratings, client, Rater.CLIENT)
    theirs, by_clinician = _side(ratings, clinician, Rater.CLINICIAN)
    key = np.column_stack([ratings.client, ratings.clinician, ratings.session])
    # `place` orders the keys, so that equal ones meet and the pairs come out sorted.
    _, place = np.unique(key, axis=0, return_inverse=True)
    place = place.ravel()
    _, a, b = np.intersect1d(place[mine], place[theirs], return_indices=True)
    who = key[mine[a]]
    _, relationship = np.unique(who[:, :2], axis=0, return_inverse=True)
    session = who[:, 2].astype(np.int64)
    return Pairs(relationship.ravel(), session, by_client[a], by_clinician[b], who[:, 0], who[:, 1])


def _side(ratings: Ratings, instrument: Instrument, rater: Rater) -> tuple[Ints, Floats]:
    """Rows of the file with a rating of this side, and the ratings standardised over all of them."""
    ids = [candidate.id.casefold() for candidate in ratings.instruments]
    key = instrument.id.casefold()
    code = ids.index(key) if key in ids else -1
    chosen = (ratings.instrument == code) & (ratings.rater == RATERS.index(rater)) & ~np.isnan(ratings.score)
    row = np.flatnonzero(chosen)
    value = to_unit(ratings.score[row], instrument)
    if len(row) < 2 or np.ptp(value) == 0:
        raise TooFew(f"two different ratings of {instrument.id} by the {rater} are needed; there are none")
    return row, (value - value.mean()) / value.std(ddof=1)


def gaps(pairs: Pairs) -> Gaps:
    """Level differences, one for each relationship.

    The interval is that of a mean of sessions whose differences hang together like an AR(1) series; spread
    and autocorrelation are pooled over the programme's relationships, since few sessions show neither.
    """
    difference = pairs.client - pairs.clinician
    first, count = _first_and_count(pairs)
    mean = np.bincount(pairs.relationship, difference, len(count)) / count
    inflation, variance = _spread_of_differences(pairs, difference - np.repeat(mean, count), count)
    gap = np.where(count >= LEAST_FOR_GAP, mean, np.nan)
    half = NORMAL * np.sqrt(variance * inflation / count)
    return Gaps(pairs.client_code[first], pairs.clinician_code[first], count, gap, gap - half, gap + half)


def _spread_of_differences(pairs: Pairs, deviation: Floats, count: Ints) -> tuple[float, float]:
    """Variance of a mean over that of an independent one, and of one difference; NaN with too few."""
    use = np.repeat(count >= LEAST_FOR_GAP, count)
    total = float((deviation[use] ** 2).sum())
    here, ahead = (at[use[at]] for at in _neighbours(pairs))
    if total == 0 or not len(here):
        return math.nan, math.nan
    sessions, relationships = int(use.sum()), int((count >= LEAST_FOR_GAP).sum())
    mean_product = float((deviation[here] * deviation[ahead]).sum()) / len(here)
    inflation, variance = 1.0, math.nan
    # Deviations from own means make variance and covariance too small by inflation * variance / sessions.
    for _ in range(50):
        variance = total / max(sessions - relationships * inflation, 1.0)
        missing = inflation * variance * relationships / sessions
        rho = min(max((mean_product + missing) / variance, 0.0), 0.9)
        inflation = (1 + rho) / (1 - rho)
    return inflation, variance


def together(pairs: Pairs, *, detrend: bool = False) -> Together:
    """Agreement of the two sides over the programme.

    With `detrend` deviations are taken from each relationship's own line over sessions: two series that both
    rise are then not taken for two that follow each other. TooFew, saying how many are needed, with fewer
    than 10 relationships of 8 sessions rated by both.
    """
    _, count = _first_and_count(pairs)
    enough = count >= LEAST_SESSIONS
    if enough.sum() < LEAST_RELATIONSHIPS:
        raise TooFew(
            f"{LEAST_RELATIONSHIPS} relationships with at least {LEAST_SESSIONS} sessions rated by both are "
            f"needed; there are {int(enough.sum())}"
        )
    used = _rows(pairs, enough[pairs.relationship])
    tracking, client_first, clinician_first = _ratios(used, detrend)
    return Together(
        _levels(used),
        _interval(*tracking),
        _interval(*client_first),
        _interval(*clinician_first),
        _difference(client_first, clinician_first),
        int(enough.sum()),
        len(used.session),
        int((~enough).sum()),
    )


class Ratio(NamedTuple):
    """A pooled correlation and each relationship's influence on it, shape (relationships,)."""

    value: float
    influence: Floats


def _ratios(pairs: Pairs, detrend: bool) -> tuple[Ratio, Ratio, Ratio]:
    whole = _correlations(pairs, detrend)
    halves = [_correlations(part, detrend) for part in _halves(pairs)]
    tracking, client_first, clinician_first = (
        Ratio(2 * full.value - (a.value + b.value) / 2, 2 * full.influence - (a.influence + b.influence) / 2)
        for full, a, b in zip(whole, *halves, strict=True)
    )
    return tracking, client_first, clinician_first


def _correlations(pairs: Pairs, detrend: bool) -> list[Ratio]:
    """Same session, client first, clinician first."""
    unit, time = pairs.relationship, pairs.session.astype(np.float64)
    x, y = (_deviation(side, unit, time, detrend) for side in (pairs.client, pairs.clinician))
    everywhere = np.arange(len(x))
    here, ahead = _neighbours(pairs)
    where = ((everywhere, everywhere), (here, ahead), (ahead, here))
    return [_ratio(x[a], y[b], unit[a], int(unit[-1]) + 1) for a, b in where]


def _ratio(x: Floats, y: Floats, unit: Ints, n: int) -> Ratio:
    xy, xx, yy = (np.bincount(unit, product, n) for product in (x * y, x * x, y * y))
    a, b, c = xy.sum(), xx.sum(), yy.sum()
    if not (b > 0 and c > 0):
        raise TooFew("ratings that differ within relationships are needed on both sides; there are none")
    r = a / math.sqrt(b * c)
    return Ratio(float(r), xy / math.sqrt(b * c) - r / 2 * (xx / b + yy / c))


def _deviation(value: Floats, unit: Ints, time: Floats, detrend: bool) -> Floats:
    """Deviations from each relationship's mean, or from its line over session numbers."""
    value = _centred(value, unit)
    if not detrend:
        return value
    time = _centred(time, unit)
    slope = np.bincount(unit, time * value) / np.bincount(unit, time * time)
    return value - slope[unit] * time


def _centred(value: Floats, unit: Ints) -> Floats:
    return value - (np.bincount(unit, value) / np.bincount(unit))[unit]


def _halves(pairs: Pairs) -> Iterator[Pairs]:
    """Each relationship's earlier and later sessions; the middle one of an odd number goes to the later."""
    first, count = _first_and_count(pairs)
    place = np.arange(len(pairs.session)) - np.repeat(first, count)
    early = place < np.repeat(count // 2, count)
    for part in (early, ~early):
        yield _rows(pairs, part)


def _neighbours(pairs: Pairs) -> tuple[Ints, Ints]:
    """Places of pairs whose next session was rated by both too, and of that next session."""
    follows = (np.diff(pairs.relationship) == 0) & (np.diff(pairs.session) == 1)
    here = np.flatnonzero(follows)
    return here, here + 1


def _first_and_count(pairs: Pairs) -> tuple[Ints, Ints]:
    _, first, count = np.unique(pairs.relationship, return_index=True, return_counts=True)
    return first, count


def _rows(pairs: Pairs, row: Bools) -> Pairs:
    """The pairs in these rows, with relationships renumbered from 0."""
    _, relationship = np.unique(pairs.relationship[row], return_inverse=True)
    return Pairs(relationship, *(getattr(pairs, name)[row] for name in Pairs.__slots__[1:]))


def _levels(pairs: Pairs) -> Estimate:
    """Correlation of the two sides' means over relationships."""
    _, count = _first_and_count(pairs)
    means = [np.bincount(pairs.relationship, side) / count for side in (pairs.client, pairs.clinician)]
    unit = np.arange(len(count))
    client, clinician = (mean - mean.mean() for mean in means)
    return _interval(*_ratio(client, clinician, unit, len(count)))


def _interval(value: float, influence: Floats) -> Estimate:
    """Interval on Fisher's z scale, with Student's t over relationships."""
    r = min(max(value, -WIDEST), WIDEST)
    half = _t_quantile(len(influence)) * _standard_error(influence) / (1 - r * r)
    return Estimate(r, math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half))


def _difference(ratio: Ratio, other: Ratio) -> Estimate:
    half = _t_quantile(len(ratio.influence)) * _standard_error(ratio.influence - other.influence)
    value = ratio.value - other.value
    return Estimate(value, value - half, value + half)


def _standard_error(influence: Floats) -> float:
    n = len(influence)
    return math.sqrt(n / (n - 1) * float((influence**2).sum()))


def _t_quantile(n: int) -> float:
    from scipy.special import stdtrit

    return float(stdtrit(n - 1, (1 + COVERAGE) / 2))
