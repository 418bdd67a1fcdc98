from __future__ import annotations

from dataclasses import replace

import pytest

from accord.records.ratings import STATES, Construct, Finding, Instrument, State
from accord.science.tracker.assess import assess_all
from accord.words.findings import describe, describe_columns, range_words, rows, session_word, state_word
from tests.support.courses import ALLIANCE, population, ratings, simulated_scores

SRS = Instrument("SRS", "1", "SRS", Construct.ALLIANCE, 0, 40)
DROP = Finding(7, None, 28.9, 32.5, 30.0, 35.0, 2.4, 0.7, State.RUPTURE, False, difference=-4.1)


def test_a_drop_is_described_in_the_instruments_units_with_the_chance_of_a_rupture():
    assert describe(DROP, SRS) == (
        "likely rupture; 4.1 points below their level of 33 (0-40); "
        "about 7 in 10 like this are a rupture, in simulated programmes"
    )


@pytest.mark.parametrize(
    ("p", "word", "chance"),
    [
        (0.93, "likely rupture", "about 9 in 10"),
        (0.97, "likely rupture", "more than 9 in 10"),
        (0.5, "likely rupture", "about 5 in 10"),
        (0.49, "possible rupture", "about 5 in 10"),
        (0.2, "possible rupture", "about 2 in 10"),
        (0.19, "unusual, though a rupture is improbable", "about 2 in 10"),
        (0.02, "unusual, though a rupture is improbable", "fewer than 1 in 10"),
    ],
)
def test_rupture_is_said_without_possible_only_where_it_is_as_likely_as_not(p, word, chance):
    finding = replace(DROP, p_rupture=p)
    assert session_word(finding) == word
    assert describe(finding, SRS).startswith(f"{word};")
    assert f"{chance} like this are a rupture, in simulated programmes" in describe(finding, SRS)


@pytest.mark.parametrize("p", [float("inf"), float("nan"), None])
def test_of_what_is_no_chance_none_is_said(p):
    assert "in 10" not in describe(replace(DROP, p_rupture=p), SRS)


def test_the_sentence_begins_with_what_spoke_loudest():
    finding = replace(DROP, also=("urge",), strongest="urge")
    assert describe(finding, SRS).startswith(
        "likely rupture; their urge to stop treatment was higher than usual; 4.1 points below"
    )
    assert describe(finding, SRS).count("urge") == 1
    said = (("rating", -0.4), ("clinician", 1.1), ("urge", 0.2))
    assert "; the clinician's own rating was lower than usual; 4.1 points" in describe(
        replace(DROP, said=said), SRS
    )


def test_nobody_is_given_odds_the_wrong_way_round():
    for state in STATES:
        assert "calm session" not in describe(replace(DROP, state=state), SRS)


def test_a_chance_is_said_of_alliance_as_a_rupture_and_of_anything_else_as_a_change():
    worse = describe(replace(DROP, state=State.WORSE), SRS)
    assert worse.endswith("about 7 in 10 like this are a change for the worse, in simulated programmes")


@pytest.mark.parametrize(
    ("usual", "lower_is_better", "words"),
    [
        ((24.0, 30.2), False, "4 of 5 ratings: 24-30"),
        ((38.5, 40.0), False, "usually at or near the top, 40"),
        ((0.0, 1.0), True, "usually at or near the bottom, 0"),
        ((38.5, 40.0), True, "4 of 5 ratings: 38-40"),
    ],
)
def test_where_ratings_usually_lie_is_said_in_their_own_units(usual, lower_is_better, words):
    assert range_words(usual, replace(SRS, lower_is_better=lower_is_better)) == words


def test_where_higher_is_worse_the_sentence_says_so():
    assert "(0-40, higher is worse)" in describe(DROP, replace(SRS, lower_is_better=True))


def test_small_scales_are_told_with_one_more_decimal():
    finding = replace(DROP, rating=1.8, difference=0.62)
    assert "0.62 points above their level of 1.2 (0-4)" in describe(finding, replace(SRS, high=4.0))


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
    result = assess_all(ratings([*scores.tolist(), [None, 40, 40, 40, 40]]), ALLIANCE, population())
    assert list(describe_columns(result)) == [describe(row, ALLIANCE) for row in rows(result)]
