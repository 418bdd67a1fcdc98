"""Rows and what is known at them, against the obvious slow way; and nothing of the future in them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from accord.science.dropout.covariates import NAMES, basis, covariates
from accord.science.dropout.definition import Definition, followed
from accord.science.dropout.leakage import Leak, refuse_leaks
from accord.science.dropout.model import prepare
from accord.science.dropout.record import CAME, MISSED, OUTPATIENT, RESIDENCE, End
from accord.science.dropout.risk_set import LEFT, OTHERWISE, STILL, rows
from tests.support.dropout_records import by_hand, programme, record_of
from tests.support.slow_dropout import slow_covariates, slow_rows


@pytest.fixture(scope="module")
def record():
    return record_of(programme(40, seed=4))


@pytest.mark.parametrize("setting", [OUTPATIENT, RESIDENCE])
def test_rows_are_those_of_the_slow_way(record, setting):
    result = followed(record, Definition())
    shown = rows(record, result, setting.step)
    slow = np.array(slow_rows(record, result, setting.step))
    assert np.array_equal(np.column_stack([shown.client, shown.day, shown.days, shown.status]), slow)
    assert {STILL, LEFT} <= set(shown.status)


@pytest.mark.parametrize("setting", [OUTPATIENT, RESIDENCE])
def test_covariates_are_those_of_the_slow_way(record, setting):
    late = replace(record, known=record.day + np.random.default_rng(1).integers(0, 2, len(record.day)))
    known = prepare(late, Definition(), setting)
    for row in np.random.default_rng(0).permutation(len(known.rows))[:60]:
        client, day = known.rows.client[row], known.rows.day[row]
        slow = slow_covariates(late, known.followed, client, day, setting, known.basis)
        assert known.x[row] == pytest.approx([slow[name] for name in NAMES])


def test_a_row_begins_with_a_contact_that_took_place_and_the_last_one_is_the_event():
    record = by_hand(["+0 +3 +7 -14 +15 -22 -23 -24 -25"], until=200)
    result = rows(record, followed(record, Definition()), 7)
    assert result.day.tolist() == [0, 7, 15]
    assert result.days.tolist() == [16, 9, 1]
    assert set(result.status) == {LEFT}


def test_other_ends_are_told_apart_from_leaving():
    record = by_hand(["+0 +7", "+0 +7"], ends={0: (End.COMPLETED, 10), 1: (End.LEFT, 10)}, until=200)
    result = rows(record, followed(record, Definition()), 7)
    assert result.status.tolist() == [OTHERWISE, OTHERWISE, LEFT, LEFT]


def test_a_form_that_came_after_the_grace_is_not_known():
    on_time, late = (
        by_hand(["+0 +7"], until=100, ratings={(0, 0): 0.9, (0, 7): 0.1}, known={(0, 7): day})
        for day in (9, 10)
    )
    known = replace(basis(on_time), level=0.5, sd_between=0.2, sd_within=0.1)
    at = np.array([0]), np.array([0]), np.array([7])
    levels = [
        covariates(client, *at, OUTPATIENT, known)[0, NAMES.index("level")] for client in (on_time, late)
    ]
    assert levels[0] == pytest.approx(0.0)
    assert levels[1] > 0.5


def builder(of, column=None):
    """Covariates as the model makes them, and one more made by `column`."""

    def build(record, client, day):
        result = followed(record, Definition())
        x = covariates(record, result.first, client, day, OUTPATIENT, of.basis)
        return x if column is None else np.column_stack([x, column(record, client, day)])

    return build


def test_no_covariate_sees_the_future(record):
    of = prepare(record, Definition(), OUTPATIENT)
    refuse_leaks(builder(of), NAMES, record, of.rows, OUTPATIENT, np.random.default_rng(1))


def missed_ahead(record, client, day):
    """Planted: contacts missed in the four weeks to come."""
    return [
        float(((record.client == item) & (record.came == MISSED) & (record.day > when)).sum())
        for item, when in zip(client, day, strict=True)
    ]


def whole_mean(record, client, day):
    """Planted: a mean over the whole course, which is what a person mean easily becomes."""
    return [np.nanmean(np.append(record.alliance[(record.client == item)], 0.0)) for item in client]


def last_flag(record, client, day):
    """Planted: whether it is the last contact they came to."""
    came = record.came == CAME
    return [
        float(not (came & (record.client == item) & (record.day > when)).any())
        for item, when in zip(client, day, strict=True)
    ]


@pytest.mark.parametrize("leak", [missed_ahead, whole_mean, last_flag])
def test_a_covariate_that_sees_the_future_is_caught_by_name(record, leak):
    of = prepare(record, Definition(), OUTPATIENT)
    with pytest.raises(Leak) as caught:
        refuse_leaks(
            builder(of, leak), (*NAMES, "planted"), record, of.rows, OUTPATIENT, np.random.default_rng(1)
        )
    assert caught.value.names == ("planted",)


def test_a_record_cut_off_at_a_day_holds_nothing_later():
    record = by_hand(
        ["+0 +7 -9"], until=100, ratings={(0, 7): 0.4}, known={(0, 7): 12}, ends={0: (End.LEFT, 7)}
    )
    cut = record.as_known(8)
    assert (cut.until, cut.day.tolist(), np.isnan(cut.alliance).all()) == (8, [0, 7], True)
    assert cut.as_known(5).end[0] == End.ONGOING
