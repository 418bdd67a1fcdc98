"""The same arguments give the same programme, in order, with the truth beside it."""

from __future__ import annotations

import csv
from dataclasses import fields, replace

import numpy as np
import pytest

from accord.errors import InputError
from accord.instruments.catalogue import catalogue
from accord.simulator.generate import simulate
from accord.simulator.scenarios import SCENARIOS, Channel
from accord.simulator.truth import COLUMNS, write_truth

PINNED = [38, 47, 44, 39, 42, 35, 34, 40, 42, 44, 38, 45]  # textbook, 3 clients, 4 sessions, seed 1


def columns_of(part):
    result = {field.name: getattr(part, field.name) for field in fields(part)}
    return {name: value for name, value in result.items() if isinstance(value, np.ndarray)}


def same(entry, other):
    mine, theirs = columns_of(entry), columns_of(other)
    return all(np.array_equal(mine[name], theirs[name], equal_nan=True) for name in mine)


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_the_same_arguments_give_the_same_columns(scenario):
    programme, other = (
        simulate(scenario, clients=30, sessions=12, seed=7, instruments=catalogue()) for _ in range(2)
    )
    assert same(programme.ratings, other.ratings)
    assert same(programme.truth, other.truth)
    assert same(programme.engagements, other.engagements)
    if programme.events is not None:
        assert same(programme.events, other.events)


def test_another_seed_gives_other_ratings(run):
    programme, other = run("textbook", 30, 12, 1), run("textbook", 30, 12, 2)
    assert not np.array_equal(programme.ratings.score, other.ratings.score)


def test_a_seed_means_the_same_programme_on_every_machine(run):
    score = run("textbook", 3, 4, 1).ratings.score
    assert score.astype(int).tolist() == PINNED


def test_one_channel_more_leaves_the_others_as_they_were(run):
    usual = SCENARIOS["channels"]
    alone = run(replace(usual, channels=(Channel.PROBE,)), 200, 20)
    more = run(replace(usual, channels=(Channel.PROBE, Channel.URGE, Channel.CLINICIAN)), 200, 20)
    assert same(alone.truth, more.truth)
    for instrument in ("WAI-SR", "rupture-probe"):
        mine, theirs = (series(programme.ratings, instrument) for programme in (alone, more))
        assert np.array_equal(mine, theirs, equal_nan=True)


def series(ratings, instrument):
    code = [instrument.id for instrument in ratings.instruments].index(instrument)
    return ratings.score[(ratings.instrument == code) & (ratings.rater == 0)]


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_rows_are_ordered_and_numbered_as_lines_of_a_file(run, scenario):
    ratings = run(scenario, 60, 20).ratings
    order = np.lexsort(
        (ratings.rater, ratings.instrument, ratings.session, ratings.clinician, ratings.client)
    )
    assert np.array_equal(order, np.arange(len(ratings)))
    assert np.array_equal(ratings.line, np.arange(2, len(ratings) + 2))
    assert list(ratings.clients) == sorted(ratings.clients)
    assert list(ratings.clinicians) == sorted(ratings.clinicians)
    ids = [instrument.id.casefold() for instrument in ratings.instruments]
    assert ids == sorted(ids)


def test_columns_have_the_types_that_the_records_promise(run):
    ratings = run("programme", 20, 10).ratings
    types = {name: str(column.dtype) for name, column in columns_of(ratings).items()}
    assert types == {
        "client": "int32", "clinician": "int32", "session": "int32", "day": "int32", "rater": "int8",
        "instrument": "int16", "score": "float64", "line": "int64", "items": "float64",
    }  # fmt: skip


def test_a_scenario_has_its_own_size_unless_asked_otherwise(run):
    assert len(run("programme", None, None).ratings.clients) == 101
    assert len(run("textbook", None, None).ratings) == 100 * 40


@pytest.mark.parametrize(
    ("arguments", "result"),
    [
        ({"clients": 0}, "clients"),
        ({"sessions": 0}, "sessions"),
        ({"seed": -1}, "seed"),
        ({"scenario": "tekstbook"}, "tekstbook"),
        ({"instruments": {}}, "WAI-SR"),
    ],
)
def test_what_cannot_be_simulated_is_refused_by_name(arguments, result):
    usual = {"scenario": "textbook", "clients": 5, "sessions": 5, "seed": 1, "instruments": catalogue()}
    wanted = usual | arguments
    with pytest.raises(InputError, match=result):
        simulate(wanted.pop("scenario"), **wanted)


def test_an_unknown_scenario_is_answered_with_the_known_ones():
    with pytest.raises(InputError, match="textbook, ceiling, gradual"):
        simulate("x", instruments=catalogue())


def test_the_written_truth_has_a_row_for_every_session(run, tmp_path):
    truth = run("channels", 40, 10).truth
    write_truth(tmp_path / "truth.csv", truth)
    with (tmp_path / "truth.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == len(truth)
    assert [int(row["in_rupture"]) for row in rows] == truth.in_rupture.tolist()
    assert [float(row["level"]) for row in rows] == pytest.approx(truth.level.tolist(), abs=1e-4)
    assert rows[0]["client"] == "C001"
    assert rows[0]["date"].startswith("2025-01-")
    assert {row["kind"] for row in rows} == {"", "withdrawal", "confrontation"}
    assert [path.name for path in tmp_path.iterdir()] == ["truth.csv"]


def test_a_truth_that_cannot_be_written_leaves_nothing_behind(run, tmp_path):
    (tmp_path / "truth.csv").mkdir()
    with pytest.raises(OSError, match="truth"):
        write_truth(tmp_path / "truth.csv", run("textbook", 5, 5).truth)
    assert [path.name for path in tmp_path.iterdir()] == ["truth.csv"]
