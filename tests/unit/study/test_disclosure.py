"""No hidden cell can be worked out: by a solver that tries every table there could be."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.study.release.disclosure import bounds, small, suppress, with_sums


def ranges(shown, k):
    """What each hidden cell could be, by trying all tables within k of the true one.

    Shown cells and sums stay as they are. A wider range than this one could only be safer.
    """
    counts, hidden = shown.counts, shown.hidden
    inner = counts[:-1, :-1]
    free = np.argwhere(hidden[:-1, :-1])
    values = [np.arange(max(inner[row, at] - k, 0), inner[row, at] + k + 1) for row, at in free]
    grid = np.meshgrid(*values, indexing="ij") if values else []
    tries = np.broadcast_to(inner, (int(np.prod([len(value) for value in values])), *inner.shape)).copy()
    for (row, at), cell in zip(free, grid, strict=True):
        tries[:, row, at] = cell.ravel()
    whole = np.zeros((len(tries), *counts.shape), dtype=np.int64)
    whole[:, :-1, :-1] = tries
    whole[:, -1, :-1], whole[:, :-1, -1] = tries.sum(axis=1), tries.sum(axis=2)
    whole[:, -1, -1] = tries.sum(axis=(1, 2))
    possible = whole[(whole[:, ~hidden] == counts[~hidden]).all(axis=1)]
    return {
        (row, at): (int(possible[:, row, at].min()), int(possible[:, row, at].max()))
        for row, at in np.argwhere(hidden).tolist()
    }


def safe(shown, k):
    return all(high - low >= k for low, high in ranges(shown, k).values())


TABLES = st.tuples(st.integers(1, 2), st.integers(1, 3)).flatmap(
    lambda shape: st.lists(
        st.lists(st.integers(0, 9), min_size=shape[1], max_size=shape[1]),
        min_size=shape[0],
        max_size=shape[0],
    )
)


@settings(max_examples=100)
@given(TABLES, st.integers(2, 3))
def test_no_hidden_cell_can_be_narrowed_to_fewer_values_than_k(table, k):
    shown = suppress(np.array(table), k)
    assert shown.hidden[small(shown.counts, k)].all()
    assert safe(shown, k)


@settings(max_examples=60)
@given(TABLES, st.randoms(use_true_random=False))
def test_nor_where_others_say_which_cells_to_hide(table, chance):
    inner, k = np.array(table), 2
    primary = np.array(
        [[chance.random() < 0.3 for _ in range(inner.shape[1] + 1)] for _ in range(len(inner) + 1)]
    )
    shown = suppress(inner, k, primary)
    assert shown.hidden[primary].all()
    assert safe(shown, k)


@settings(max_examples=60)
@given(TABLES)
def test_the_linear_programs_find_no_less_than_trying_all_tables(table):
    shown = suppress(np.array(table), 3)
    for cell, (low, high) in ranges(shown, 3).items():
        least, most = bounds(shown.counts, shown.hidden, cell)
        assert least <= low + 1e-6
        assert most >= high - 1e-6


def test_hiding_small_cells_alone_would_be_seen_to_give_them_away():
    counts = with_sums(np.array([[3, 20, 15], [15, 22, 30]]))
    alone = suppress(np.array([[30]]), 10)
    alone = type(alone)(counts, small(counts, 10))
    assert ranges(alone, 10) == {(0, 0): (3, 3)}
    assert bounds(counts, alone.hidden, (0, 0)) == (3, 3)
    assert not safe(alone, 10)


def test_a_small_cell_takes_the_smallest_partners_with_it_and_no_more():
    shown = suppress(np.array([[3, 20, 15], [15, 22, 30]]), 10)
    assert np.argwhere(shown.hidden).tolist() == [[0, 0], [0, 2], [1, 0], [1, 2]]
    assert bounds(shown.counts, shown.hidden, (0, 0)) == (0, 18)


def test_a_flow_of_five_arms_keeps_most_of_its_cells():
    inner = np.random.default_rng(1).integers(12, 90, (5, 7))
    inner[0, 1] = inner[3, 4] = 4
    shown = suppress(inner, 10)
    assert shown.hidden.sum() <= 8
    assert not shown.hidden[-1].any()


def test_a_table_without_small_cells_is_shown_whole():
    assert not suppress(np.array([[10, 0, 40], [12, 0, 11]]), 10).hidden.any()


@pytest.mark.parametrize("table", [[[3]], [[0, 4]], [[1, 1], [1, 1]]])
def test_of_fewer_people_than_k_nothing_is_shown_that_could_tell_them(table):
    shown = suppress(np.array(table), 10)
    assert shown.hidden[-1, -1]
    assert safe(shown, 10)
