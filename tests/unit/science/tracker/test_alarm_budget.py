"""The line from a budget of false flags: the budget holds in simulated programmes, over all relationships."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from accord.instruments.catalogue import catalogue
from accord.records.ratings import STATES, Rater, State
from accord.science.tracker.alarm_budget import MOST, RAREST, WEEKS, alarm_rate, flags_per_week
from accord.science.tracker.assess import assess_all, learn
from accord.simulator.generate import simulate

OPEN = STATES.index(State.RUPTURE)


@pytest.mark.parametrize(
    ("rhythm", "rate"),
    [
        ([1.0], 1 / 8),  # one false flag in eight weekly sessions
        ([1.0, 1.0], 1 / 16),
        ([5.0, 5.0, 10.0], 1 / 160),
        ([0.25], MOST),  # a contact a month: a line that half of the calm sessions pass would say nothing
        ([2000.0], RAREST),
        ([], MOST),
    ],
)
def test_the_rate_follows_from_all_contacts_of_a_client(rhythm, rate):
    assert alarm_rate(WEEKS, rhythm) == pytest.approx(rate)


def test_between_the_ends_a_client_costs_one_flag_in_the_weeks_of_the_budget_however_often_they_meet():
    for rhythm in ([1.0], [1.0, 2.0], [7.0, 7.0, 3.0]):
        assert flags_per_week(WEEKS, rhythm) == pytest.approx(1 / WEEKS)


def _subset(ratings, mask):
    columns = ("client", "clinician", "session", "day", "rater", "instrument", "score", "line")
    changed = {name: getattr(ratings, name)[mask] for name in columns}
    return replace(ratings, **changed, items=None if ratings.items is None else ratings.items[mask])


@cache
def _programme(scenario: str, clients: int):
    made = simulate(scenario, instruments=catalogue(), clients=clients, seed=5)
    followed = catalogue()[made.scenario.instrument.casefold()]
    return made, followed, learn(made.ratings, followed)


def _false_flags(scenario: str, clients: int, rate=None):
    """False flags (clients,), opened by the line at a calm session, and weeks in treatment (clients,)."""
    made, followed, values = _programme(scenario, clients)
    truth, flags, weeks = made.truth, [], []
    calm = {
        key: not (rupture or depth)
        for *key_, rupture, depth in zip(
            truth.client.tolist(), truth.clinician.tolist(), truth.session.tolist(),
            truth.in_rupture.tolist(), truth.depth.tolist(), strict=True,
        )
        for key in [tuple(key_)]
    }  # fmt: skip
    for client in range(len(made.ratings.clients)):
        mine = truth.client == client
        span = (int(truth.day[mine].max()) - int(truth.day[mine].min())) / 7 + 1 / 7
        rhythm = [n / span for n in np.unique(truth.clinician[mine], return_counts=True)[1].tolist()]
        result = assess_all(
            _subset(made.ratings, made.ratings.client == client), followed, values,
            rater=Rater.CLIENT, alarm_rate=rate or alarm_rate(WEEKS, rhythm),
        )  # fmt: skip
        flags.append(sum(calm[key] for key in _opened(result, client)))
        weeks.append(span)
    return np.array(flags), np.array(weeks)


def _opened(result, client):
    """(client, clinician, session) of each session at which a flag was opened by the line."""
    inside: dict[int, bool] = defaultdict(bool)
    for clinician, session, state in zip(
        result.clinician.tolist(), result.session.tolist(), result.state.tolist(), strict=True
    ):
        if state == OPEN and not inside[clinician]:
            yield client, clinician, session
        inside[clinician] = state == OPEN


def _per_budget(flags, weeks):
    """False flags of one client in the weeks of the budget, and their Monte Carlo error (by clients)."""
    rate = flags.sum() / weeks.sum()
    error = np.std(flags - rate * weeks, ddof=1) * np.sqrt(len(flags)) / weeks.sum()
    return WEEKS * rate, WEEKS * error


@pytest.mark.parametrize(("scenario", "clients"), [("residential", 120), ("programme", 60), ("null", 60)])
def test_the_budget_holds_over_all_relationships_of_a_client(scenario, clients):
    flags, error = _per_budget(*_false_flags(scenario, clients))
    print(f"{scenario}: {flags:.2f} false flags in {WEEKS} weeks, Monte Carlo error {error:.2f}")
    assert error < 0.15
    assert flags < 1 + 2 * error
    assert flags > 0.3  # and the line is no wall


def test_in_residence_the_share_of_the_command_line_would_break_the_budget():
    flags, error = _per_budget(*_false_flags("residential", 120, rate=0.03))
    print(f"residential at 3 % of sessions: {flags:.2f}, Monte Carlo error {error:.2f}")
    assert flags > 1 + 2 * error
