"""What stands beside the numbers: never evidence, and the same for a course followed whole or in steps."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.records.ratings import Absence, CheckIn, Contact, Context, Hard, Rater
from accord.science.tracker.assess import assess
from tests.support.courses import ALLIANCE, MONDAY, course, population

AS_OF = date(2099, 1, 1)
contacts = st.builds(
    lambda score, came, absence, hard, weeks: (
        score,
        came if absence is None else None,
        absence,
        hard,
        weeks,
    ),
    st.one_of(st.none(), st.floats(0, 40)),
    st.sampled_from([None, True, False]),
    st.one_of(st.none(), st.sampled_from(Absence)),
    st.one_of(st.none(), st.sampled_from(Hard)),
    st.integers(0, 6),
)
histories = st.lists(contacts, min_size=1, max_size=25)


def _course(history, first=1, *, start=MONDAY, took_over=False):
    days, day = [], start
    for *_, weeks in history:
        day += timedelta(weeks=weeks)
        days.append(day)
    result = [
        (Contact(first + k, days[k], came, absence, hard), score)
        for k, (score, came, absence, hard, _) in enumerate(history)
    ]
    checkins = tuple(
        CheckIn(entry.session, entry.day, Rater.CLIENT, ALLIANCE.id, score)
        for entry, score in result
        if entry.absence is None
    )
    made = replace(course([]), checkins=checkins, contacts=tuple(entry for entry, _ in result))
    return replace(made, took_over=took_over)


@given(histories, st.booleans(), st.lists(st.floats(0.005, 0.3), min_size=1, max_size=3))
def test_going_on_in_steps_finds_what_the_whole_course_finds(history, took_over, changing):
    rates = [(1 + 8 * k, rate) for k, rate in enumerate(changing)]
    whole = _course(history, took_over=took_over)
    together = assess(whole, population(), AS_OF, alarm_rate=rates).findings
    state, steps = None, []
    for contact in whole.contacts:
        here = replace(
            whole,
            contacts=(contact,),
            checkins=tuple(checkin for checkin in whole.checkins if checkin.session == contact.session),
        )
        result = assess(here, population(), AS_OF, state, alarm_rate=rates)
        state, steps = result.state, [*steps, *result.findings]
    assert len(steps) == len(together)
    for a, b in zip(steps, together, strict=True):
        assert (a.session, a.state, a.context, a.low_start) == (b.session, b.state, b.context, b.low_start)
        assert dict(a.said) == pytest.approx(dict(b.said), abs=1e-9)
        for name in ("level", "level_low", "surprise", "p_rupture", "difference"):
            assert getattr(a, name) == pytest.approx(getattr(b, name), abs=1e-9)


@given(histories)
def test_meant_to_be_hard_and_a_change_of_clinician_move_no_number(history):
    plain = [(score, came, absence, None, weeks) for score, came, absence, _, weeks in history]
    marked = assess(_course(history, took_over=True), population(), AS_OF).findings
    bare = assess(_course(plain), population(), AS_OF).findings
    assert [replace(entry, context=Context()) for entry in marked] == [
        replace(entry, context=Context()) for entry in bare
    ]


@given(histories, st.sampled_from(Absence), st.integers(1, 5))
def test_contacts_that_did_not_take_place_say_nothing_and_let_no_rupture_begin(history, absence, many):
    """An absence of no time changes no later number but the session's; and it has none of its own."""
    away = [(None, None, absence, None, 0)] * many
    last = (28.0, True, None, None, 0)
    with_break = assess(_course([*history, *away, last]), population(), AS_OF).findings
    without = assess(_course([*history, last]), population(), AS_OF).findings
    for entry in with_break[len(history) : -1]:
        assert (entry.surprise, entry.p_rupture, entry.said) == (None, None, ())
        assert entry.context.absence is absence
    after, straight = with_break[-1], without[-1]
    for name in ("level", "level_low", "surprise", "p_rupture"):
        assert getattr(after, name) == pytest.approx(getattr(straight, name), abs=1e-9)
    took_place = any(item[2] is None for item in history)
    assert (after.context.back_after is not None) == (
        took_place and Absence.ANNOUNCED in [*_since_held(history), absence]
    )


def _since_held(history):
    for _, _, absence, *_ in reversed(history):
        if absence is None:
            return
        yield absence
