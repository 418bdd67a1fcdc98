"""Forms given item by item: checked against the instrument's options, scored, compared with a given score."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from accord.errors import InputError
from accord.exchange.reading import Reading

ITEMS = ",".join(f"item_{number}" for number in range(1, 10))
HEADER = f"client,session,instrument,score,{ITEMS}"
NO_SCORE = f"client,session,instrument,{ITEMS}"
Refused = Callable[..., InputError]
Read = Callable[..., Reading]


def test_items_are_scored(read: Read) -> None:
    ratings = read("A,1,PHQ-9,1,2,3,0,1,2,3,0,1", header=NO_SCORE).ratings
    assert ratings.score.tolist() == [13]
    assert ratings.items is not None
    assert ratings.items.tolist() == [[1, 2, 3, 0, 1, 2, 3, 0, 1]]


def test_columns_of_items_may_stand_in_any_order(read: Read) -> None:
    ratings = read("A,3,2,1,PHQ-9", header="client,item_2,item_1,session,instrument").ratings
    assert ratings.items is not None
    assert ratings.items.tolist() == [[2, 3]]


def test_a_score_that_agrees_with_its_items_is_taken_and_one_that_does_not_is_refused(
    read: Read, refused: Refused
) -> None:
    assert read("A,1,PHQ-9,9,1,1,1,1,1,1,1,1,1", header=HEADER).ratings.score.tolist() == [9]
    error = refused("A,1,PHQ-9,10,1,1,1,1,1,1,1,1,1", header=HEADER)
    assert (error.row, error.column, error.found) == (2, "score", "'10'")
    assert error.expected == "9, the score of its items"


def test_an_answer_that_is_no_option_is_refused(refused: Refused) -> None:
    error = refused("A,1,PHQ-9,,1,1,1,1,4,1,1,1,1", header=HEADER)
    assert (error.row, error.column, error.found) == (2, "item_5", "'4'")
    assert "0, 1, 2, 3 (PHQ-9)" in error.expected


def test_items_of_a_scale_known_by_its_total_are_refused(refused: Refused) -> None:
    error = refused("A,1,SRS,30,1,,,,,,,,", header=HEADER)
    assert (error.column, error.found) == ("item_1", "'1'")
    assert "accord knows 0 items of SRS" in error.expected


def test_forms_with_and_without_items_stand_in_one_file(read: Read) -> None:
    ratings = read("A,1,PHQ-9,,1,1,1,1,1,1,1,1,1", "A,2,SRS,30,,,,,,,,,", "A,3,SRS,,,,,,,,,,", header=HEADER)
    np.testing.assert_array_equal(ratings.ratings.score, [9, 30, np.nan])


def test_a_text_in_an_item_is_refused_also_beside_an_unknown_instrument(read: Read) -> None:
    reading = read("A,1,XYZ,,x,1,1,1,1,1,1,1,1", "A,1,SRS,3,,,,,,,,,", header=HEADER, skip_bad=True)
    assert [(cell.row, cell.column) for cell in reading.bad] == [(2, "instrument")]
