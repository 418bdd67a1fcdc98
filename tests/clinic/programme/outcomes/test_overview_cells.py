"""No cell of the overview is about fewer than ten people, whatever the programme looks like."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

import numpy as np
import pytest

from accord.clinic.models.overview import PEOPLE
from accord.clinic.programme.outcomes.compute import acts, outcome, retention, small_cells
from accord.clinic.programme.outcomes.compute.outcome import Pair
from accord.clinic.programme.outcomes.compute.source import GOES_ON, Source, Treatment
from accord.instruments.catalogue import catalogue

AS_OF = date(2026, 3, 1)
ENDS = [GOES_ON, *retention.KINDS]


def _source(rng, people: int, arms: int = 3) -> Source:
    """A programme of so many people, in memory."""
    chance = rng.dirichlet(np.full(len(ENDS), 0.6))
    of_arm = rng.dirichlet(np.ones(arms))
    treatments = {}
    for at in range(people):
        start = AS_OF - timedelta(days=int(rng.integers(30, 500)))
        end = str(rng.choice(ENDS, p=chance))
        stayed = int(rng.integers(0, (AS_OF - start).days + 1))
        last = AS_OF if end == GOES_ON else start + timedelta(days=stayed)
        client = UUID(int=at)
        treatments[client] = Treatment(client, start, last, end, f"arm {rng.choice(arms, p=of_arm)}")
    source = Source(UUID(int=0), AS_OF)
    source.__dict__["treatments"] = treatments
    return source


def _happened(rng, source):
    share, result = rng.random(), {}
    for client, cell in source.treatments.items():
        if rng.random() < share:
            days = rng.integers(0, cell.days + 1, int(rng.integers(1, 5)))
            result[client] = [(cell.start + timedelta(days=int(day)), 1) for day in days]
    return result


SPAN = (AS_OF - timedelta(days=600), AS_OF)


def small_cells_of_retention(source) -> list[str]:
    """What is told of fewer than ten people, looked for in the treatments themselves."""
    result, outcome = retention.figures(source), []
    treatments = list(source.treatments.values())
    for kind, points in result.get("curves", {}).items():
        of = (
            [treatment for treatment in treatments if treatment.end != GOES_ON]
            if kind == "still"
            else _of_kind(kind, result, treatments)
        )
        outcome += [f"{kind} to week {week}: {n}" for week, n in _steps(points, of) if 0 < n < PEOPLE]
        stayed = sum(treatment.days >= 7 * points[-1][0] for treatment in treatments)
        outcome += [f"{kind}: {stayed} at risk"] if stayed < PEOPLE else []
    for name, cell in result.get("arms", {}).items():
        outcome += [f"{name}: {cell['people']}"] if cell["people"] < PEOPLE else []
    everybody = sum(item["people"] for item in result.get("arms", {}).values())
    outcome += [f"{everybody} of {len(treatments)} in arms"] if 0 < everybody != len(treatments) else []
    return outcome


def _of_kind(kind, message, treatments):
    apart = [cell for cell in message["curves"] if cell not in ("still", small_cells.OTHERS)]
    mine = [treatment for treatment in treatments if treatment.end != GOES_ON]
    if kind == "still":
        return mine
    if kind == small_cells.OTHERS:
        return [cell for cell in mine if retention.KINDS[cell.end] not in apart]
    return [cell for cell in mine if retention.KINDS[cell.end] == kind]


def _steps(points, of):
    for (before, *_), (week, *_) in pairwise(points):
        since = -1 if before == 0 else 7 * before
        yield week, sum(since < cell.days <= 7 * week for cell in of)


def small_cells_of_acts(source, happened) -> list[str]:
    result = acts._kind_figures(source, happened, SPAN)
    every = [*result["periods"], *result["arms"].values()]
    outcome = [f"{cell['people']} people" for cell in every if cell["people"] < PEOPLE]
    outcome += [f"{cell['with']} with" for cell in every if 0 < cell["with"] < PEOPLE]
    outcome += [
        f"{cell['people'] - cell['with']} without" for cell in every if cell["people"] - cell["with"] < 10
    ]
    if result["arms"] and sum(cell["people"] for cell in result["arms"].values()) != len(source.treatments):
        outcome.append("somebody is in no arm")
    return outcome


def small_cells_of_outcome(rng, source) -> list[str]:
    instrument = catalogue()["bsl-23"]
    shift = rng.normal(0, 1.2)
    pairs = [
        Pair(client, 2.0, float(np.clip(2.0 + shift + rng.normal(0, 0.9), 0, 4)), str(rng.choice(["a", "b"])))
        for client in source.treatments
        if rng.random() < 0.8
    ]
    if not small_cells.is_large_enough(len(pairs)):
        return []
    result = outcome._instrument_figures(instrument, pairs, source)
    counts = [share[0] * len(pairs) for share in result["shares"].values()]
    values = [f"{n} changed so" for n in counts if 0.5 < n < 9.4]
    values += [f"{len(pairs) - n} did not" for n in counts if len(counts) == 1 and len(pairs) - n < 9.4]
    for group in (result["arms"], result["modes"]):
        values += [f"group of {cell['people']}" for cell in group.values() if cell["people"] < PEOPLE]
        worse = [cell["worse"][0] * cell["people"] for cell in group.values() if cell["worse"]]
        values += [f"{n} worse in a group" for n in worse if 0.5 < n < 9.4]
    return values


def _search(tries=150) -> list[str]:
    result = []
    for seed in range(tries):
        rng = np.random.default_rng(seed)
        source = _source(rng, int(rng.integers(1, 120)))
        result += small_cells_of_retention(source) if source.treatments else []
        result += small_cells_of_acts(source, _happened(rng, source))
        result += small_cells_of_outcome(rng, source)
    return result


def test_in_no_programme_is_a_cell_of_fewer_than_ten_people_told():
    assert _search() == []


@pytest.mark.parametrize("fault", ["may_show_share", "is_large_enough", "merge_small_groups", "points"])
def test_a_rule_that_is_gone_is_noticed(monkeypatch, fault):
    if fault == "points":
        monkeypatch.setattr(retention, "_points", lambda ended, grid: list(range(len(grid))))
    elif fault == "merge_small_groups":
        monkeypatch.setattr(small_cells, "merge_small_groups", dict)
    else:
        monkeypatch.setattr(small_cells, fault, lambda *counts: True)
    assert _search(40) != []


def test_groups_that_are_too_small_go_together_with_the_next_smallest():
    groups = {"a": frozenset(range(30)), "b": frozenset(range(30, 42)), "c": frozenset(range(42, 45))}
    assert {name: len(cell) for name, cell in small_cells.merge_small_groups(groups).items()} == {
        "a": 30,
        "others": 15,
    }
    assert small_cells.merge_small_groups({"a": frozenset(range(30)), "c": frozenset(range(42, 45))}) == {}
    assert small_cells.merge_small_counts({"left": 28, "died": 2}) == {"others": 30}
    assert small_cells.merge_small_counts({"left": 28, "planned": 9, "died": 2}) == {"left": 28, "others": 11}
    assert small_cells.merge_small_counts({"left": 28}) == {"left": 28}
    assert small_cells.merge_small_counts({"left": 4, "died": 2}) == {}


def test_a_share_needs_ten_people_on_either_side_unless_it_is_nobody():
    assert small_cells.may_show_share(10, 10)
    assert small_cells.may_show_share(0, 10)
    assert not small_cells.may_show_share(9, 40)
    assert not small_cells.may_show_share(40, 9)
    assert not small_cells.may_show_share(40, 0)


def test_retention_of_a_programme_one_can_count():
    """40 people for 400 days: 12 left after 50 days, 10 ended as planned after 300, 18 are still here."""
    source, start = Source(UUID(int=0), AS_OF), AS_OF - timedelta(days=400)
    ends = [("left", 50)] * 12 + [("completed", 300)] * 10 + [(GOES_ON, 400)] * 18
    source.__dict__["treatments"] = {
        UUID(int=at): Treatment(UUID(int=at), start, start + timedelta(days=days), end, "dbt")
        for at, (end, days) in enumerate(ends)
    }
    figures = retention.figures(source)
    curves = {kind: [point[:2] for point in points] for kind, points in figures["curves"].items()}
    assert curves == {
        "still": [[0, 100], [8, 70], [44, 45], [56, 45]],
        "left": [[0, 0], [8, 30], [56, 30]],
        "planned": [[0, 0], [44, 25], [56, 25]],
    }
    assert figures["half"] == 44


def test_self_injury_of_a_programme_one_can_count():
    """20 people for six months of 30 days each: ten hurt themselves three times early on, ten never."""
    source, start = Source(UUID(int=0), AS_OF), AS_OF - timedelta(days=180)
    source.__dict__["treatments"] = {
        UUID(int=at): Treatment(UUID(int=at), start, AS_OF, GOES_ON, "dbt") for at in range(20)
    }
    happened = {
        UUID(int=at): [(start + timedelta(days=5), 2), (start + timedelta(days=9), 1)] for at in range(10)
    }
    result = acts._kind_figures(source, happened, SPAN)["periods"]
    assert [(cell["from"], cell["to"], cell["people"], cell["with"]) for cell in result] == [
        (0, 3, 20, 10),
        (3, None, 20, 0),
    ]
    assert result[0]["rate"][0] == pytest.approx(30 / (20 * 91 / (365.25 / 12)), abs=1e-3)
    assert result[1]["rate"][:2] == [0, 0]


def test_days_before_and_after_the_record_of_events_are_not_counted_as_days_without():
    source, start = Source(UUID(int=0), AS_OF), AS_OF - timedelta(days=180)
    source.__dict__["treatments"] = {
        UUID(int=at): Treatment(UUID(int=at), start, AS_OF, GOES_ON, "dbt") for at in range(30)
    }
    span = (start + timedelta(days=100), start + timedelta(days=129))
    happened = {UUID(int=at): [(start + timedelta(days=110), 1)] for at in range(15)}
    (result,) = acts._kind_figures(source, happened, span)["periods"]
    assert result["rate"][0] == pytest.approx(15 / (30 * 30 / (365.25 / 12)), abs=1e-3)
