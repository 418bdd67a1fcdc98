"""Scoring: the key, reversed items and missing answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from accord.records.ratings import Construct, Instrument, Item, Option, Scoring, Subscale
from accord.science import scoring

FIVE = tuple(Option(float(value)) for value in range(5))


def instrument(count=4, *, turned=(), scored=None, least=1.0, how=Scoring.SUM, options=FIVE):
    items = tuple(Item(n, f"item {n}", options, reversed=n in turned) for n in range(1, count + 1))
    return Instrument(
        "x", "1", "x", Construct.OTHER, 0, 4 * count, scoring=how, items=items,
        scored=scored or tuple(range(1, count + 1)), min_answered=least,
    )  # fmt: skip


def test_a_sum_adds_the_scored_items_only():
    assert scoring.score(instrument(scored=(1, 3)), {1: 4, 2: 4, 3: 1, 4: 4}) == 5


def test_a_mean_divides_by_what_was_answered():
    assert scoring.score(instrument(how=Scoring.MEAN, least=0.5), {1: 4, 2: 1, 3: 1}) == 2


def test_a_reversed_item_counts_from_the_other_end():
    assert scoring.score(instrument(turned=(2,)), {1: 4, 2: 4, 3: 0, 4: 0}) == 4


def test_a_reversed_item_of_a_scale_from_1_turns_within_its_own_options():
    seven = tuple(Option(float(value)) for value in range(1, 8))
    assert scoring.score(instrument(1, turned=(1,), options=seven), {1: 2}) == 6


def test_a_missing_answer_of_a_sum_counts_as_the_mean_of_the_others():
    assert scoring.score(instrument(least=0.75), {1: 4, 2: 1, 4: 1}) == 8


def test_too_few_answers_give_no_score_rather_than_a_low_one():
    assert scoring.score(instrument(least=0.75), {1: 4, 2: 1}) is None
    assert scoring.score(instrument(), {}) is None
    assert scoring.score(instrument(least=0.01), {}) is None


def test_nan_is_an_answer_not_given():
    assert scoring.score(instrument(least=0.75), {1: 4, 2: 1, 3: float("nan"), 4: 1}) == 8


@pytest.mark.parametrize(
    ("share", "count", "needed"),
    [(0.9, 23, 21), (0.77, 9, 7), (0.8, 5, 4), (1, 12, 12), (0.7, 10, 7), (0.01, 9, 1)],
)
def test_the_share_is_rounded_up_to_whole_answers(share, count, needed):
    assert scoring.needed(instrument(least=share), count) == needed


def test_subscales_follow_the_rule_of_the_score():
    result = replace(
        instrument(least=0.5, turned=(2,)), subscales=(Subscale("first", (1, 2)), Subscale("rest", (3, 4)))
    )
    assert scoring.subscales(result, {1: 4, 2: 1}) == {"first": 7, "rest": None}
    assert scoring.subscales(result, {1: 4, 4: 3}) == {"first": 8, "rest": 6}


@pytest.mark.parametrize("value", [5, -1, 2.5, float("inf"), "3", None])
def test_a_value_that_is_no_option_is_refused_with_the_item_and_the_options(value):
    with pytest.raises(ValueError, match=r"item 2 \(item 2\) was answered .*; it takes 0, 1, 2, 3, 4"):
        scoring.score(instrument(), {1: 0, 2: value})


def test_an_answer_that_does_not_count_is_still_checked():
    with pytest.raises(ValueError, match="item 4"):
        scoring.score(instrument(scored=(1,)), {1: 0, 4: 9})


def test_an_item_that_is_not_there_is_refused():
    with pytest.raises(ValueError, match="x has no item 5; its items are 1 to 4"):
        scoring.score(instrument(), {5: 0})


def test_a_total_has_no_answers_to_score():
    total = Instrument("line", "1", "line", Construct.OTHER, 0, 10)
    with pytest.raises(ValueError, match="line comes as a total"):
        scoring.score(total, {})
    with pytest.raises(ValueError, match="line comes as a total"):
        scoring.score_columns(total, np.zeros((1, 1)))


@st.composite
def forms(draw):
    """An instrument and forms filled in it; halves and quarters, so that every sum is exact."""
    low = draw(st.integers(-3, 3))
    options = tuple(Option(low + 0.25 * step) for step in range(draw(st.integers(2, 7))))
    count = draw(st.integers(1, 8))
    numbers = list(range(1, count + 1))
    result = instrument(
        count,
        turned=draw(st.sets(st.sampled_from(numbers))),
        scored=tuple(sorted(draw(st.sets(st.sampled_from(numbers), min_size=1)))),
        least=draw(st.floats(0.01, 1)),
        how=draw(st.sampled_from([Scoring.SUM, Scoring.MEAN])),
        options=options,
    )
    answer = st.sampled_from([option.value for option in options] + [np.nan])
    rows = draw(st.lists(st.lists(answer, min_size=count, max_size=count), max_size=6))
    return result, np.array(rows, dtype=float).reshape(len(rows), count)


@given(forms())
def test_columns_of_forms_score_as_each_form_alone(drawn):
    instrument, rows = drawn
    alone = [scoring.score(instrument, dict(enumerate(row, 1))) for row in rows]
    expected = np.array([np.nan if value is None else value for value in alone], dtype=float)
    np.testing.assert_array_equal(scoring.score_columns(instrument, rows), expected)


@given(forms())
def test_a_score_lies_within_what_the_options_can_give(drawn):
    instrument, rows = drawn
    options = [option.value for option in instrument.items[0].options]
    count = 1 if instrument.scoring is Scoring.MEAN else len(instrument.scored)
    scores = scoring.score_columns(instrument, rows)
    known = scores[~np.isnan(scores)]
    assert np.all((known >= count * options[0] - 1e-9) & (known <= count * options[-1] + 1e-9))


def test_columns_that_are_not_there_are_items_nobody_answered():
    rows = np.array([[4.0, 1.0, 1.0]])
    assert scoring.score_columns(instrument(least=0.75), rows).tolist() == [8]
    assert np.isnan(scoring.score_columns(instrument(), rows)).all()


def test_columns_beyond_the_last_item_have_to_be_empty():
    rows = np.array([[1.0, 1, 1, 1, np.nan], [2, 2, 2, 2, np.nan]])
    assert scoring.score_columns(instrument(), rows).tolist() == [4, 8]
    rows[1, 4] = 0
    with pytest.raises(ValueError, match="x has no item 5"):
        scoring.score_columns(instrument(), rows)


def test_a_column_with_a_value_that_is_no_option_names_the_row_too():
    rows = np.array([[1.0, 1, 1, 1], [1, 1, 7, 1]])
    with pytest.raises(ValueError, match=r"row 1: item 3 \(item 3\) was answered 7; it takes 0, 1, 2, 3, 4"):
        scoring.score_columns(instrument(), rows)


def test_no_forms_give_no_scores():
    assert scoring.score_columns(instrument(), np.empty((0, 4))).shape == (0,)


def test_one_row_without_its_second_dimension_is_refused():
    with pytest.raises(ValueError, match="two dimensions"):
        scoring.score_columns(instrument(), np.zeros(4))


def test_scoring_leaves_the_table_as_it_was():
    rows = np.array([[1.0, 2, 3, 4]])
    scoring.score_columns(instrument(turned=(1, 2)), rows)
    assert rows.tolist() == [[1, 2, 3, 4]]
