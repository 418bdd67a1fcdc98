"""The simulated alliance has the stated variances and correlations.

Limits are at least four Monte Carlo standard errors wide, at the sizes simulated here.
"""

from __future__ import annotations

import numpy as np
import pytest

from accord.simulator.alliance import noise
from accord.simulator.scenarios import SCENARIOS
from accord.simulator.streams import Purpose, stream

CLIENTS, SESSIONS = 20_000, 8
WAI_UNIT = 12.0


@pytest.fixture(scope="module")
def calm(run):
    """20,000 clients without any rupture; sessions 1 to 8, fewer where somebody left."""
    return run("null", CLIENTS, SESSIONS)


@pytest.fixture(scope="module")
def numbers():
    return SCENARIOS["null"].parameters.alliance


def first_sessions(simulated):
    """Followed score, true level and true state of every client's first session."""
    ratings, truth = simulated.ratings, simulated.truth
    code = [instrument.id for instrument in ratings.instruments].index("WAI-SR")
    followed = (ratings.instrument == code) & (ratings.session == 1)
    first = truth.session == 1
    return ratings.score[followed], truth.level[first], truth.state[first]


def share(values, numbers):
    return np.var(values) / (WAI_UNIT * numbers.sd) ** 2


def test_level_state_and_noise_have_their_shares_of_a_single_sessions_variance(calm, numbers):
    score, level, state = first_sessions(calm)
    assert share(level, numbers) == pytest.approx(0.66, abs=0.03)  # client .60, clinician .06
    assert share(state, numbers) == pytest.approx(0.15, abs=0.007)
    rounding = 1 / 12 / (WAI_UNIT * numbers.sd) ** 2
    assert share(score - level - state, numbers) == pytest.approx(0.19 + rounding, abs=0.01)
    assert np.var(score) / (WAI_UNIT * numbers.sd) ** 2 == pytest.approx(1.0, abs=0.04)


def test_clinicians_have_their_share_of_the_variance(calm, numbers):
    truth = calm.truth
    first = truth.session == 1
    level, clinician = truth.level[first], truth.clinician[first]
    count = np.bincount(clinician)
    means = np.bincount(clinician, level) / count
    within = np.sum((level - means[clinician]) ** 2) / (len(level) - len(count))
    between = np.var(means) - within * np.mean(1 / count)
    assert between / (WAI_UNIT * numbers.sd) ** 2 == pytest.approx(0.06, abs=0.02)


def test_mean_alliance_is_as_stated_at_the_first_session(calm, numbers):
    _, level, _ = first_sessions(calm)
    assert level.mean() / WAI_UNIT == pytest.approx(numbers.mean, abs=0.03)


def test_the_state_of_one_week_keeps_its_stated_correlation_with_the_last(calm, numbers):
    truth = calm.truth
    follows = (truth.client[1:] == truth.client[:-1]) & (truth.session[1:] == truth.session[:-1] + 1)
    kept = np.corrcoef(truth.state[:-1][follows], truth.state[1:][follows])[0, 1]
    assert kept == pytest.approx(numbers.ar1, abs=0.015)


def test_after_two_weeks_the_state_keeps_the_square_of_that(run):
    truth = run("irregular", 5_000, 12).truth
    follows = truth.client[1:] == truth.client[:-1]
    weeks = np.round((truth.day[1:] - truth.day[:-1]) / 7.0)
    two = follows & (weeks == 2)
    kept = np.corrcoef(truth.state[:-1][two], truth.state[1:][two])[0, 1]
    assert kept == pytest.approx(0.3**2, abs=0.05)


def test_the_stated_share_of_clients_has_a_flat_or_falling_course(calm):
    truth = calm.truth
    first = truth.level[truth.session == 1]
    last = truth.session == SESSIONS
    falling = truth.level[last] <= first[truth.client[last]]
    assert falling.mean() == pytest.approx(0.275, abs=0.015)


def test_the_mean_course_rises_as_stated(calm, numbers):
    truth = calm.truth
    first = truth.level[truth.session == 1]
    last = truth.session == SESSIONS
    rise = (truth.level[last] - first[truth.client[last]]) / (WAI_UNIT * numbers.sd) / np.log(SESSIONS)
    assert rise.mean() == pytest.approx(0.125, abs=0.008)


def test_heavy_tails_have_the_same_variance_and_more_far_values():
    heavy = noise(3.0, (400_000,), stream(1, Purpose.NOISE))
    normal = noise(np.inf, (400_000,), stream(1, Purpose.NOISE))
    assert np.percentile(np.abs(heavy), 99.9) > 1.5 * np.percentile(np.abs(normal), 99.9)
    # the variance of a t with 3 degrees of freedom is itself hardly estimable: its quartile is looked at
    assert np.percentile(heavy, 75) == pytest.approx(0.7649 / np.sqrt(3), abs=0.01)
