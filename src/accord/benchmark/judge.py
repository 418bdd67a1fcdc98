"""Measures of a detector's output, as rows. One row, one number: easy to average, filter and read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from accord.arrays import Bools, Floats
from accord.benchmark.case import Case
from accord.benchmark.tracker import DetectorOutput
from accord.science import measures as m
from accord.science.tracker.channels import ATTENDANCE

RATES = {"1 %": 0.01, "3 %": 0.03, "5 %": 0.05}
BENCH, OWN = "3 %", "own"
ALL = "all"
OUTPATIENT_HORIZON, RESIDENTIAL_HORIZON = 28, 7  # days before leaving
MISSES_IN_A_ROW = 2  # contacts of one relationship
IN_A_RUN, IN_NO_RUN = "in a run of misses", "in no run of misses"
WARM_UP = 4  # sessions
TOP_SHARE = 0.5  # of ratings at the upper end: mostly there
LITTLE_MISSING, MUCH_MISSING = 0.1, 0.2
SHALLOW, DEEP = 4 / 3, 5 / 3  # within-SD


class Row(NamedTuple):
    """`at`: false alarms per calm session ("1 %", "3 %", "5 %"), "own" line, or "" where no line is drawn."""

    scenario: str
    seed: int
    detector: str
    part: str
    measure: str
    at: str
    value: float


class _AlarmOutcomes(NamedTuple):
    """A detector's alarms at one line."""

    alarm: Bools
    delay: Floats
    at: str


def judge(case: Case, label: str, seed: int, detector: str, said: DetectorOutput) -> Iterator[Row]:
    """All measures of what a detector said about a case; `label` names the case in the rows."""

    def row(measure: str, value: float, at: str = "", part: str = ALL) -> Row:
        return Row(label, seed, detector, part, measure, at, value)

    rng = np.random.default_rng([case.seed, 1])
    rank = m.untied(said.alarm, rng)
    for at, rate in RATES.items():
        judged = _outcomes(case, m.alarms(rank, m.line_for(rank, case.calm, rate)), at)
        yield from (row(name, value, at) for name, value in _at_line(case, judged))
        if at == BENCH:
            yield from (row(name, value, at, part) for part, name, value in _by_part(case, judged))
            yield from (row(name, value, at, part) for part, name, value in _leaving(case, judged.alarm))
    if said.own_line is not None:
        judged = _outcomes(case, m.alarms(said.alarm, said.own_line), OWN)
        yield from (row(name, value, OWN) for name, value in _at_line(case, judged))
        speaks = case.calm & ~np.isnan(said.alarm)
        yield row("false alarms where it speaks", m.false_alarms(judged.alarm, speaks), OWN)
    yield from (row(name, value, part=part) for part, name, value in _of_state(case, said))
    yield row("converged", float(said.converged))


def recall_at(case: Case, said: DetectorOutput, rate: float = RATES[BENCH]) -> float:
    """Share of ruptures found at a matched rate of false alarms."""
    rank = m.untied(said.alarm, np.random.default_rng([case.seed, 1]))
    alarm = m.alarms(rank, m.line_for(rank, case.calm, rate))
    return m.share_within(m.delays(alarm, case.episodes), np.finfo(float).max)


def auc_of(case: Case, said: DetectorOutput) -> float:
    """AUC of the state, over the sessions in ruptures and the calm ones of which the detector speaks."""
    known = ~np.isnan(said.state) & (case.calm | case.in_rupture)
    return m.auc(said.state[known], case.in_rupture[known])


def _outcomes(case: Case, alarm: Bools, at: str) -> _AlarmOutcomes:
    return _AlarmOutcomes(alarm, m.delays(alarm, case.episodes), at)


def _at_line(case: Case, judged: _AlarmOutcomes) -> Iterator[tuple[str, float]]:
    alarm, delay, course = judged.alarm, judged.delay, case.relationship
    for sessions in (0, 1, 2):
        yield f"within {sessions}", m.share_within(delay, sessions)
    yield "found", m.share_within(delay, np.finfo(float).max)
    yield "median delay", m.median_delay(delay, case.episodes)
    yield "false alarms", m.false_alarms(alarm, case.calm)
    client, day = case.panel.client.astype(np.int64), case.panel.day
    yield "flags per client-month", m.per_client_month(m.flags(alarm, course), client, day)
    yield "any false in a course", m.any_false(alarm, case.calm, course)
    yield "any false for a client", m.any_false(alarm, case.calm, client)
    yield "run length", m.run_length(alarm, case.calm, course)


