"""All analyses of a study, fixed before any result is seen, and their results."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from accord.study.models import descriptives
from accord.study.models.answers import Answer, adjusted, answers
from accord.study.models.canonical_order import ordered
from accord.study.models.contributions import SHOWN, Contributions, contributions
from accord.study.models.mediation import Mediation, mediation
from accord.study.models.multiverse import Multiverse, multiverse
from accord.study.models.power import Power, study_power
from accord.study.models.question import Kind, Outcome, asked
from accord.study.models.repair import AfterRupture, after_rupture
from accord.study.models.sensitivity import Curve, curves
from accord.study.models.study_panel import FrameLike, Panel
from accord.study.models.variance import Raters, Shares, raters, shares
from accord.study.models.zeros import AdjacentModel, side_by_side
from accord.study.release import counts
from accord.study.release.counts import Count

WHOLE = "alliance"  # the facet that is the whole score

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True, eq=False)
class Results:
    """The contents of a report. `main` is the facet of the closer analyses."""

    frame: FrameLike
    main: str
    arms: tuple[descriptives.Arm, ...]
    outcomes: tuple[descriptives.OutcomeCounts, ...]
    alliances: tuple[descriptives.Alliance, ...]
    answers: tuple[Answer, ...]
    beside: tuple[AdjacentModel, ...]
    multiverses: tuple[Multiverse, ...]
    curves: tuple[Curve, ...]
    mediations: tuple[Mediation, ...]
    shares: tuple[Shares, ...]
    raters: tuple[Raters, ...]
    contributions: tuple[Contributions, ...]
    ruptures: tuple[AfterRupture, ...]
    power: Power
    seconds: float

    def people(self, some: int) -> Count:
        """Number of people behind a number, as it may be published."""
        whole = self.power.people - self.power.left_out
        return counts.people(some, whole, self.frame.plan.minimum_cell)


def run_analyses(frame: FrameLike, *, tell: Tell = lambda _: None) -> Results:
    """Run every analysis. The same frame and seed give the same results; `tell` is called with each step."""
    began = time.perf_counter()
    panel = Panel(ordered(frame))
    seed = frame.plan.seed
    main = WHOLE if WHOLE in frame.facets else frame.facets[0]
    pairs = [(facet, rater) for facet in frame.facets for rater in frame.raters]
    asked_of = panel.outcomes()
    tell("associations")
    fitted = adjusted(
        [
            answer
            for outcome in asked_of
            for facet, rater in pairs
            for answer in answers(panel, asked(outcome, facet, rater))
        ]
    )
    closer = _closer(panel, asked_of, main, seed, tell)
    tell("variance components")
    return Results(
        frame,
        main,
        tuple(descriptives.arms(panel)),
        tuple(descriptives.outcomes(panel)),
        tuple(descriptives.alliances(panel)),
        tuple(fitted),
        *closer,
        tuple(shares(panel, facet, rater, seed if facet == main else None) for facet, rater in pairs),
        tuple(raters(panel, facet, seed) for facet in frame.facets),
        tuple(
            contributions(panel, asked(answer, main, rater))
            for answer in asked_of
            if answer.kind in SHOWN
            for rater in frame.raters
        ),
        tuple(after_rupture(panel, answer) for answer in asked_of if answer.kind is not Kind.EVENT),
        study_power(panel, fitted, main),
        time.perf_counter() - began,
    )


_Closer = tuple[tuple[AdjacentModel, ...], tuple[Multiverse, ...], tuple[Curve, ...], tuple[Mediation, ...]]


def _closer(panel: Panel, asked_of: tuple[Outcome, ...], main: str, seed: int, tell: Tell) -> _Closer:
    """The analyses of the main facet only."""
    raters_ = panel.frame.raters
    there = [outcome for outcome in asked_of if panel.has(outcome.column)]
    score = [outcome for outcome in there if outcome.kind is Kind.SCORE]
    counted = [outcome for outcome in there if outcome.kind is Kind.COUNT]
    tell("counts with many zeros")
    beside = [
        model
        for outcome in counted
        for rater in raters_
        for model in side_by_side(panel, asked(outcome, main, rater))
    ]
    tell("other reasonable choices")
    many = [
        curve for outcome in there for rater in raters_ for curve in multiverse(panel, outcome, main, rater)
    ]
    tell("outcomes that are missing")
    moved = [
        curve for outcome in score for rater in raters_ for curve in curves(panel, outcome, main, rater, seed)
    ]
    tell("skills in between")
    through = [
        mediation(panel, outcome, main, rater, seed)
        for outcome in (*score, *counted)
        if outcome.kind is Kind.SCORE or outcome.column == "self_injury"
        for rater in raters_
    ]
    return tuple(beside), tuple(many), tuple(moved), tuple(through)
