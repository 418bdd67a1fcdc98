from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from accord.columns import first_of_each, group_ids, lexsort_stable, to_steps, unique_inverse

INTS = st.lists(st.one_of(st.integers(-5, 5), st.integers(-(2**31), 2**31 - 1)), max_size=30)


@given(INTS)
def test_whole_numbers_are_told_apart_as_by_sorting(values):
    column = np.array(values, dtype=np.int64)
    result, place = unique_inverse(column)
    assert result.tolist() == sorted(set(values))
    assert result[place].tolist() == values


def test_a_column_with_few_values_keeps_its_kind():
    result, place = unique_inverse(np.array([True, False, True]))
    assert result.dtype == bool
    assert result[place].tolist() == [True, False, True]


def test_nan_is_one_value():
    result, place = unique_inverse(np.array([np.nan, 2.0, np.nan]))
    assert len(result) == 2
    assert place.tolist() == [1, 0, 1]


@given(npst.arrays(np.float64, st.integers(0, 20), elements=st.floats(-1e6, 1e6) | st.just(np.nan)))
def test_steps_are_the_numbers_rounded(values):
    steps = to_steps(values, 4)
    known = ~np.isnan(values)
    assert (steps[known] / 10.0**4 == np.round(values[known], 4)).all()
    assert not set(steps[~known].tolist()) & set(steps[known].tolist())


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3), st.booleans()), min_size=1, max_size=30))
def test_each_combination_is_told_once(rows):
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    first, place = group_ids(*columns)
    assert [rows[at] for at in first[place].tolist()] == rows
    assert len(first) == len(set(rows))
    assert first.tolist() == [rows.index(rows[at]) for at in first.tolist()]


@pytest.mark.parametrize("huge", [1, 2**40])  # beyond what one key can hold the slower way is taken
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(-2, 2)), min_size=1, max_size=30))
def test_rows_in_order_are_those_of_a_stable_sort(huge, rows):
    a, b = (np.array(column, dtype=np.int64) * huge for column in zip(*rows, strict=True))
    assert lexsort_stable(a, b).tolist() == sorted(range(len(rows)), key=lambda at: rows[at])


def test_no_rows_are_in_order_too():
    assert lexsort_stable(np.empty(0, np.int64), np.empty(0, np.int64)).tolist() == []


def test_the_first_row_of_each_group():
    assert first_of_each(np.array([4, 4, 7, 4, 4])).tolist() == [0, 0, 2, 3, 3]
    assert first_of_each(np.empty(0, np.int64)).tolist() == []
