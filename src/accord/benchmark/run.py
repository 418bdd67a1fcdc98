"""The whole benchmark as tasks that know nothing of each other, run by any executor of concurrent.futures."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any, NamedTuple
from zlib import crc32

import numpy as np

from accord.benchmark.case import Case, draw
from accord.benchmark.detectors import DETECTORS, DROP, REFERENCE, TRACKER
from accord.benchmark.judge import BENCH, RATES, Row, auc_of, judge, recall_at
from accord.benchmark.tracker import DetectorOutput, learned_from
from accord.errors import InputError, how_to_install
from accord.science import measures
from accord.simulator.scenarios import SCENARIOS, Scenario, with_channel_strength

ENGINES = ("processes", "dask", "none")
STRENGTHS = {"channels-half": 0.5, "channels-none": 0.0}  # what ruptures do to every channel but the rating
CHANNELS, NULL = "channels", "null"
NULL_RELATIONSHIPS = 500
FEW = {20: 6, 200: 3}  # relationships learned from, and how often so few are drawn
AGAINST_REFERENCE = "share of the reference's found"
AT_THE_DROPS = "false alarms to find what the drop finds"


class Task(NamedTuple):
    """One programme to simulate and judge. `few`: learn from that many of its relationships instead."""

    label: str
    scenario: str
    strength: float
    seed: int
    relationships: int
    sessions: int
    few: int = 0


def tasks(scenarios: Sequence[str], relationships: int, sessions: int, seeds: int) -> list[Task]:
    """Every programme, the longest to judge first so that no worker is left with one at the end."""
    result = []
    for scenario in scenarios:
        size = min(relationships, NULL_RELATIONSHIPS) if scenario == NULL else relationships
        variants = {scenario: 1.0} | (STRENGTHS if scenario == CHANNELS else {})
        result += [
            Task(label, scenario, strength, seed, size, sessions)
            for label, strength in variants.items()
            for seed in range(seeds)
        ]
        if scenario != NULL:
            result += [Task(scenario, scenario, 1.0, 0, size, sessions, few) for few in FEW if few < size]
    return sorted(result, key=lambda task: (task.scenario != CHANNELS, task.few == 0))


def run(todo: Sequence[Task], engine: str = "processes") -> list[Row]:
    """All rows, in the order of the tasks whatever the engine. Progress goes to stderr."""
    from tqdm import tqdm

    with executor(engine, len(todo)) as workers:
        place: dict[Future[list[Row]], int] = {workers.submit(judged, task): k for k, task in enumerate(todo)}
        done: dict[int, list[Row]] = {}
        for future in tqdm(
            as_completed(place), total=len(todo), desc="benchmark", unit="programme", disable=None
        ):
            done[place[future]] = future.result()
    return [row for k in range(len(todo)) for row in done[k]]


@contextmanager
def executor(engine: str, most: int) -> Iterator[Executor]:
    """Workers by name. InputError where the engine is not installed."""
    if engine == "none":
        yield Inline()
    elif engine == "dask":
        with _dask(most) as workers:
            yield workers
    else:
        fresh = get_context("spawn")
        with ProcessPoolExecutor(min(_cores(), most), mp_context=fresh) as workers:
            yield workers


class Inline(Executor):
    """Each task at once, in this process."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


@contextmanager
def _dask(most: int) -> Iterator[Executor]:
    try:
        from distributed import Client, LocalCluster
    except ModuleNotFoundError:
        raise InputError(
            f"dask, which is not installed; {how_to_install('dask')}",
            column="--executor",
            found="dask",
        ) from None
    size = {"n_workers": min(_cores(), most), "threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(**size) as cluster, Client(cluster) as client:
        yield client.get_executor()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def judged(task: Task) -> list[Row]:
    """Simulate one programme and let every detector speak about it."""
    case, rng = _case(task)
    if task.few:
        return list(_with_few(task, case, rng))
    said = {
        name: detector.speak(case) for name, detector in DETECTORS.items() if detector.has_its_channels(case)
    }
    rows = [row for name, output in said.items() for row in judge(case, task.label, task.seed, name, output)]
    return [*rows, *(_beside_the_drop(task, case, said, who) for who in (TRACKER, REFERENCE))]


def _case(task: Task) -> tuple[Case, np.random.Generator]:
    """The same draws for a scenario and a seed, whichever others are run and wherever."""
    sequence = np.random.SeedSequence(entropy=task.seed, spawn_key=(crc32(task.scenario.encode()),))
    drawn, training, subsets = sequence.spawn(3)
    scenario = with_channel_strength(SCENARIOS[task.scenario], task.strength)
    seeds = [int(child.generate_state(1)[0]) for child in (drawn, training)]
    clients = max(1, round(task.relationships / _relationships_each(scenario)))
    return draw(scenario, clients, task.sessions, *seeds), np.random.default_rng(subsets)


def _relationships_each(scenario: Scenario) -> float:
    return sum(role.share for role in scenario.parameters.schedule.roles)


def _beside_the_drop(task: Task, case: Case, said: dict[str, DetectorOutput], who: str) -> Row:
    statistic = said[who].alarm
    rank = measures.untied(statistic, np.random.default_rng([case.seed, 1]))
    share = recall_at(case, said[DROP], RATES[BENCH])
    value = measures.false_alarms_to_find(rank, case.calm, case.episodes, share)
    return Row(task.label, task.seed, who, "all", AT_THE_DROPS, BENCH, value)


def _with_few(task: Task, case: Case, rng: np.random.Generator) -> Iterator[Row]:
    """Values learned from a few relationships, applied to all. Here `seed` counts the draws of the few."""
    best = recall_at(case, DETECTORS[REFERENCE].speak(case))
    for draw_number in range(FEW[task.few]):
        said = learned_from(case, task.few, rng)
        recall = recall_at(case, said)
        for measure, at, value in (
            ("AUC", "", auc_of(case, said)),
            ("found", BENCH, recall),
            (AGAINST_REFERENCE, BENCH, recall / best),
            ("converged", "", float(said.converged)),
        ):
            yield Row(task.label, draw_number, f"{TRACKER}-{task.few}", "all", measure, at, value)
