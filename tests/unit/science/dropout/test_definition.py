"""When somebody has left: small records written by hand."""

from __future__ import annotations

import pytest

from accord.records.ratings import NO_DAY
from accord.science.dropout.definition import Definition, followed, run_outcomes
from accord.science.dropout.record import End
from tests.support.dropout_records import by_hand

FOUR = Definition(missed=4, days=28)


def test_who_missed_four_in_a_row_has_left_on_the_last_day_they_came():
    result = followed(by_hand(["+7 +14 -21 -23 -25 -27"], until=200), FOUR)
    assert (result.end[0], result.end_day[0]) == (End.LEFT, 14)


def test_three_missed_are_a_run_and_not_an_end():
    result = followed(by_hand(["+7 +14 -21 -23 -25"], until=200), FOUR)
    assert result.end[0] == End.ONGOING
    assert (result.runs.missed[0], result.runs.days[0]) == (3, 11)


def test_all_missed_for_28_days_is_enough():
    assert followed(by_hand(["+7 -21 -35"], until=200), FOUR).end[0] == End.LEFT
    assert followed(by_hand(["+7 -21 -34"], until=200), FOUR).end[0] == End.ONGOING


def test_weeks_in_which_nothing_was_planned_are_not_missed():
    assert followed(by_hand(["+7"], until=200), FOUR).end[0] == End.ONGOING


def test_announced_absences_neither_count_nor_end_a_run():
    result = followed(by_hand(["+7 -14 o15 -16 o17 -18"], until=200), FOUR)
    assert (result.end[0], result.runs.missed[0]) == (End.ONGOING, 3)


def test_who_comes_back_has_not_left():
    result = followed(by_hand(["+7 -14 -15 -16 -17 -18 +30"], until=200), FOUR)
    assert (result.end[0], result.last[0]) == (End.ONGOING, 30)


def test_put_out_by_a_rule_is_coded_apart_and_can_be_analysed_as_leaving():
    record = by_hand(["+7 -8 -9 -10 -11"], ends={0: (End.DISCHARGED, 20)}, until=200)
    assert followed(record, FOUR).end[0] == End.PUT_OUT
    result = followed(record, Definition(put_out_counts=True))
    assert (result.end[0], result.end_day[0]) == (End.LEFT, 7)


def test_a_discharge_for_another_reason_stays_one():
    record = by_hand(["+7 +14 -16"], ends={0: (End.DISCHARGED, 20)}, until=200)
    result = followed(record, FOUR)
    assert (result.end[0], result.end_day[0]) == (End.DISCHARGED, 20)


@pytest.mark.parametrize("end", [End.COMPLETED, End.AGREED, End.TRANSFER, End.HOSPITAL, End.DIED])
def test_every_other_end_stays_what_it_is_whatever_was_missed(end):
    record = by_hand(["+7 -8 -9 -10 -11"], ends={0: (end, 20)}, until=200)
    assert followed(record, FOUR).end[0] == end


def test_who_was_written_down_as_having_left_left_on_the_last_day_they_came():
    record = by_hand(["+7 +14 -21"], ends={0: (End.LEFT, 25)}, until=200)
    result = followed(record, FOUR)
    assert (result.end[0], result.end_day[0]) == (End.LEFT, 14)


def test_a_contact_after_the_written_end_is_not_counted():
    record = by_hand(["+7 +14 +60"], ends={0: (End.LEFT, 20)}, until=200)
    assert followed(record, FOUR).last[0] == 14


def test_who_never_came_was_never_in_treatment():
    result = followed(by_hand(["-7 -8 -9 -10"], until=200), FOUR)
    assert (result.first[0], result.end[0]) == (NO_DAY, End.ONGOING)


def test_where_no_misses_are_recorded_silence_can_be_the_definition():
    record = by_hand(["+7 +14"], until=200)
    assert followed(record, Definition(silent=60)).end[0] == End.LEFT
    assert followed(record, Definition(silent=190)).end[0] == End.ONGOING


def test_the_last_days_in_which_a_run_may_be_under_way_are_not_used():
    result = followed(by_hand(["+7 +190 -199"], until=200), FOUR)
    assert result.closed == 172
    assert result.last_known[0] == 172


def test_nobody_is_taken_to_be_in_treatment_beyond_the_last_contact_known_of():
    assert followed(by_hand(["+7 +50 -60"], until=200), FOUR).last_known[0] == 60


def test_runs_tell_how_many_came_back_and_how_many_had_left():
    record = by_hand(["+1 -2 +3 -4 -5 +6", "+1 -2 -3 -4 -5", "+1 +2 -3"], until=100)
    result = [
        (run.missed, run.reached, run.came_back, run.left)
        for run in run_outcomes(record, followed(record, FOUR), 3)
    ]
    assert result == [(1, 4, 2, 1), (2, 2, 1, 1), (3, 1, 0, 1)]
