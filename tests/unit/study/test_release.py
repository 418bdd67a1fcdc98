"""The frame that leaves: no codes, no small groups, and otherwise the same rows."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.errors import InputError
from accord.study.release.released_frame import OTHER_ARMS, release
from tests.unit.study.frames import drawn

CARRIED = ("start_day", "days", "left", "sessions", "forms", "missing_forms", "attempt", "self_injury")


def people(frame):
    """People of each arm and period."""
    keys = zip(frame.columns["arm"].tolist(), frame.columns["period"].tolist(), strict=True)
    return Counter(keys)


SIZES = st.dictionaries(st.sampled_from("ABCDE"), st.integers(1, 40), min_size=1, max_size=5)


@settings(max_examples=60, deadline=None)
@given(SIZES, st.integers(0, 10_000), st.sampled_from([10, 15]))
def test_no_arm_and_no_period_of_an_arm_has_fewer_than_k_people(sizes, seed, k):
    frame = drawn(seed, sizes, k=k)
    if max(sizes.values()) < k and sum(sizes.values()) < k:
        with pytest.raises(InputError, match=f"at least {k} people"):
            release(frame, np.random.default_rng(seed))
        return
    kept = release(frame, np.random.default_rng(seed)).frame
    assert min(people(kept).values()) >= k
    assert len(set(kept.columns["client"])) >= k


@settings(max_examples=40, deadline=None)
@given(SIZES.filter(lambda sizes: max(sizes.values()) >= 10), st.integers(0, 10_000))
def test_no_code_of_the_files_is_left_and_a_persons_rows_stay_together(sizes, seed):
    frame = drawn(seed, sizes)
    kept = release(frame, np.random.default_rng(seed + 1)).frame
    texts = {
        str(text) for column in kept.columns.values() if column.dtype == object for text in column.tolist()
    }
    assert not any("client-" in text or "clinician-" in text for text in texts)
    whole = Counter(zip(*(frame.columns[name].tolist() for name in CARRIED), strict=True))
    some = Counter(zip(*(kept.columns[name].tolist() for name in CARRIED), strict=True))
    assert not some - whole
    client, period = kept.columns["client"], kept.columns["period"]
    again = client[1:] == client[:-1]
    assert (period[1:][again] == period[:-1][again] + 1).all()
    assert (period[1:][~again] == 0).all()
    assert len(set(client.tolist())) == (~again).sum() + 1


def test_ids_and_order_are_drawn_and_tell_nothing_of_the_codes():
    frame = drawn(1, {"A": 120}, lengths=[1 + who % 8 for who in range(120)])
    first, again = (release(frame, np.random.default_rng(seed)).frame for seed in (1, 2))
    days = [item.columns["days"].tolist() for item in (frame, first, again)]
    assert sorted(days[0]) == sorted(days[1]) == sorted(days[2])
    assert days[0] != days[1] != days[2]


def test_a_clinician_has_one_id_in_all_three_columns():
    frame = drawn(3, {"A": 40})
    names = ("clinician", "clinician_2", "clinician_3")
    for name in names:
        frame.columns[name][:] = frame.columns["clinician"]
    kept = release(frame, np.random.default_rng(1)).frame
    for name in names[1:]:
        assert kept.columns[name].tolist() == kept.columns["clinician"].tolist()
    assert len(set(kept.columns["clinician"])) == 9


def test_of_fewer_than_five_clinicians_none_is_told():
    for clinicians, expected in ((4, False), (5, True)):
        result = release(drawn(3, {"A": 40}, clinicians=clinicians), np.random.default_rng(1))
        assert result.clinicians is expected
        assert (result.frame.columns["weight_1"] > 0).all() == expected
        assert (result.frame.columns["clinician"] != "").all() == expected


def test_small_arms_come_together_where_they_are_enough_and_are_left_out_where_not():
    together = release(drawn(1, {"A": 30, "B": 6, "C": 7}), np.random.default_rng(1))
    assert (together.together, together.dropped) == (True, False)
    assert set(together.frame.columns["arm"]) == {"A", OTHER_ARMS}
    alone = release(drawn(1, {"A": 30, "B": 6}), np.random.default_rng(1))
    assert (alone.together, alone.dropped) == (False, True)
    assert set(alone.frame.columns["arm"]) == {"A"}


def test_late_periods_that_few_reach_are_cut_in_that_arm_only():
    lengths = [8] * 30 + [3] * 12 + [8] * 9
    result = release(drawn(1, {"A": 30, "B": 21}, lengths=lengths), np.random.default_rng(1))
    assert result.cut == {"B": 2}
    periods = {arm: max(p for a, p in people(result.frame) if a == arm) for arm in "AB"}
    assert periods == {"A": 7, "B": 2}
