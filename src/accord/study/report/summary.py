"""What came out, in sentences: findings, and what these data can and cannot say."""

from __future__ import annotations

import math

from accord.study.models.analyses import Results
from accord.study.models.answers import Answer
from accord.study.models.answers import told as sure
from accord.study.models.power import Budget, Smallest
from accord.study.models.question import Kind
from accord.study.models.study_panel import FEWEST_CLINICIANS
from accord.study.report.markup import NOTHING, opening, ratio, signed
from accord.study.report.phrases import Translate, outcome_name, rater_name, short_rater

MOST_FINDINGS = 6
FEW_PERIODS = 5


def in_short(results: Results, translate: Translate = str) -> list[str]:
    """The few sentences somebody reads who reads nothing else."""
    _ = translate
    honest = results.honesty
    counts = {
        "n": honest.looked,
        "below": honest.below,
        "chance": f"{honest.by_chance:.0f}",
        "holm": honest.after_holm,
    }
    if not honest.looked:
        return [_("These data allow none of the models; the reasons stand with each outcome.")]
    looked = _(
        "%(n)s associations were looked at. p is below .05 in %(below)s of them, where it would be in about "
        "%(chance)s if there were none at all; and in %(holm)s once all looks are counted (Holm)."
    )
    return [looked % counts, *(finding(one, results, _) for one in findings(results))]


def findings(results: Results) -> list[Answer]:
    """Those that stand after all looks were counted, the clearest first."""
    told = [one for one in results.answers if one.holm is not None and one.holm < 0.05]
    return sorted(told, key=lambda one: (one.holm or 0.0, one.numbers.p if one.numbers else 1.0))[
        :MOST_FINDINGS
    ]


def finding(one: Answer, results: Results, translate: Translate = str) -> str:
    _ = translate
    question = one.question
    values = {
        "outcome": outcome_name(question.outcome, results.frame.outcome, _),
        "facet": question.facet,
        "rater": rater_name(question.rater, _),
        "arm": one.arm,
        "size": _size(one),
        "how": {Kind.COUNT: _("times as frequent"), Kind.SCORE: _("points")}.get(
            question.outcome.kind, _("times as likely")
        ),
    }
    if one.term == "within":
        told = _(
            "%(facet)s, %(rater)s, 1 SD above a person's own usual: %(outcome)s %(size)s %(how)s in the "
            "period after it"
        )
    else:
        told = _("%(facet)s, %(rater)s, 1 SD higher than other people's: %(outcome)s %(size)s %(how)s")
    whole = told % values
    return f"{opening(whole)}{f' ({one.arm})' if one.arm else ''}."


def _size(one: Answer) -> str:
    numbers = sure(one.numbers)
    if one.question.outcome.kind is Kind.SCORE:
        return f"{_plus(numbers.estimate)} ({_plus(numbers.low)} to {_plus(numbers.high)})"
    return ratio(numbers.ratio)


def _plus(value: float) -> str:
    told = signed(value)
    return told if told.startswith("−") or float(told) == 0 else f"+{told}"


def can_say(results: Results, translate: Translate = str) -> list[str]:
    """The limits, each with its figure."""
    _ = translate
    honest = results.honesty
    told = [
        _arms(honest.arms, _),
        _("Whatever is told here is association. %(why)s")
        % {
            "why": _(
                "Nobody was assigned to an alliance: what lifts the alliance may lift the outcome, and the "
                "outcome may lift the next rating."
            )
        },
    ]
    if honest.left_out:
        told.append(_("People of arms with fewer than ten are not in the numbers."))
    told += [_budget(one, results, _) for one in honest.budgets]
    if honest.clinicians < FEWEST_CLINICIANS:
        told.append(
            _(
                "Fewer than five clinicians: what differs between clinicians is in no model and cannot be "
                "told."
            )
        )
    else:
        told.append(
            _("%(n)s clinicians: what differs between them rests on so many, not on the number of clients.")
            % {"n": honest.clinicians}
        )
    return [*told, *_periods(results, _)]


def _arms(arms: int, _: Translate) -> str:
    if arms > 1:
        return _(
            "%(n)s arms are compared by what goes with what in each. Unless people were assigned to them by "
            "chance, arms differ in more than the treatment."
        ) % {"n": arms}
    return _("One programme has one arm: it can describe what goes with what here. It cannot repeat a trial.")


def _budget(one: Budget, results: Results, _: Translate) -> str:
    values = {
        "outcome": outcome_name(one.outcome, results.frame.outcome, _),
        "events": one.events,
        "allowed": one.allowed,
    }
    if one.events is None:
        return opening(_("%(outcome)s: fewer than ten people had this, so no model of it is told.") % values)
    if one.allowed == 1:
        told = _("%(outcome)s: %(events)s events allow 1 predictor (ten events for each).") % values
    else:
        told = (
            _("%(outcome)s: %(events)s events allow %(allowed)s predictors (ten events for each).") % values
        )
    return opening(told)


def _periods(results: Results, _: Translate) -> list[str]:
    longest = max((mean.period + 1 for one in results.alliances for mean in one.course), default=0)
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
    """Rows (outcome, rater, arm, within, between): what could have been found four times in five."""
    rows: dict[tuple[str, ...], dict[str, str]] = {}
    for one in results.honesty.smallest:
        name = outcome_name(one.outcome, results.frame.outcome, translate)
        key = (name, short_rater(one.rater, translate), one.arm)
        rows.setdefault(key, {})[one.term] = _limit(one)
    return [(*key, told.get("within", NOTHING), told.get("between", NOTHING)) for key, told in rows.items()]


def _limit(one: Smallest) -> str:
    size = min(one.size, 50.0)
    return f"{math.exp(-size):.2f} / {math.exp(size):.2f}" if one.ratio else f"±{one.size:.2f}"
