"""Tasks know nothing of each other, and who runs them changes nothing."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from accord.benchmark import run as running
from accord.benchmark.judge import BENCH, judge
from accord.benchmark.run import Task, executor, judged, run, tasks
from accord.benchmark.tracker import DetectorOutput
from accord.errors import InputError

SMALL = tasks(["textbook", "null"], 12, 6, 2)


@pytest.fixture(scope="module")
def rows():
    return run(SMALL, "none")


def same(entry, other) -> bool:
    return repr(entry) == repr(other)


def test_other_processes_find_the_same_as_this_one(rows):
    assert same(run(SMALL, "processes"), rows)


def test_workers_that_end_in_another_order_find_the_same(rows, monkeypatch):
    monkeypatch.setattr(running, "executor", lambda _engine, _most: ThreadPoolExecutor(3))
    assert same(run(SMALL, "threads"), rows)


def test_a_scenario_is_the_same_whichever_others_are_run(rows):
    alone = run(tasks(["textbook"], 12, 6, 1), "none")
    assert same(alone, [row for row in rows if row.scenario == "textbook" and row.seed == 0])


def test_seeds_differ(rows):
    result = {row.seed: row.value for row in rows if (row.scenario, row.detector, row.measure) == (
        "textbook", "own-mean", "AUC")}  # fmt: skip
    assert len(result) == 2
    assert result[0] != result[1]


def test_a_task_that_fails_is_not_passed_over():
    with pytest.raises(KeyError):
        run([Task("none", "no such scenario", 1.0, 0, 5, 5)], "none")


def test_dask_that_is_not_installed_is_said_with_what_to_type(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"pip install '\.\[dask\]'"), executor("dask", 1):
        pass


def test_the_channels_are_also_judged_at_half_their_strength_and_at_none():
    todo = tasks(["channels"], 1500, 40, 3)
    labels = [(task.label, task.strength) for task in todo if not task.few and task.seed == 0]
    assert labels == [("channels", 1.0), ("channels-half", 0.5), ("channels-none", 0.0)]
    assert {task.few for task in todo} == {0, 20, 200}


def test_programmes_without_ruptures_are_small_and_learn_from_all_their_relationships():
    todo = tasks(["null"], 1500, 40, 3)
    assert [(task.relationships, task.few) for task in todo] == [(500, 0)] * 3


def test_learning_from_few_is_told_beside_the_reference():
    result = judged(Task("textbook", "textbook", 1.0, 0, 30, 8, few=20))
    shares = [row for row in result if row.measure == running.AGAINST_REFERENCE]
    assert [row.seed for row in shares] == list(range(running.FEW[20]))
    assert {row.detector for row in result} == {"tracker-20"}


def test_a_perfect_detector_finds_everything_with_no_false_alarm(textbook):
    truth = textbook.in_rupture.astype(float)
    said = DetectorOutput(truth, truth, own_line=0.5, probability=True)
    result = {
        (row.part, row.measure, row.at): row.value for row in judge(textbook, "textbook", 0, "perfect", said)
    }
    assert result["all", "AUC", ""] == 1
    assert result["all", "within 0", BENCH] == result["all", "found", "own"] == 1
    assert result["all", "median delay", BENCH] == 0
    assert result["all", "false alarms", "own"] == result["all", "Brier", ""] == 0
    assert result["p .9-1", "observed", ""] == 1
    assert result["shallow", "ruptures", BENCH] + result["middling", "ruptures", BENCH] + result[
        "deep", "ruptures", BENCH
    ] == len(textbook.episodes.start)


def test_parts_of_a_programme_have_their_own_false_alarms(textbook):
    alarm = (textbook.panel.session <= 4).astype(float)
    result = {
        (row.part, row.measure): row.value
        for row in judge(textbook, "textbook", 0, "early bird", DetectorOutput(alarm, alarm))
        if row.at == BENCH
    }
    assert result["later sessions", "false alarms"] == 0
    assert result["first 4 sessions", "false alarms"] > 0.03
    assert np.isnan(result["many forms missing", "found"])
