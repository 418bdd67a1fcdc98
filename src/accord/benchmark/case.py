"""One simulated programme: the ratings that a detector sees, and the truth that it does not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from accord.arrays import Bools, Floats, Ints
from accord.instruments.catalogue import catalogue
from accord.records.ratings import Instrument, Ratings
from accord.science.criteria.channels import pool_channels
from accord.science.criteria.pooled import Pooled, pool
from accord.science.drop_channels import take_rows
from accord.science.measures import Episodes, episodes
from accord.science.tracker import assess
from accord.science.tracker.channels import ATTENDANCE, channel_columns, to_unit
from accord.science.tracker.learning import NotConverged
from accord.science.tracker.panel import Panel, lay_out
from accord.science.tracker.population import Population
from accord.simulator.generate import simulate
from accord.simulator.scenarios import Scenario
from accord.simulator.truth import Truth

TRAINING_CLIENTS = 500  # of the labelled programme from which the logistic rule is learned


@dataclass(frozen=True, eq=False)
class Case:
    """A programme. `seed` simulates it, `training_seed` a labelled one like it for rules that need labels."""

    scenario: Scenario
    ratings: Ratings
    truth: Truth
    followed: Instrument
    clients: int
    sessions: int | None
    seed: int
    training_seed: int

    @cached_property
    def panel(self) -> Panel:
        """The followed ratings laid out session by session. ValueError unless the truth has the same rows."""
        panel = lay_out(self.ratings, self.followed)
        mine, theirs = (
            np.stack((table.client, table.clinician, table.session)) for table in (panel, self.truth)
        )
        if not np.array_equal(mine, theirs):
            raise ValueError("the truth and the ratings have different sessions")
        return panel

    @cached_property
    def unit(self) -> Floats:
        """The followed ratings, 0 worst and 1 best."""
        return to_unit(self.panel.rating, self.followed)

    @cached_property
    def columns(self) -> Mapping[str, Floats]:
        """Every channel that came at all, the rating among them."""
        return channel_columns(self.ratings, self.panel, self.followed)

    @cached_property
    def training(self) -> Case:
        return draw(
            self.scenario, min(self.clients, TRAINING_CLIENTS), self.sessions, self.training_seed, self.seed
        )

    @cached_property
    def learned(self) -> tuple[Population, bool]:
        """Values learned from the case's own ratings, and whether the search converged."""
        return learn(self, self.ratings)

    @cached_property
    def pooled(self) -> Pooled:
        """The ratings' spread in this programme, for rules without a model."""
        return pool(self.panel, self.unit)

    @cached_property
    def pooled_channels(self) -> Mapping[str, Pooled]:
        return pool_channels(self.columns, self.panel)

    @cached_property
    def in_rupture(self) -> Bools:
        return self.truth.in_rupture.astype(bool)

    @cached_property
    def calm(self) -> Bools:
        """Outside of ruptures, and back on the own course."""
        calm: Bools = ~self.in_rupture & (self.truth.depth == 0)
        return calm

    @cached_property
    def missed(self) -> Bools:
        """Contacts recorded as missed."""
        return self.columns[ATTENDANCE] == 0 if ATTENDANCE in self.columns else np.zeros(len(self.unit), bool)

    @cached_property
    def episodes(self) -> Episodes:
        return episodes(self.truth.onset.astype(bool), self.in_rupture, self.relationship)

    @property
    def relationship(self) -> Ints:
        return self.panel.relationship

    @property
    def several(self) -> bool:
        """Something beside the rating is recorded."""
        return len(self.columns) > 1


def draw(scenario: Scenario, clients: int, sessions: int | None, seed: int, training_seed: int) -> Case:
    """Simulate a programme."""
    known = catalogue()
    made = simulate(scenario, instruments=known, clients=clients, sessions=sessions, seed=seed)
    followed = known[scenario.instrument.casefold()]
    return Case(scenario, made.ratings, made.truth, followed, clients, sessions, seed, training_seed)


def learn(case: Case, ratings: Ratings) -> tuple[Population, bool]:
    """Values learned from some of a case's ratings, and whether the search converged."""
    try:
        return assess.learn(ratings, case.followed, seed=case.seed), True
    except NotConverged as stopped:
        return stopped.population, False


def relationships(case: Case, count: int, rng: np.random.Generator) -> Ratings:
    """The ratings of so many relationships, drawn without replacement."""
    pairs = [
        table.client.astype(np.int64) * len(case.ratings.clinicians) + table.clinician
        for table in (case.panel, case.ratings)
    ]
    everyone = np.unique(pairs[0])
    drawn = rng.choice(everyone, min(count, len(everyone)), replace=False)
    return take_rows(case.ratings, np.isin(pairs[1], drawn))
