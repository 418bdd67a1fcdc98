"""The summary in sentences: findings, and what these data can and cannot show."""

from __future__ import annotations

import math

from accord.study.models.analyses import Results
from accord.study.models.answers import Answer
from accord.study.models.answers import with_numbers as sure
from accord.study.models.power import Budget, DetectableEffect
from accord.study.models.question import Kind
from accord.study.models.study_panel import FEWEST_CLINICIANS
from accord.study.report.markup import NOTHING, opening, ratio, signed
from accord.study.report.phrases import Translate, outcome_name, rater_name, short_rater

MOST_FINDINGS = 6
FEW_PERIODS = 5


def in_short(results: Results, translate: Translate = str) -> list[str]:
    """A few sentences for a reader who reads nothing else."""
    _ = translate
    power = results.power
    counts = {
        "n": power.looked,
        "below": power.below,
        "chance": f"{power.by_chance:.0f}",
        "holm": power.after_holm,
    }
    if not power.looked:
        return [_("These data allow none of the models; the reasons stand with each outcome.")]
    looked = _(
        "%(n)s associations were looked at. p is below .05 in %(below)s of them, where it would be in about "
        "%(chance)s if there were none at all; and in %(holm)s once all looks are counted (Holm)."
    )
    return [looked % counts, *(finding(answer, results, _) for answer in findings(results))]


def findings(results: Results) -> list[Answer]:
    """Answers that hold after correction for all tests, the clearest first."""
    confirmed = [answer for answer in results.answers if answer.holm is not None and answer.holm < 0.05]
    return sorted(
        confirmed, key=lambda answer: (answer.holm or 0.0, answer.numbers.p if answer.numbers else 1.0)
    )[:MOST_FINDINGS]


def finding(answer: Answer, results: Results, translate: Translate = str) -> str:
    _ = translate
    question = answer.question
    values = {
        "outcome": outcome_name(question.outcome, results.frame.outcome, _),
        "facet": question.facet,
        "rater": rater_name(question.rater, _),
        "arm": answer.arm,
        "size": _size(answer),
        "how": {Kind.COUNT: _("times as frequent"), Kind.SCORE: _("points")}.get(
            question.outcome.kind, _("times as likely")
        ),
    }
    if answer.term == "within":
        sentence = _(
            "%(facet)s, %(rater)s, 1 SD above a person's own usual: %(outcome)s %(size)s %(how)s in the "
            "period after it"
        )
    else:
        sentence = _("%(facet)s, %(rater)s, 1 SD higher than other people's: %(outcome)s %(size)s %(how)s")
    whole = sentence % values
    return f"{opening(whole)}{f' ({answer.arm})' if answer.arm else ''}."


def _size(answer: Answer) -> str:
    numbers = sure(answer.numbers)
    if answer.question.outcome.kind is Kind.SCORE:
        return f"{_plus(numbers.estimate)} ({_plus(numbers.low)} to {_plus(numbers.high)})"
    return ratio(numbers.ratio)


def _plus(value: float) -> str:
    rounded = signed(value)
    return rounded if rounded.startswith("−") or float(rounded) == 0 else f"+{rounded}"


def can_say(results: Results, translate: Translate = str) -> list[str]:
    """Sentences on the limits of the data, each with its figure."""
    _ = translate
    power = results.power
    sentences = [
        _arms(power.arms, _),
        _("Everything reported here is association. %(why)s")
        % {
            "why": _(
                "Nobody was assigned to an alliance: what lifts the alliance may lift the outcome, and the "
                "outcome may lift the next rating."
            )
        },
    ]
    if power.left_out:
        sentences.append(_("People of arms with fewer than ten are not in the numbers."))
    sentences += [_budget(budget, results, _) for budget in power.budgets]
    if power.clinicians < FEWEST_CLINICIANS:
        sentences.append(
            _(
                "Fewer than five clinicians: what differs between clinicians is in no model and cannot be "
                "reported."
            )
        )
    else:
        sentences.append(
            _("%(n)s clinicians: what differs between them rests on so many, not on the number of clients.")
            % {"n": power.clinicians}
        )
    return [*sentences, *_periods(results, _)]


def _arms(arms: int, _: Translate) -> str:
    if arms > 1:
        return _(
            "%(n)s arms are compared by what goes with what in each. Unless people were assigned to them by "
            "chance, arms differ in more than the treatment."
        ) % {"n": arms}
    return _("One programme has one arm: it can describe what goes with what here. It cannot repeat a trial.")


def _budget(budget: Budget, results: Results, _: Translate) -> str:
    values = {
        "outcome": outcome_name(budget.outcome, results.frame.outcome, _),
        "events": budget.events,
        "allowed": budget.allowed,
    }
    if budget.events is None:
        return opening(
            _("%(outcome)s: fewer than ten people had this, so no model of it is reported.") % values
        )
    if budget.allowed == 1:
        sentence = _("%(outcome)s: %(events)s events allow 1 predictor (ten events for each).") % values
    else:
        sentence = (
            _("%(outcome)s: %(events)s events allow %(allowed)s predictors (ten events for each).") % values
        )
    return opening(sentence)


def _periods(results: Results, _: Translate) -> list[str]:
    longest = max((mean.period + 1 for alliance in results.alliances for mean in alliance.course), default=0)
    if longest >= FEW_PERIODS:
        return []
    return [
        _(
            "%(n)s periods at most: a person's own usual rests on so few that within and between are hard "
            "to tell apart."
        )
        % {"n": longest}
    ]


def smallest(results: Results, translate: Translate = str) -> list[tuple[str, ...]]:
    """Rows (outcome, rater, arm, within, between): the effect detectable four times in five."""
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    for effect in results.power.detectable:
        name = outcome_name(effect.outcome, results.frame.outcome, translate)
        key = (name, short_rater(effect.rater, translate), effect.arm)
        rows.setdefault(key, {})[effect.term] = _limit(effect)
    return [
        (*key, limits.get("within", NOTHING), limits.get("between", NOTHING)) for key, limits in rows.items()
    ]


def _limit(effect: DetectableEffect) -> str:
    size = min(effect.size, 50.0)
    return f"{math.exp(-size):.2f} / {math.exp(size):.2f}" if effect.ratio else f"±{effect.size:.2f}"
