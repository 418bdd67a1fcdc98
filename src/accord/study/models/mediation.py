"""Association of more alliance than usual with skills, and of skills with the next outcome.

Three periods in a row: the alliance within a person, then the skills used, then the outcome. Skills are taken
as the logarithm of one more than their number in 28 days, as deviation from the person's own mean, so that
both steps are within people (Zhang, Zyphur and Preacher, 2009). It is association in the order of time: what
moves both skills and outcome is not ruled out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from accord.arrays import Floats
from accord.science.multilevel.centring import person_mean
from accord.science.study.indirect_effect import Coefficient, Indirect, indirect
from accord.study.models.answers import Numbers
from accord.study.models.design import WITHIN, earlier, sd_of
from accord.study.models.question import Centring, Kind, Outcome, Question, asked
from accord.study.models.refusals import Note, Refused
from accord.study.models.single_models import SingleModel, single_model
from accord.study.models.study_panel import PERIOD_DAYS, Panel

SKILL = "skill"
DRAWS = 20_000
ALLIANCE, SKILLS = "alliance within", "skills within"


@dataclass(frozen=True, slots=True)
class Mediation:
    """first: alliance to skills; second: skills to outcome; direct: alliance to outcome beside skills;
    through: product of the first two. All None where nothing can be reported, and `notes` says why."""

    question: Question
    first: Numbers | None
    second: Numbers | None
    direct: Numbers | None
    through: Indirect | None
    rows: int
    people: int
    notes: tuple[Note, ...] = ()


def mediation(panel: Panel, outcome: Outcome, facet: str, rater: str, seed: int) -> Mediation:
    question = asked(outcome, facet, rater)
    try:
        return _mediation(panel, question, seed)
    except Refused as refused:
        return Mediation(question, None, None, None, None, 0, 0, (refused.note,))


def _mediation(panel: Panel, question: Question, seed: int) -> Mediation:
    split = panel.alliance(question.facet, question.rater, Centring.AS_PLANNED, lag=1)
    within = split.within / sd_of(WITHIN, split.within)
    skills = person_mean(_skills(panel), panel.person)
    sd_of(SKILL, skills.within)
    first = _first(panel, skills.within + skills.between, within, split.between)
    columns = {
        ALLIANCE: panel.before(within),
        "alliance between": split.between,
        SKILLS: panel.before(skills.within),
        "skills between": skills.between,
        "before": earlier(panel, question.outcome),
    }
    second = single_model(panel, panel.numbers(question.outcome.column), columns, question.outcome.kind)
    a, b = first.numbers(ALLIANCE), second.numbers(SKILLS)
    through = indirect(
        Coefficient(a.estimate, a.error), Coefficient(b.estimate, b.error), draws=DRAWS, seed=seed
    )
    return Mediation(question, a, b, second.numbers(ALLIANCE), through, second.fit.n_, second.people)


def _first(panel: Panel, skills: Floats, within: Floats, between: Floats) -> SingleModel:
    columns = {ALLIANCE: within, "alliance between": between, "before": panel.before(skills)}
    return single_model(panel, skills, columns, Kind.SCORE)


def _skills(panel: Panel) -> Floats:
    days = np.where(panel.days > 0, panel.days, np.nan)
    return np.log1p(panel.numbers(SKILL) / days * PERIOD_DAYS)