def _by_part(case: Case, judged: _AlarmOutcomes) -> Iterator[tuple[str, str, float]]:
    """The same line, in parts of the programme."""
    for part, ruptures, sessions in _parts(case):
        yield part, "ruptures", float(ruptures.sum())
        yield part, "found", m.share_within(judged.delay[ruptures], np.finfo(float).max)
        if sessions is not None:
            yield part, "false alarms", m.false_alarms(judged.alarm, case.calm & sessions)


def _parts(case: Case) -> Iterator[tuple[str, Bools, Bools | None]]:
    """Name, which ruptures, and which sessions where a part has calm ones of its own."""
    start, end = case.episodes
    depth = np.array([case.truth.depth[a:b].max() for a, b in zip(start, end, strict=True)])
    yield "shallow", depth < SHALLOW, None
    yield "middling", (depth >= SHALLOW) & (depth < DEEP), None
    yield "deep", depth >= DEEP, None
    top, missing = _shares(case)
    early = case.panel.session <= WARM_UP
    for part, sessions in (
        (f"first {WARM_UP} sessions", early),
        ("later sessions", ~early),
        ("mostly at the top", top >= TOP_SHARE),
        ("mostly below the top", top < TOP_SHARE),
        ("few forms missing", missing < LITTLE_MISSING),
        ("some forms missing", (missing >= LITTLE_MISSING) & (missing < MUCH_MISSING)),
        ("many forms missing", missing >= MUCH_MISSING),
    ):
        yield part, sessions[start], sessions


def _shares(case: Case) -> tuple[Floats, Floats]:
    """For each session, its relationship's share of ratings at the top and of forms not filled."""
    course, rated = case.relationship, ~np.isnan(case.unit)
    sessions = np.bincount(course)
    ratings = np.bincount(course, rated)
    top = np.bincount(course, case.unit >= 1 - 1e-9) / np.maximum(ratings, 1)
    return top[course], (1 - ratings / sessions)[course]


def _leaving(case: Case, alarm: Bools) -> Iterator[tuple[str, str, float]]:
    """Alarms before the last attended contact; apart for those already in a run of misses by then."""
    client, day = case.panel.client.astype(np.int64), case.panel.day
    gone = np.isin(client, client[case.truth.left.astype(bool)])
    if not gone.any():
        return
    residential = case.scenario.parameters.schedule.stay_days is not None
    horizon = RESIDENTIAL_HORIZON if residential else OUTPATIENT_HORIZON
    last = gone & ~case.missed
    groups = [(ALL, np.ones(len(gone), dtype=bool))]
    if ATTENDANCE in case.columns:
        run = m.missed_in_a_row(case.missed, case.relationship, MISSES_IN_A_ROW)
        in_run = np.isin(client, m.clients_since(run, client, day, last, horizon))
        groups += [(IN_A_RUN, ~gone | in_run), (IN_NO_RUN, ~gone | ~in_run)]
    for part, rows in groups:
        lead = m.lead_to_leaving(alarm[rows], client[rows], day[rows], last[rows], horizon)
        yield part, "leavers", float(lead.leavers)
        yield part, "warned before leaving", lead.warned
        yield part, "days before leaving", lead.days
        yield part, "warned by chance", lead.by_chance


def _of_state(case: Case, said: DetectorOutput) -> Iterator[tuple[str, str, float]]:
    yield ALL, "AUC", auc_of(case, said)
    if not said.probability:
        return
    known = ~np.isnan(said.state) & (case.calm | case.in_rupture)
    probability, state = said.state[known], case.in_rupture[known]
    yield ALL, "Brier", m.brier(probability, state)
    for place, tenth in enumerate(m.calibration(probability, state)):
        part = f"p .{place}-{'1' if place == m.TENTHS - 1 else f'.{place + 1}'}"
        yield part, "sessions", float(tenth.sessions)
        yield part, "predicted", tenth.predicted
        yield part, "observed", tenth.observed
