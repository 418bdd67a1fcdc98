from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.records.ratings import STATES, CheckIn, Contact, Rater, Ratings
from accord.science.tracker.assess import assess, assess_all
from accord.science.tracker.filter import run
from accord.science.tracker.panel import lay_out
from tests.support.courses import ALLIANCE, course, population, ratings
from tests.support.slow_tracker import SlowTracker

AS_OF = date(2099, 1, 1)
ends_and_between = st.one_of(st.just(0.0), st.just(40.0), st.floats(0, 40))
sessions = st.fixed_dictionaries(
    {},
    optional={
        "rating": ends_and_between,
        "probe": st.sampled_from([0.0, 1.0]),
        "attendance": st.sampled_from([0.0, 1.0]),
        "urge": st.integers(0, 5).map(float),
        "clinician": ends_and_between,
    },
)


def with_channels(values):
    """A course of weekly contacts, each with what came of it."""
    forms = {
        "rating": (Rater.CLIENT, ALLIANCE.id),
        "probe": (Rater.CLIENT, "rupture-probe"),
        "attendance": (Rater.SYSTEM, "attendance"),
        "urge": (Rater.CLIENT, "urge-to-quit"),
        "clinician": (Rater.CLINICIAN, ALLIANCE.id),
    }
    checkins = tuple(
        CheckIn(k, None, *forms[name], value)
        for k, session in enumerate(values, 1)
        for name, value in session.items()
    )
    contacts = tuple(Contact(k, None) for k in range(1, len(values) + 1))
    return replace(course([]), checkins=checkins, contacts=contacts)


def channels_of(session):
    """The same on the channels' own scales; the form that came with a rating was filled."""
    scale = {"probe": 1.0, "attendance": 1.0, "urge": 5.0, "clinician": 40.0}
    came = {name: session[name] / scale[name] for name in scale if name in session}
    missed = session.get("attendance") == 0.0
    return came if missed or "rating" not in session else came | {"form": 0.0}


scores = st.lists(st.one_of(st.none(), st.floats(0, 40)), min_size=1, max_size=40)


@given(st.lists(sessions, min_size=1, max_size=30), st.booleans())
def test_arrays_and_the_obvious_slow_version_agree(rows, whole_numbers):
    values = replace(population(), grain=0.025 if whole_numbers else 0.0)
    slow = SlowTracker(values, values.alarm_line(0.03))
    findings = assess(with_channels(rows), values, AS_OF).findings
    for finding, session in zip(findings, rows, strict=True):
        expected = slow.see(finding.session, session.get("rating"), channels_of(session))
        assert finding.state.value == expected.state
        fast = (finding.level, finding.level_low, finding.level_high, finding.surprise, finding.p_rupture)
        obvious = (expected.level, expected.low, expected.high, expected.surprise, expected.p_rupture)
        assert [value is None for value in fast] == [value is None for value in obvious]
        for a, b in zip(fast, obvious, strict=True):
            assert a is None or a == pytest.approx(b, abs=1e-9, rel=1e-9)


@given(scores, scores)
def test_later_sessions_never_change_what_was_said(values, more):
    before = assess(course(values), population(), AS_OF).findings
    after = assess(course([*values, *more]), population(), AS_OF).findings
    assert after[: len(before)] == before


@given(scores)
def test_every_answer_is_finite_and_inside_the_scale(values):
    for finding in assess(course(values), population(), AS_OF).findings:
        for name in ("level", "level_low", "level_high", "surprise", "p_rupture", "difference"):
            value = getattr(finding, name)
            assert value is None or math.isfinite(value)
        # A form left empty is something that came; here every session has its form.
        assert finding.surprise is not None
        assert finding.p_rupture is not None
        if finding.level is not None:
            assert 0 <= finding.level_low <= finding.level <= finding.level_high <= 40
        assert 0 <= finding.p_rupture <= 1


@given(st.lists(scores, min_size=1, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(courses, random):
    data = ratings(courses)
    order = list(range(len(data)))
    random.shuffle(order)
    columns = ("client", "clinician", "session", "day", "rater", "instrument", "score", "line")
    shuffled = Ratings(
        data.clients, data.clinicians, data.instruments, *(getattr(data, name)[order] for name in columns)
    )
    a, b = (assess_all(file, ALLIANCE, population()) for file in (data, shuffled))
    assert a.client.tolist() == b.client.tolist()
    np.testing.assert_array_equal(a.surprise, b.surprise)
    np.testing.assert_array_equal(a.state, b.state)


@given(st.lists(scores, min_size=1, max_size=6))
def test_many_relationships_at_once_are_each_followed_alone(courses):
    # A file without any form left empty does not tell whether such forms are listed; a site always knows.
    courses = [*courses, [None]]
    together = assess_all(ratings(courses), ALLIANCE, population())
    for k, values in enumerate(courses):
        alone = assess(course(values), population(), AS_OF).findings
        mine = together.client == k
        assert [STATES[s] for s in together.state[mine]] == [f.state for f in alone]
        np.testing.assert_allclose(
            together.level[mine], [np.nan if f.level is None else f.level for f in alone], atol=1e-9
        )


@given(scores, st.floats(0, 40), st.floats(0.1, 20))
def test_a_lower_rating_is_hardly_ever_less_surprising(values, last, less):
    """Never by much. A rating at the very end of a scale stands for all that would lie beyond it, so that one
    just before it can speak a little more; and far from both regimes the wider one explains it less badly."""
    lower = max(0.0, last - less)
    high, low = (
        assess(course([*values, score]), population(), AS_OF).findings[-1] for score in (last, lower)
    )
    odds, chance = (0.5, 0.12) if lower == 0 else (0.1, 0.01)
    assert low.surprise >= high.surprise - odds
    assert low.p_rupture >= high.p_rupture - chance


@given(st.lists(sessions, min_size=1, max_size=12))
def test_the_predicted_rating_and_its_spread_are_those_of_the_slow_version(sessions_drawn):
    rows = [entry.get("rating") for entry in sessions_drawn]
    data = ratings([rows])
    followed, slow = run(lay_out(data, ALLIANCE), population(), np.inf), SlowTracker(population(), np.inf)
    for k, row in enumerate(rows):
        slow.see(k + 1, row)
        if row is not None:
            assert followed.predicted[k] == pytest.approx(slow.predicted, abs=1e-9)
            assert followed.predicted_sd[k] == pytest.approx(slow.predicted_sd, abs=1e-9)
