"""Ruptures begin, last, deepen and end as their numbers say; limits at least four Monte Carlo errors wide."""

from __future__ import annotations

import numpy as np
import pytest

from accord.simulator.parameters import Ruptures
from accord.simulator.ruptures import CONFRONTATION, WITHDRAWAL, ruptures
from accord.simulator.streams import Purpose, stream

SHAPE = (60, 5_000)


def simulated(**numbers):
    return ruptures(Ruptures(**numbers), SHAPE, stream(1, Purpose.RUPTURE))


def lengths(episodes):
    """Lengths of the ruptures that began early enough to have ended within the record."""
    result = []
    for began, going in zip(episodes.onset.T, episodes.in_rupture.T, strict=True):
        calm = np.flatnonzero(~going)
        for t in np.flatnonzero(began[:40]):
            after = calm[calm > t]
            result.append(after[0] - t if len(after) else len(going) - t)
    return np.array(result)


@pytest.fixture(scope="module")
def plain():
    return simulated(onset=(0.05, 0.05))


def test_a_calm_session_is_followed_by_an_onset_at_the_stated_rate(plain):
    calm_before = ~plain.in_rupture[:-1]
    assert plain.onset[1:][calm_before].mean() == pytest.approx(0.05, abs=0.002)


def test_ruptures_last_as_long_as_stated_on_average(plain):
    assert lengths(plain).mean() == pytest.approx(2.5, abs=0.08)


def test_each_relationship_has_its_own_onset_rate():
    episodes = simulated(onset=(0.04, 0.10))
    calm = (~episodes.in_rupture[:-1]).sum(axis=0)
    rate = episodes.onset.sum(axis=0) / calm
    assert rate.mean() == pytest.approx(0.07, abs=0.003)
    chance_alone = np.mean(rate * (1 - rate) / calm)
    assert np.var(rate) - chance_alone == pytest.approx(0.06**2 / 12, rel=0.25)


def test_no_rupture_begins_in_the_first_session(plain):
    assert not plain.in_rupture[0].any()


def test_an_onset_is_the_first_session_of_its_rupture(plain):
    began = plain.in_rupture & ~np.vstack((np.zeros_like(plain.in_rupture[:1]), plain.in_rupture[:-1]))
    assert np.array_equal(began, plain.onset)


def test_depth_stays_within_its_range_and_is_nothing_while_calm(plain):
    inside = plain.depth[plain.in_rupture]
    assert inside.min() >= 1.0
    assert inside.max() <= 2.0
    assert plain.depth[plain.onset].mean() == pytest.approx(1.5, abs=0.015)
    assert not plain.depth[~plain.in_rupture].any()


def test_withdrawals_are_twice_as_many_as_confrontations(plain):
    kinds = plain.kind[plain.onset]
    assert (kinds == WITHDRAWAL).sum() / (kinds == CONFRONTATION).sum() == pytest.approx(2.0, abs=0.15)
    assert not plain.kind[~plain.in_rupture].any()


def test_the_stated_shares_are_repaired_and_noticed(plain):
    assert plain.repaired[plain.onset].mean() == pytest.approx(0.6, abs=0.02)
    assert plain.noticed[plain.onset].mean() == pytest.approx(0.45, abs=0.02)


def test_gradual_ruptures_build_up_in_equal_steps_and_recover_as_slowly():
    episodes = simulated(onset=(0.02, 0.02), shortest=4, mean_length=6, build=4, recovery=4)
    alone = episodes.onset[2:-16] & (episodes.depth[1:-17] == 0)
    t, relationship = (index[:200] for index in np.nonzero(alone))
    steps = np.array([episodes.depth[t + 2 + k, relationship] for k in range(4)])
    assert np.allclose(steps / steps[3], np.array([0.25, 0.5, 0.75, 1.0])[:, None])
    assert lengths(episodes).min() == 4
    after = ~episodes.in_rupture[1:] & episodes.in_rupture[:-1]
    assert (episodes.depth[1:][after] > 0).all()


def test_only_ruptures_left_unrepaired_take_from_the_own_level():
    episodes = simulated(onset=(0.05, 0.05), scar=0.2)
    ended = episodes.in_rupture[:-1] & ~episodes.in_rupture[1:]
    taken = np.diff(episodes.scar, axis=0)
    repaired = episodes.repaired[:-1]
    assert not taken[~ended].any()
    assert not taken[ended & repaired].any()
    unrepaired = ended & ~repaired
    assert np.allclose(taken[unrepaired], 0.2 * episodes.depth[:-1][unrepaired])


def test_without_onsets_there_is_no_rupture_at_all():
    episodes = simulated(onset=(0.0, 0.0))
    assert not episodes.in_rupture.any()
    assert not episodes.depth.any()
