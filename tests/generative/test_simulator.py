"""Whatever is asked for, a simulated programme could be a real file."""

from __future__ import annotations

from datetime import date

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from accord.instruments.catalogue import catalogue
from accord.simulator.generate import simulate
from accord.simulator.scenarios import SCENARIOS

programmes = st.fixed_dictionaries(
    {
        "scenario": st.sampled_from(sorted(SCENARIOS)),
        "clients": st.integers(1, 40),
        "sessions": st.integers(1, 30),
        "seed": st.integers(0, 2**40),
        "start": st.dates(date(1950, 1, 1), date(2100, 1, 1)),
    }
)


def simulated(wanted):
    return simulate(**wanted, instruments=catalogue())


@given(programmes)
def test_every_score_is_one_that_its_instrument_allows(wanted):
    ratings = simulated(wanted).ratings
    low = np.array([instrument.low for instrument in ratings.instruments])[ratings.instrument]
    high = np.array([instrument.high for instrument in ratings.instruments])[ratings.instrument]
    known = ~np.isnan(ratings.score)
    assert (ratings.score >= low)[known].all()
    assert (ratings.score <= high)[known].all()


@given(programmes)
def test_dates_never_fall_while_session_numbers_rise_from_1(wanted):
    truth = simulated(wanted).truth
    follows = (truth.client[1:] == truth.client[:-1]) & (truth.clinician[1:] == truth.clinician[:-1])
    assert (np.diff(truth.day)[follows] >= 0).all()
    assert (np.diff(truth.session)[follows] == 1).all()
    # A record of one week may fall into a holiday and then holds nobody.
    first = np.append(True, ~follows)[: len(truth.session)]
    assert (truth.session[first] == 1).all()
    assert truth.session.max(initial=0) <= wanted["sessions"]


@given(programmes)
def test_nothing_is_said_twice_and_every_row_has_its_truth(wanted):
    result = simulated(wanted)
    ratings, truth = result.ratings, result.truth
    parts = (ratings.client, ratings.clinician, ratings.session, ratings.instrument, ratings.rater)
    assert len(np.unique(np.stack(parts), axis=1).T) == len(ratings)
    shown = np.unique(np.stack(parts[:3]), axis=1)
    known = np.stack((truth.client, truth.clinician, truth.session))
    assert np.array_equal(shown, known)


@given(programmes)
def test_the_truth_agrees_with_itself(wanted):
    truth = simulated(wanted).truth
    assert (truth.in_rupture >= truth.onset).all()
    assert (truth.depth >= 0).all()
    assert ((truth.kind > 0) == (truth.in_rupture == 1)).all()
    assert (truth.depth[truth.in_rupture == 1] > 0).all()
    assert np.isfinite(truth.level).all()
    assert np.isfinite(truth.state).all()


@given(programmes)
def test_engagements_are_the_relationships_of_the_truth(wanted):
    result = simulated(wanted)
    shown = np.stack((result.engagements.client, result.engagements.clinician))
    known = np.unique(np.stack((result.truth.client, result.truth.clinician)), axis=1)
    assert np.array_equal(shown, known)
    assert (result.engagements.first_day <= result.engagements.last_day).all()
