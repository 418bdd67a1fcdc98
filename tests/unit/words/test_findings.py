from __future__ import annotations

from dataclasses import replace

import pytest

from accord.records.ratings import STATES, Construct, Finding, Instrument, State
from accord.science.tracker.assess import assess_all
from accord.words.findings import ROUND_ODDS, describe, describe_columns, rows, state_word
from tests.support.courses import ALLIANCE, population, ratings, simulated_scores

SRS = Instrument("SRS", "1", "SRS", Construct.ALLIANCE, 0, 40)
DROP = Finding(7, None, 28.9, 32.5, 30.0, 35.0, 2.4, 0.7, State.RUPTURE, False, difference=-4.1, one_in=38.0)


def test_a_drop_is_told_in_the_instruments_units_with_how_often_a_calm_session_looks_so():
    expected = "4.1 points below their level of 33 (0-40); about 1 calm session in 40 looks like this"
    assert describe(DROP, SRS) == expected


def test_where_higher_is_worse_the_sentence_says_so():
    assert "(0-40, higher is worse)" in describe(DROP, replace(SRS, lower_is_better=True))


def test_small_scales_are_told_with_one_more_decimal():
    finding = replace(DROP, rating=1.8, difference=0.62)
    assert "0.62 points above their level of 1.2 (0-4)" in describe(finding, replace(SRS, high=4.0))


def test_a_level_beyond_the_scale_is_told_as_its_end():
    top = replace(DROP, rating=36.0, difference=-6.9)
    assert describe(top, SRS).startswith("4.0 points below their level of 40 (0-40)")


@pytest.mark.parametrize("one_in", [1.0, 4.9, None])
def test_what_every_fifth_calm_session_shows_is_not_worth_odds(one_in):
    assert "calm session" not in describe(replace(DROP, one_in=one_in), SRS)


def test_odds_beyond_the_table_are_not_told_more_exactly_than_known():
    assert describe(replace(DROP, one_in=1000.0), SRS).endswith(
        f"fewer than 1 calm session in {ROUND_ODDS[-2]} looks like this"
    )


def test_a_session_without_a_rating_says_only_that():
    gap = replace(DROP, rating=None, difference=None, state=State.NO_RATING)
    assert describe(gap, SRS) == "no rating for this session"


def test_ratings_that_are_back_are_not_called_settled():
    assert "does not say that it is settled" in describe(replace(DROP, state=State.BACK), SRS)


def test_every_state_has_a_word_of_its_own():
    assert len({state_word(state) for state in STATES}) == len(STATES)


def test_every_sentence_goes_through_translation():
    def shout(text: str) -> str:
        return (
            text.upper()
            .replace("%(GAP)S", "%(gap)s")
            .replace("%(LEVEL)S", "%(level)s")
            .replace("%(RANGE)S", "%(range)s")
            .replace("%(N)S", "%(n)s")
            .replace("%(SPAN)S", "%(span)s")
        )

    for state in STATES:
        for rating in (28.9, None):
            said = describe(replace(DROP, state=state, rating=rating, low_start=True), SRS, shout)
            assert said == said.upper()


def test_columns_and_single_findings_are_told_alike():
    scores, _ = simulated_scores(20, 30, seed=9)
    found = assess_all(ratings([*scores.tolist(), [None, 40, 40, 40, 40]]), ALLIANCE, population())
    assert list(describe_columns(found)) == [describe(one, ALLIANCE) for one in rows(found)]
