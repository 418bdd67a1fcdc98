"""Tables of a frame: counted again by hand, and nothing small in what they show."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accord.study.models.descriptives import HIDDEN, arms, outcomes
from accord.study.models.study_panel import Panel
from accord.study.release.released_frame import release
from accord.study.release.tables import ALL, alliance, events, flow, missing, write_tables
from tests.unit.study.frames import drawn

SIZES = st.dictionaries(st.sampled_from("ABC"), st.integers(10, 60), min_size=1, max_size=3)


def kept(seed, sizes):
    return release(drawn(seed, sizes), np.random.default_rng(seed)).frame


def rows_of(table):
    return [dict(zip(table.header, row, strict=True)) for row in table.rows]


def in_cell(frame, row):
    """Rows of the frame that a line of a table is about."""
    arm = frame.columns["arm"] == row["arm"] if row["arm"] != ALL else np.ones(len(frame), dtype=bool)
    quarter = row.get("quarter", ALL)
    return arm if quarter == ALL else arm & (frame.columns["start_day"] // 91 == quarter - 1)


def different(frame, rows):
    return len(set(frame.columns["client"][rows].tolist()))


@settings(max_examples=12, deadline=None)
@given(SIZES, st.integers(0, 10_000))
def test_every_count_that_is_shown_is_true_and_none_is_small(sizes, seed):
    frame = kept(seed, sizes)
    ends = {}
    for client, arm, end in zip(
        *(frame.columns[n].tolist() for n in ("client", "arm", "end_reason")), strict=True
    ):
        ends[client] = (arm, end or "ongoing")
    for row in rows_of(flow(frame)):
        true = sum(row["arm"] in (arm, ALL) and row["end"] in (end, ALL) for arm, end in ends.values())
        assert row["hidden"] or (row["people"] == true and not 0 < true < 10)
        assert not (row["hidden"] and row["people"] is not None)
    for row in rows_of(events(frame)):
        cell = in_cell(frame, row)
        count = frame.columns[row["kind"]]
        having = different(frame, cell & (count > 0))
        assert row["people"] == different(frame, cell) >= 10
        assert row["hidden"] or (row["events"] == count[cell].sum() and not 0 < having < 10)
        assert row["person_weeks"] == round(frame.columns["days"][cell].sum() / 7, 1)
    for row in rows_of(missing(frame)):
        cell = in_cell(frame, row)
        absent = frame.columns["missing_forms"]
        assert row["hidden"] or (
            row["missing"] == absent[cell].sum() and row["forms"] == frame.columns["forms"][cell].sum()
        )
        assert row["hidden"] or not 0 < different(frame, cell & (absent > 0)) < 10


@settings(max_examples=12, deadline=None)
@given(SIZES, st.integers(0, 10_000))
def test_levels_rest_on_enough_people_and_do_not_tell_of_a_few_who_never_rated(sizes, seed):
    frame = kept(seed, sizes)
    for row in rows_of(alliance(frame)):
        cell = in_cell(frame, row)
        value = frame.columns["alliance_client"]
        known = cell & ~np.isnan(value)
        people = different(frame, known)
        assert row["hidden"] == (people < 10)
        if row["hidden"]:
            assert row["mean"] is row["people"] is None
            continue
        never = different(frame, cell) - people
        assert row["people"] == (None if 0 < never < 10 else people)
        means = [
            value[known & (frame.columns["client"] == who)].mean()
            for who in set(frame.columns["client"][known])
        ]
        assert row["mean"] == pytest.approx(np.mean(means), abs=1e-4)
        assert row["sd_between"] == pytest.approx(np.std(means, ddof=1), abs=1e-4)


def test_a_rare_event_is_hidden_with_a_partner_so_that_the_year_does_not_give_it_away():
    frame = kept(5, {"A": 60})
    count = frame.columns["self_injury"]
    count[:] = 0.0
    first = frame.columns["period"] == 0
    count[first] = 1.0
    count[np.flatnonzero(frame.columns["period"] == 4)[:3]] = 1.0  # three people in the second quarter
    result = {row["quarter"]: row for row in rows_of(events(frame)) if row["kind"] == "self_injury"}
    assert (result[2]["hidden"], result[2]["events"], result[2]["per_100_person_weeks"]) == (1, None, None)
    assert result[1]["hidden"] or result[ALL]["hidden"]


def test_a_rate_is_events_by_hundred_person_weeks():
    frame = kept(5, {"A": 60})
    row = next(
        row for row in rows_of(events(frame)) if row["kind"] == "self_injury" and row["quarter"] == ALL
    )
    whole = frame.columns["self_injury"].sum() / (frame.columns["days"].sum() / 700)
    assert row["per_100_person_weeks"] == pytest.approx(whole, abs=1e-4)


def test_one_arm_has_no_line_for_all_arms_and_several_have_one():
    assert {row["arm"] for row in rows_of(flow(kept(1, {"A": 40})))} == {"A"}
    assert {row["arm"] for row in rows_of(flow(kept(1, {"A": 40, "B": 30})))} == {"A", "B", ALL}


@settings(max_examples=12, deadline=None)
@given(SIZES, st.integers(0, 10_000))
def test_the_report_hides_what_the_tables_hide(sizes, seed):
    frame = kept(seed, sizes)
    result = {(row["arm"], row["end"]): row["people"] for row in rows_of(flow(frame))}
    panel = Panel(frame)
    for arm in arms(panel):
        assert (HIDDEN if result[arm.name, ALL] is None else result[arm.name, ALL]) == arm.people
        for end, cell in arm.ends.items():
            assert (HIDDEN if result[arm.name, end] is None else result[arm.name, end]) == cell
    whole = ALL if len(sizes) > 1 and len({row["arm"] for row in rows_of(flow(frame))}) > 1 else None
    for outcome in outcomes(panel):
        lines = [
            row for row in rows_of(events(frame)) if row["kind"] == outcome.column and row["quarter"] == ALL
        ]
        for row in lines:
            if row["arm"] == whole or len(lines) == 1:
                assert outcome.total is None or outcome.total == row["events"]


def test_tables_are_written_with_empty_cells_for_what_is_hidden(tmp_path: Path):
    write_tables(tmp_path / "tables", kept(2, {"A": 40, "B": 12}))
    assert {path.name for path in (tmp_path / "tables").iterdir()} == {
        "flow.csv", "events.csv", "alliance.csv", "missing-forms.csv"
    }  # fmt: skip
    rows = list(csv.DictReader((tmp_path / "tables" / "flow.csv").read_text().splitlines()))
    assert {row["hidden"] for row in rows} == {"0", "1"}
    assert all((row["people"] == "") == (row["hidden"] == "1") for row in rows)
